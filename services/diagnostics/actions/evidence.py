"""What every final answer leads to: the person is scored anew from all that is known."""

from itertools import chain

from chassis.database import Tx
from contracts.diagnostics import DiagnosticCompleted
from services.diagnostics import domain, store
from services.diagnostics.actions.appeals import settle_remeasured
from services.diagnostics.actions.releases import own_lock, tell_again
from services.diagnostics.domain import Catalogue
from services.diagnostics.scoring import Reading, SourceKind


async def score_again(tx: Tx, catalogue: Catalogue, part: store.Part, *, source: SourceKind) -> None:
    """Score a person whose part is held, after something new from one kind of source; announces the new revision."""
    sheets = await store.sheets.final_about(tx, part)
    if not domain.may_change_profile(sheets, source, catalogue.parameters):
        return
    await own_lock(tx, part.owner)
    scored = domain.score(
        part.targets,
        sheets,
        wishes=await store.wishes.wishes_of(tx, part.owner),
        parameters=catalogue.parameters,
        measured=await _measured(tx, part),
    )
    if not scored:
        return
    await store.profiles.save(tx, part, scored)
    await store.sheets.raise_revision(tx, part, part.scored_revision + 1)
    await _announce(tx, part, competencies=len(scored))
    await settle_remeasured(tx, part, source=source, scored=scored)
    await tell_again(tx, part.owner, {code: each.assessment for code, each in scored.items()})


async def _measured(tx: Tx, part: store.Part) -> dict[str, tuple[Reading, ...]]:
    """What finished tests, observed lessons and rated artefacts say, by competency."""
    said = (
        domain.readings_of_tests(await store.sittings.results_of(tx, part)),
        domain.readings_of_lessons(await store.rubrics.lessons_about(tx, part)),
        domain.readings_of_artefacts(await store.rubrics.ratings_about(tx, part)),
    )
    return {code: tuple(chain.from_iterable(one.get(code, ()) for one in said)) for code in part.targets}


async def _announce(tx: Tx, part: store.Part, *, competencies: int) -> None:
    await tx.emit(
        DiagnosticCompleted(
            school_id=part.school_id,
            campaign_id=part.campaign_id,
            person_id=part.person_id,
            cycle_id=part.cycle_id,
            wave=part.wave,
            competencies=competencies,
            revision=part.scored_revision + 1,
            occurred_at=tx.now,
        )
    )
