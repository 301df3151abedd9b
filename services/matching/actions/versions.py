"""Steps of a run by its version: of two curators at once exactly one wins, and the other is told what changed."""

from uuid import UUID

from chassis.database import Row, Tx
from chassis.refusals import Conflict, Missing
from services.matching import domain
from services.matching.domain import RunState
from services.matching.store import edits, runs


async def run_as_seen(tx: Tx, school: str, run_id: UUID, seen: int | None) -> Row:
    """The run, if it is as the caller saw it; `Conflict` with what changed meanwhile otherwise."""
    run = await runs.run(tx, school, run_id)
    if run is None:
        raise Missing("run.unknown", field="run_id")
    if seen is not None and seen != run["version"]:
        raise await _changed(tx, run_id, run, seen)
    return run


async def step_to(
    tx: Tx, run: Row, to: RunState, *, by: UUID, what: str | None = None, edit: UUID | None = None
) -> None:
    """Bring a run into its next state and note who did it; whoever was slower is refused."""
    domain.step(RunState(run["state"]), to)
    if not await runs.move(tx, run["run_id"], to, seen=run["version"]):
        await refuse_second(tx, run)
    await edits.note(tx, run["run_id"], what or to, by=by, edit=edit)


async def refuse_second(tx: Tx, run: Row) -> None:
    """Somebody else moved the run between our look and our step: they won, and the answer says where it stands."""
    now = await runs.locked(tx, run["run_id"])
    if now is None:
        raise Missing("run.unknown", field="run_id")
    raise await _changed(tx, run["run_id"], now, run["version"])


async def _changed(tx: Tx, run_id: UUID, now: Row, seen: int) -> Conflict:
    state = RunState(now["state"])
    return Conflict(
        "run.changed-meanwhile",
        field="version",
        state=state.value,
        legal=domain.legal_steps(state),
        version=now["version"],
        changes=[_said(change) for change in await edits.changes_since(tx, run_id, seen)],
    )


def _said(change: Row) -> dict[str, str]:
    facts = {
        "what": change["what"],
        "by": change["changed_by"],
        "at": change["changed_at"].isoformat(),
        "version": change["version"],
        "edit_id": change["edit_id"],
        "kind": change["kind"],
    }
    return {name: str(value) for name, value in facts.items() if value is not None}
