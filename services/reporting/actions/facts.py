"""Keep what was heard."""

from collections.abc import Mapping

from chassis.database import Tx
from services.reporting.store import knowledge, tables

Row = Mapping[str, object]


async def keep_place(tx: Tx, row: Row) -> None:
    """A step of the place tree."""
    await knowledge.keep(tx, tables.places, row)


async def keep_member(tx: Tx, row: Row) -> None:
    """A membership, as it is now."""
    await knowledge.save_member(tx, row)


async def keep_cycle(tx: Tx, row: Row) -> None:
    """A cycle's dates."""
    await knowledge.save_cycle(tx, row)


async def keep_stage(tx: Tx, row: Row) -> None:
    """A cycle's stage."""
    await knowledge.save_stage(tx, row)


async def keep_campaign(tx: Tx, row: Row) -> None:
    """A closed campaign."""
    await knowledge.keep(tx, tables.campaigns, row)


async def keep_profile_tally(tx: Tx, row: Row) -> None:
    """Sums over profiles."""
    await knowledge.keep(tx, tables.profile_tallies, row)


async def keep_gain_tally(tx: Tx, row: Row) -> None:
    """Sums over changes."""
    await knowledge.keep(tx, tables.gain_tallies, row)


async def keep_closed_gap(tx: Tx, row: Row) -> None:
    """A closed deficit."""
    await knowledge.keep(tx, tables.closed_gaps, row)


async def keep_survey_tally(tx: Tx, row: Row) -> None:
    """Counts of a survey."""
    await knowledge.keep(tx, tables.survey_tallies, row)


async def keep_work(tx: Tx, row: Row) -> None:
    """A step of an assignment."""
    await knowledge.keep(tx, tables.assignment_steps, row)


async def keep_meeting(tx: Tx, row: Row) -> None:
    """A step of a meeting."""
    await knowledge.keep(tx, tables.meeting_steps, row)
