"""What a run has proved, in words: the head line, the certificate, both ends of the exchange."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gateway.portal.words import moment
from gateway.portal.workshop.visit import Visit

ENDS = ("dual-first", "coverage-first", "between")


@dataclass(frozen=True, slots=True)
class Proof:
    """The head line, what it means, and the certificate as terms with their values."""

    title: str
    reached: str
    is_proved: bool
    is_empty: bool
    rows: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class End:
    """One end of the exchange, or the point between: what it reaches and what it costs beside dual-first."""

    variant: str
    name: str
    meaning: str
    dual: str
    covered: str
    score: str
    price: str
    is_chosen: bool
    is_shown: bool


@dataclass(frozen=True, slots=True)
class Exchange:
    """What there is to choose from; `low` and `high` are the numbers of dual roles between the ends."""

    ends: Sequence[End]
    low: int
    high: int

    @property
    def is_choice(self) -> bool:
        """Do the ends differ at all?"""
        return self.low < self.high

    @property
    def is_made(self) -> bool:
        """Has somebody chosen?"""
        return any(end.is_chosen for end in self.ends)


def shown_end(run: Mapping[str, Any], wanted: str | None) -> str:
    """The end that a page shows: the one asked for if it is there, the chosen one, or dual-first."""
    there = [end for end in ENDS if (run["exchange"] or {}).get(end.replace("-", "_"))]
    return wanted if wanted in there else str(run["chosen"] or "dual-first")


def proof_of(run: Mapping[str, Any], visit: Visit) -> Proof:
    """The proof of what stands in the certificate of a run that is solved."""
    found = run["certificate"]
    is_proved, is_empty = found["gap"] == 0, found["covered"] == 0
    counts = {"dual": found["dual"], "covered": found["covered"], "people": run["people"]}
    return Proof(
        title=_title(found["gap"], visit, is_empty=is_empty),
        reached=visit.say(
            "workshop.reached-nobody" if is_empty else "workshop.reached",
            **{name: visit.number(count) for name, count in counts.items()},
        ),
        is_proved=is_proved,
        is_empty=is_empty,
        rows=_certificate(run, visit),
    )


def _title(gap: int, visit: Visit, *, is_empty: bool) -> str:
    if gap:
        return visit.say("workshop.not-proved", gap=visit.number(gap))
    return visit.say("workshop.proved-nothing" if is_empty else "workshop.proved")


def _certificate(run: Mapping[str, Any], visit: Visit) -> list[tuple[str, str]]:
    found = run["certificate"]
    facts = {
        "variant": visit.say(f"workshop.end.{found['variant']}"),
        "dual": visit.number(found["dual"]),
        "covered": visit.number(found["covered"]),
        "score": visit.number(found["score"]),
        "bound": visit.number(found["bound"]),
        "gap": visit.number(found["gap"]),
        "solver": f"{found['solver']} {found['solver_version']}",
        "seed": str(found["seed"]),
        "input_hash": str(found["input_hash"]),
        "seconds": visit.say("workshop.seconds", seconds=visit.number(round(found["seconds"], 2))),
        "began": moment(run["created_at"], visit.reader.language),
    }
    return [(visit.say(f"workshop.certificate.{name}"), value) for name, value in facts.items()]


def exchange_of(run: Mapping[str, Any], shown: str, visit: Visit) -> Exchange:
    """The ends of a run that is solved, dual-first in front."""
    found = run["exchange"]
    first, last = found["dual_first"], found["coverage_first"]
    ends = [
        _end(variant, found[variant.replace("-", "_")], first, visit, (run["chosen"], shown))
        for variant in ("dual-first", "between", "coverage-first")
        if found[variant.replace("-", "_")]
    ]
    return Exchange(ends, min(first["dual"], last["dual"]), max(first["dual"], last["dual"]))


def _end(
    variant: str, here: Mapping[str, int], first: Mapping[str, int], visit: Visit, marks: tuple[str | None, str]
) -> End:
    fewer, more = first["dual"] - here["dual"], here["covered"] - first["covered"]
    chosen, shown = marks
    return End(
        variant=variant,
        name=visit.say(f"workshop.end.{variant}"),
        meaning=visit.say(f"workshop.end-means.{variant}"),
        dual=visit.number(here["dual"]),
        covered=visit.number(here["covered"]),
        score=visit.number(here["score"]),
        price=visit.say("workshop.end-price", fewer=fewer, more=more) if fewer or more else "",
        is_chosen=variant == chosen,
        is_shown=variant == shown,
    )
