"""Keep what was heard."""

from collections.abc import Sequence

from chassis.database import Row, Tx
from services.reporting.store import knowledge, tables


async def keep_places(tx: Tx, rows: Sequence[Row]) -> None:
    """Steps of the place tree."""
    await knowledge.keep(tx, tables.places, rows)


async def keep_members(tx: Tx, rows: Sequence[Row]) -> None:
    """Memberships, as they are now."""
    await knowledge.save_members(tx, rows)


async def keep_cycles(tx: Tx, rows: Sequence[Row]) -> None:
    """The dates of cycles."""
    await knowledge.save_cycles(tx, rows)


async def keep_stages(tx: Tx, rows: Sequence[Row]) -> None:
    """The stages of cycles."""
    await knowledge.save_stages(tx, rows)


async def keep_campaigns(tx: Tx, rows: Sequence[Row]) -> None:
    """Closed campaigns."""
    await knowledge.keep(tx, tables.campaigns, rows)


async def keep_profile_tallies(tx: Tx, rows: Sequence[Row]) -> None:
    """Sums over profiles."""
    await knowledge.keep(tx, tables.profile_tallies, rows)


async def keep_gain_tallies(tx: Tx, rows: Sequence[Row]) -> None:
    """Sums over changes."""
    await knowledge.keep(tx, tables.gain_tallies, rows)


async def keep_closed_gaps(tx: Tx, rows: Sequence[Row]) -> None:
    """Closed deficits."""
    await knowledge.keep(tx, tables.closed_gaps, rows)


async def keep_survey_tallies(tx: Tx, rows: Sequence[Row]) -> None:
    """Counts of surveys."""
    await knowledge.keep(tx, tables.survey_tallies, rows)


async def keep_works(tx: Tx, rows: Sequence[Row]) -> None:
    """Steps of assignments."""
    await knowledge.keep(tx, tables.assignment_steps, rows)


async def keep_meetings(tx: Tx, rows: Sequence[Row]) -> None:
    """Steps of meetings."""
    await knowledge.keep(tx, tables.meeting_steps, rows)
