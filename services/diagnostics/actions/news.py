"""What registry and documents tell: kept as it comes, in whatever order."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from chassis import looks
from chassis.database import Row, Tx
from contracts.diagnostics import AnswersErased
from services.diagnostics import store


async def know_member(tx: Tx, membership: store.Membership) -> None:
    """Keep what a person is in the school."""
    await store.staff.save_membership(tx, membership)


async def know_leaver(tx: Tx, school: str, person: UUID, *, left_on: date, revision: int) -> None:
    """Keep that a person left; what was measured stays."""
    await store.staff.save_leaver(tx, school, person, left_on=left_on, revision=revision)


async def forget_person(tx: Tx, person: UUID, schools: tuple[str, ...], *, revision: int) -> None:
    """Delete an erased person's answers, profiles, comments, appeals, releases, wishes, and what was said of others."""
    for school in schools:
        await store.staff.forget(tx, school, person)
    await looks.forget_person(tx, person)
    await tx.emit(AnswersErased(person_id=person, school_ids=schools, revision=revision, occurred_at=tx.now))


async def know_cycle(tx: Tx, school: str, cycle: UUID, *, starts_on: date, ends_on: date) -> None:
    """Keep which cycles there are."""
    await store.staff.save_cycle(tx, school, cycle, starts_on=starts_on, ends_on=ends_on)


async def know_stage(tx: Tx, school: str, cycle: UUID, *, stage: str, revision: int) -> None:
    """Keep the stage of a cycle."""
    await store.staff.save_stage(tx, school, cycle, stage=stage, revision=revision)


async def know_consents(tx: Tx, consents: Sequence[Row]) -> None:
    """Keep consents, given or withdrawn; late news of erased people is not kept."""
    erased = await store.staff.erased_among(tx, [consent["person_id"] for consent in consents])
    wanted = [one for one in consents if (one["school_id"], one["person_id"]) not in erased]
    await store.staff.save_consents(tx, wanted)
