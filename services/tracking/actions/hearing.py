"""What the facts of others bring about; each comes in the chassis' transaction, in any order."""

from datetime import date
from uuid import UUID

from chassis import looks
from chassis.database import Tx
from contracts.tracking import TextsErased
from services.tracking import domain, store
from services.tracking.actions import work


async def open_assignment(tx: Tx, assignment: domain.Assignment) -> None:
    """A formed pair gets its assignment, with the consents and papers that came before it."""
    await tx.lock(work.MANY)
    await store.save_schools(tx, assignment.giver_school, assignment.taker_school)
    if not await store.open_assignment(tx, assignment):
        return
    await tx.emit(work.fact_of(assignment, tx))
    await store.fulfil(tx, assignment, await _met_before(tx, assignment))
    considered = await work.consider(tx, assignment)
    if await _is_broken(tx, assignment):
        await work.take_step(tx, considered, domain.end_by_leaving(considered, tx.now.date()))


async def _met_before(tx: Tx, assignment: domain.Assignment) -> dict[str, date | None]:
    met: dict[str, date | None] = {}
    sides = (
        (domain.GIVER, assignment.giver_school, assignment.giver_id),
        (domain.TAKER, assignment.taker_school, assignment.taker_id),
    )
    for side, school, person in sides:
        for row in await store.consents_of(tx, school, person):
            met[domain.consent_requirement(row["purpose"], side)] = row["given_on"]
    for row in await store.papers_of(tx, assignment.pairing_id):
        met.setdefault(domain.paper_requirement(row["kind"]), row["in_force_from"])
    return met


async def _is_broken(tx: Tx, assignment: domain.Assignment) -> bool:
    has_giver_left = await store.has_left(tx, assignment.giver_school, assignment.giver_id)
    return has_giver_left or await store.has_left(tx, assignment.taker_school, assignment.taker_id)


async def know_consent(tx: Tx, consent: store.Consent) -> None:
    """A consent to mentoring was given or taken back: pairs that waited for it start, pairs that need it rest."""
    if consent.purpose not in domain.CONSENTS:
        return
    await tx.lock(work.MANY)
    if await store.is_erased(tx, consent.school, consent.person) or not await store.save_consent(tx, consent):
        return
    caller = domain.Caller(consent.school, consent.person)
    for assignment_id in await store.open_assignments_of(tx, caller):
        assignment = await work.held(tx, assignment_id)
        requirement = domain.consent_requirement(consent.purpose, assignment.side_of(caller) or "")
        await store.fulfil(tx, assignment, {requirement: consent.given_on})
        await work.consider(tx, assignment)


async def know_paper(tx: Tx, paper: store.Paper) -> None:
    """A paper came into force for a pair, perhaps before the pair itself is known here."""
    if paper.kind not in domain.PAPERS:
        return
    await tx.lock(work.MANY)
    if not await store.save_paper(tx, paper):
        return
    assignment = await store.assignment(tx, domain.assignment_id_of(paper.pairing_id))
    if assignment is None or assignment.is_over:
        return
    requirement = domain.paper_requirement(paper.kind)
    known = (await work.met_by(tx, assignment)).get(requirement, paper.in_force_from)
    await store.fulfil(tx, assignment, {requirement: min(known, paper.in_force_from)})
    await work.consider(tx, assignment)


async def know_member(tx: Tx, member: store.Member) -> None:
    """Keep who belongs to the school; the work of a leaver's pairs ends, and nothing is told any more."""
    await tx.lock(work.MANY)
    if not await store.save_member(tx, member):
        return
    if not member.is_member:
        caller = domain.Caller(member.school, member.person)
        await _end_work_of(tx, caller)
        await store.take_back_all(tx, caller)


async def _end_work_of(tx: Tx, caller: domain.Caller) -> None:
    for assignment_id in await store.open_assignments_of(tx, caller):
        assignment = await work.held(tx, assignment_id)
        await work.take_step(tx, assignment, domain.end_by_leaving(assignment, tx.now.date()))


async def forget_person(tx: Tx, person: UUID, schools: tuple[str, ...], *, revision: int) -> None:
    """Delete the texts, marks, answers and notices of an erased person, and the partners' texts of the common work.

    A partner may have written of the person by name; the partner's marks stay. That something took place stays too.
    """
    await tx.lock(work.MANY)
    for school in schools:
        await store.save_erased(tx, school, person)
        # That the person left may come later, and is then old news.
        await _end_work_of(tx, domain.Caller(school, person))
    await store.forget_reflections(tx, person)
    await store.forget_goals(tx, person)
    await store.forget_participations(tx, person)
    await store.forget_consents(tx, person)
    await store.forget_notifications(tx, person)
    await looks.forget_person(tx, person)
    await tx.emit(TextsErased(person_id=person, school_ids=schools, revision=revision, occurred_at=tx.now))


async def know_cycle(tx: Tx, school: str, cycle: UUID, *, dates: tuple[date, date], revision: int) -> None:
    """Keep the first and the last day of a cycle."""
    await store.save_schools(tx, school)
    await store.save_dates(tx, school, cycle, dates=dates, revision=revision)


async def know_stage(tx: Tx, school: str, cycle: UUID, *, stage: str, revision: int) -> None:
    """Keep the stage of a cycle."""
    await store.save_stage(tx, school, cycle, stage=stage, revision=revision)
