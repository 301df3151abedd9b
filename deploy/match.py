"""`neo match`: the matching engine without the platform, on files of the open format (docs/matching.md)."""

import json
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast, get_args

import typer

from chassis.refusals import Refusal
from chassis.texts import Texts
from deploy.show import Voice

if TYPE_CHECKING:
    from services.matching.engine.certificate import AnyVariant
    from services.matching.engine.flow import SolverName
    from services.matching.engine.openfile.writing import Ordered
    from services.matching.engine.solve import Solution

match_app = typer.Typer(no_args_is_help=True, help="The exact network of a file: solve, check, generate.")
WRONG_FILE, NO_RESULT = 2, 3
# What `check` answers with, apart from 0 for a right solution and 2 for a file that cannot be read.
VERDICT_CODES = {
    "wrong-form": 10,
    "not-allowed": 11,
    "need-twice": 12,
    "pair-twice": 13,
    "over-capacity": 14,
    "pin-missing": 15,
    "wrong-sums": 16,
    "forged": 17,
    "suboptimal": 18,
    "group-broken": 19,
}
_SHOWN = 30


def _voice() -> Voice:
    """The texts of the commands and those of the engine's refusals; on the error stream, for JSON goes out."""
    voice = Voice(to=sys.stderr)
    voice.texts = Texts.load("deploy", "services.matching")
    return voice


def _told(voice: Voice, work: Callable[[], None]) -> None:
    """Do the work; a refusal is one sentence with the place and the mend, never a trace."""
    # The solver holds the interpreter: without this Ctrl-C would wait for it.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    from services.matching.engine.errors import NotProved

    try:
        work()
    except Refusal as refusal:
        voice.trouble(refusal.slug, **refusal.facts)
        if refusal.slug.startswith("matching."):
            voice.trouble("match.facts", facts=json.dumps(refusal.facts, ensure_ascii=False))
        raise typer.Exit(WRONG_FILE) from None
    except NotProved as trouble:
        voice.trouble("match.not-proved", reason=str(trouble))
        raise typer.Exit(NO_RESULT) from None
    except BrokenPipeError:
        raise typer.Exit(NO_RESULT) from None


@match_app.command("solve")
def solve_file(
    file: Annotated[Path, typer.Argument(help="an instance, .json or .json.gz")],
    out: Annotated[
        Path | None, typer.Option("-o", "--out", help="write the solution here instead of printing it")
    ] = None,
    variant: Annotated[str, typer.Option(help="dual-first, coverage-first, score-only, mutual, groups")] = "dual-first",
    dual: Annotated[int | None, typer.Option(min=0, help="exactly so many dual roles, between the two ends")] = None,
    solver: Annotated[str, typer.Option(help="auto, flow (OR-Tools), highs")] = "auto",
    seed: Annotated[int, typer.Option(min=0, help="draws among equally good networks")] = 0,
    explain: Annotated[bool, typer.Option("--explain", help="say why needs stay unmet and what would help")] = False,
) -> None:
    """The best network of a file, with its certificate."""
    voice = _voice()
    wanted = _wanted(voice, variant, solver)

    def work() -> None:
        from services.matching.engine.openfile.reading import document_at, task_from
        from services.matching.engine.openfile.writing import Ordered, document_of, write

        ordered = Ordered.of(task_from(document_at(file)))
        solution = _solution(voice, ordered, (*wanted, dual, seed))
        document = document_of(ordered, solution)
        if out is None:
            print(json.dumps(document, separators=(",", ":")))
        else:
            write(document, out)
        _summary(voice, solution)
        if explain:
            _explain(voice, ordered, solution)

    _told(voice, work)


def _wanted(voice: Voice, variant: str, solver: str) -> "tuple[AnyVariant, SolverName]":
    from services.matching.engine.flow import SolverName, is_flow_installed
    from services.matching.engine.solve import SOLVERS

    if variant not in SOLVERS:
        voice.trouble("match.unknown-variant", variant=variant, known=", ".join(SOLVERS))
        raise typer.Exit(WRONG_FILE)
    if solver not in get_args(SolverName):
        voice.trouble("match.unknown-solver", solver=solver, known=", ".join(get_args(SolverName)))
        raise typer.Exit(WRONG_FILE)
    if solver == "flow" and not is_flow_installed():
        voice.trouble("match.no-ortools")
        raise typer.Exit(WRONG_FILE)
    return cast("AnyVariant", variant), cast("SolverName", solver)  # both were looked up just now


def _solution(voice: Voice, ordered: "Ordered", wanted: "tuple[AnyVariant, SolverName, int | None, int]") -> "Solution":
    """Solve, and show the phase where a person looks on."""
    from functools import partial

    from services.matching.engine.coverage import between
    from services.matching.engine.flow import solver_of
    from services.matching.engine.openfile.writing import solved
    from services.matching.engine.optimum import Search
    from services.matching.engine.solve import SOLVERS

    variant, solver, dual, seed = wanted
    is_watched = sys.stderr.isatty()

    def hear(phase: str, share: float) -> None:
        if is_watched:
            voice.overwrite("match.phase", phase=phase, percent=round(100 * share))

    search = Search(solver_of(solver), seed, hear, lambda: False)
    if dual is None:
        solution = solved(ordered, variant, SOLVERS[variant], search)
    else:
        solution = solved(ordered, "between", partial(between, dual=dual), search)
    if is_watched:
        voice.erase()
    return solution


def _summary(voice: Voice, solution: "Solution") -> None:
    found = solution.certificate
    sums = {"dual": found.dual, "covered": found.covered, "score": found.score, "pairs": len(solution.matches)}
    voice.say("match.solved", **sums)
    run = {"solver": found.solver, "version": found.solver_version, "seconds": f"{found.seconds:.3f}"}
    voice.say("match.certified" if found.gap == 0 else "match.gap", bound=found.bound, gap=found.gap, **run)
    for one in solution.short:
        people = ", ".join(one.people[:_SHOWN])
        facts = {"units": one.units, "promised": one.promised, "possible": one.possible}
        voice.say(f"match.short-{one.role}", people=people, **facts)


def _explain(voice: Voice, ordered: "Ordered", solution: "Solution") -> None:
    """Why needs stay unmet, counted and one by one, and what would help those left without a mentor."""
    from collections import Counter

    from services.matching.engine.openfile.explaining import unmet_in
    from services.matching.engine.remedies import remedies

    unmet = unmet_in(ordered, solution.matches)
    voice.say("match.unmet", count=len(unmet))
    for step, count in Counter(one.step for one in unmet).most_common():
        voice.say("match.unmet-step", reason=voice.text(f"match.step-{step}"), count=count)
    for one in unmet[:_SHOWN]:
        reason = voice.text(f"match.step-{one.step}")
        voice.say("match.unmet-need", person=one.person, competency=one.competency, reason=reason)
    helped = remedies(solution.optimum) if solution.optimum else ()
    for remedy in helped[:_SHOWN]:
        change = {"dual": remedy.dual, "covered": remedy.covered, "value": remedy.value}
        voice.say("match.remedy", person=remedy.person, giver=remedy.giver, competency=remedy.competency, **change)


@match_app.command("check")
def check_file(
    file: Annotated[Path, typer.Argument(help="the instance")],
    solution: Annotated[Path, typer.Argument(help="a solution of it, from whomever")],
) -> None:
    """Count a solution anew and verify its proof; each kind of fault has an exit code of its own."""
    voice = _voice()

    def work() -> None:
        from services.matching.engine.openfile.checking import check
        from services.matching.engine.openfile.reading import document_at, task_from

        found = check(task_from(document_at(file)), document_at(solution))
        voice.say(f"match.verdict-{found.verdict}", **found.facts)
        raise typer.Exit(VERDICT_CODES.get(found.verdict, 0))

    _told(voice, work)


@match_app.command("generate")
def generate_file(
    people: Annotated[int, typer.Argument(min=0, max=100_000, help="how many people")],
    seed: Annotated[int, typer.Option(min=0, help="decides everything")] = 1,
    out: Annotated[Path | None, typer.Option("-o", "--out", help="write here instead of printing")] = None,
) -> None:
    """A made instance that looks like a city."""
    voice = _voice()

    def work() -> None:
        from services.matching.engine.openfile.making import a_city, document_of_task
        from services.matching.engine.openfile.writing import write

        task = a_city(people, seed=seed)
        document = document_of_task(task)
        if out is None:
            print(json.dumps(document, separators=(",", ":")))
        else:
            write(document, out)
        edges = 0 if task.listed is None else len(task.listed)
        facts = {"people": people, "strengths": len(task.strengths), "needs": len(task.needs), "edges": edges}
        voice.say("match.generated", **facts)

    _told(voice, work)
