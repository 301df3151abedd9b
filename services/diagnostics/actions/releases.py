"""Releases: the owner of a profile lets others know one competency, or takes that back."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from chassis.database import Database, Tx
from contracts.diagnostics import (
    CompetencyClass,
    ProfileReleased,
    ProfileReleaseWithdrawn,
    StrengthConfirmed,
)
from services.diagnostics import domain, store
from services.diagnostics.domain import Catalogue
from services.diagnostics.scoring import Assessment


async def own_lock(tx: Tx, owner: store.Owner) -> None:
    """One thing at a time happens to a person's releases, needs and offers in a cycle."""
    await tx.lock(f"own/{owner.cycle_id}/{owner.person_id}")


async def release(db: Database, catalogue: Catalogue, owner: store.Owner, *, codes: Iterable[str]) -> None:
    """Release competencies, all or none; what is released already stays as it is.

    Refused as `release.not-scored` or `release.uncertain` with the codes, or as `catalogue.*` for unknown ones.
    """
    wanted = tuple(dict.fromkeys(codes))
    for code in wanted:
        catalogue.competency(code)
    async with db.transaction(owner.school_id) as tx:
        await own_lock(tx, owner)
        known = await store.releases.of_person(tx, owner, wanted)
        new = [code for code in wanted if code not in known or not known[code].is_released]
        standing = await store.profiles.newest(tx, owner, new)
        assessments = {code: each.assessment for code, each in standing.items()}
        disputed = await store.appeals.open_of(tx, owner)
        domain.check_releases({code: assessments.get(code) for code in new}, disputed=disputed)
        mine = {code: known.get(code) or store.Release(owner.about(code)) for code in new}
        told = [
            await _tell(tx, replace(mine[code], is_released=True), domain.shown_of(assessments[code])) for code in new
        ]
        await store.releases.save(tx, told)


async def take_back(db: Database, key: store.OwnKey) -> None:
    """Take the release of a competency back; what was not released stays so."""
    async with db.transaction(key.school_id) as tx:
        await own_lock(tx, key.owner)
        known = await store.releases.of_person(tx, key.owner, [key.competency])
        mine = known.get(key.competency)
        if mine is None or not mine.is_released:
            return
        await store.releases.save(tx, [await _hide(tx, replace(mine, is_released=False))])


async def tell_again(tx: Tx, owner: store.Owner, assessments: Mapping[str, Assessment]) -> None:
    """Announce anew what is released and has changed; what became an open question is taken back until it is none.

    What its owner disputes is an open question too. The caller holds the `own_lock`.
    """
    known = await store.releases.of_person(tx, owner, assessments)
    if not any(mine.is_released for mine in known.values()):
        return
    disputed = await store.appeals.open_of(tx, owner)
    told = []
    for code, mine in sorted(known.items()):
        shown = domain.shown_of(assessments[code], is_under_appeal=code in disputed)
        if mine.is_released and shown != mine.shown:
            told.append(await _tell(tx, mine, shown))
    await store.releases.save(tx, told)


async def _tell(tx: Tx, mine: store.Release, shown: domain.Shown | None) -> store.Release:
    """Announce what a release tells now; returns the release as it has to be kept."""
    if shown is None:
        return await _hide(tx, mine)
    told = replace(mine, shown=shown, revision=mine.revision + 1)
    await tx.emit(_released(tx, told, shown))
    if shown.is_strength:
        await tx.emit(_strength(tx, told))
    return told


def _released(tx: Tx, told: store.Release, shown: domain.Shown) -> ProfileReleased:
    return ProfileReleased(
        school_id=told.key.school_id,
        person_id=told.key.person_id,
        cycle_id=told.key.cycle_id,
        competency=told.key.competency,
        competency_class=CompetencyClass(shown.competency_class),
        level10=shown.level10,
        se10=shown.error10,
        revision=told.revision,
        occurred_at=tx.now,
    )


def _strength(tx: Tx, told: store.Release) -> StrengthConfirmed:
    return StrengthConfirmed(
        school_id=told.key.school_id,
        person_id=told.key.person_id,
        cycle_id=told.key.cycle_id,
        competency=told.key.competency,
        revision=told.revision,
        occurred_at=tx.now,
    )


async def _hide(tx: Tx, mine: store.Release) -> store.Release:
    """Others no longer know it; nothing is announced to them when they knew nothing."""
    if mine.shown is None:
        return mine
    revision, about = mine.revision + 1, mine.key
    await tx.emit(
        ProfileReleaseWithdrawn(
            school_id=about.school_id,
            person_id=about.person_id,
            cycle_id=about.cycle_id,
            competency=about.competency,
            revision=revision,
            occurred_at=tx.now,
        )
    )
    return replace(mine, shown=None, revision=revision)
