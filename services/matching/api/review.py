"""Doors for the curator's review: what a change would cost, edits, taking them back, what was lost meanwhile."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Query, Request
from pydantic import BaseModel, StrictInt, model_validator

from chassis.database import Row
from chassis.doors import doors
from chassis.etags import Changing, Reading, tag_of
from chassis.identity import Me, require
from chassis.look_doors import Looks
from chassis.paging import DEFAULT, After, Limit, Page, after_number, page_of
from chassis.refusals import Missing
from services.matching.actions import publishing
from services.matching.actions import review as actions
from services.matching.actions.review import NewEdit as Edit
from services.matching.actions.review import Wish
from services.matching.actions.versions import run_as_seen
from services.matching.api.asked import db_of, say, worker_of
from services.matching.api.runs import ChosenVariant, Pin, Reached
from services.matching.api.seen import as_seen
from services.matching.domain import RunState, What
from services.matching.engine.edits import Change, swap_of
from services.matching.engine.moves import Counts, Moves
from services.matching.engine.problem import Edge, EdgeKey, PairKey
from services.matching.store import edits as store

router = doors()


class Two(BaseModel):
    """A pair in this direction, whatever the topic."""

    giver_id: UUID
    taker_id: UUID


class Swap(BaseModel):
    """Two pairs of the result exchange their takers, the givers keeping their topics, or their givers."""

    first: Pin
    second: Pin
    of: Literal["takers", "givers"] = "takers"


class Wanted(BaseModel):
    """One change to a run, and exactly one: what is pinned or banned here is so in this run alone."""

    pin: Pin | None = None
    unpin: Pin | None = None
    ban: Two | None = None
    unban: Two | None = None
    swap: Swap | None = None

    @model_validator(mode="after")
    def _is_one(self) -> "Wanted":
        if len(self.named()) != 1:
            raise ValueError("exactly one of pin, unpin, ban, unban and swap")
        return self

    def named(self) -> list[str]:
        """The changes that are given."""
        return [name for name in ("pin", "unpin", "ban", "unban", "swap") if getattr(self, name) is not None]

    def wish(self) -> Wish:
        """What the change means for the task; `Invalid` for a swap of pairs that share a person in a role."""
        if self.swap is not None:
            first, second = _key(self.swap.first), _key(self.swap.second)
            return Wish("swap", swap_of(first, second, is_of_takers=self.swap.of == "takers"))
        change = Change(
            pin=(_key(self.pin),) if self.pin else (),
            unpin=(_key(self.unpin),) if self.unpin else (),
            ban=(_two(self.ban),) if self.ban else (),
            unban=(_two(self.unban),) if self.unban else (),
        )
        return Wish(self.named()[0], change)


class Priced(Wanted):
    """A change whose price is asked, in one variant of the run: the chosen one if not given, else dual-first."""

    variant: ChosenVariant | None = None


class NewEdit(Wanted):
    """A change to make; `version` is that of the run that the curator looked at, as `If-Match` says it too."""

    version: StrictInt | None = None


class Price(BaseModel):
    """The exact price of a change: sums with a minus where they are less, people and pairs by id.

    `sentence` says the same in words and counts, and names nobody. `version` is that of the run it was reckoned for.
    """

    version: int
    variant: ChosenVariant
    before: Reached
    after: Reached
    dual: int
    covered: int
    score: int
    gain_second_role: list[UUID]
    lose_second_role: list[UUID]
    come_in: list[UUID]
    drop_out: list[UUID]
    parted: list[Pin]
    formed: list[Pin]
    sentence: str


class MadeEdit(BaseModel):
    """An edit as it was made, and whether it was taken back; `without-lost` left out what was lost meanwhile."""

    edit_id: UUID
    kind: Literal["pin", "unpin", "ban", "unban", "swap", "without-lost"]
    pin: list[Pin]
    unpin: list[Pin]
    ban: list[Two]
    unban: list[Two]
    made_at: datetime
    made_by: UUID
    undone_at: datetime | None
    undone_by: UUID | None


class LostPair(BaseModel):
    """A pair of the result that is allowed no longer, and why."""

    giver_id: UUID
    taker_id: UUID
    competency: str
    loss: str
    text: str


@router.post("/schools/{school}/runs/{run_id}/prices", dependencies=[require("curator")])
async def price_change(request: Request, looks: Looks, school: str, run_id: UUID, wanted: Priced) -> Price:
    """What a change would cost before it is made: nothing is stored."""
    async with worker_of(request).pricing:
        price = await actions.price(db_of(request), school, run_id, wanted.wish(), variant=wanted.variant)
    priced = _priced(request, price)
    moved = [*priced.gain_second_role, *priced.lose_second_role, *priced.come_in, *priced.drop_out]
    pairs = [*priced.parted, *priced.formed]
    await looks.saw(What.RESULT, [*moved, *(person for pair in pairs for person in (pair.giver_id, pair.taker_id))])
    return priced


@router.put("/schools/{school}/runs/{run_id}/edits/{edit_id}", dependencies=[require("curator")], status_code=202)
async def make_edit(
    request: Request,
    looks: Looks,
    school: str,
    run_id: UUID,
    edit_id: UUID,
    wanted: NewEdit,
    me: Me,
    change: Changing,
) -> MadeEdit:
    """Make an edit; the run is solved anew in the background. A repeat changes nothing (200).

    `ETag` and `If-Match` are those of the run; `run.changed-meanwhile` (409) says what changed meanwhile.
    """
    with as_seen(change, wanted.version) as version:
        is_new = await actions.make(db_of(request), school, run_id, Edit(edit_id, wanted.wish(), version), by=me.me)
    if is_new:
        worker_of(request).woken.set()
    else:
        change.response.status_code = 200
    made = await _edit(request, school, run_id, edit_id, change)
    await looks.changed(What.EDITS, _named(made))
    return made


@router.delete("/schools/{school}/runs/{run_id}/edits/{edit_id}", dependencies=[require("curator")], status_code=202)
async def undo_edit(
    request: Request,
    looks: Looks,
    school: str,
    run_id: UUID,
    edit_id: UUID,
    me: Me,
    change: Changing,
    version: Annotated[int | None, Query(description="the version of the run that the caller looks at")] = None,
) -> MadeEdit:
    """Take any edit back; the run is solved anew without it. A repeat changes nothing (200).

    `ETag` and `If-Match` are those of the run.
    """
    with as_seen(change, version) as seen:
        is_new = await actions.take_back(db_of(request), school, run_id, edit_id, seen=seen, by=me.me)
    if is_new:
        worker_of(request).woken.set()
    else:
        change.response.status_code = 200
    undone = await _edit(request, school, run_id, edit_id, change)
    await looks.changed(What.EDITS, _named(undone))
    return undone


@router.get("/schools/{school}/runs/{run_id}/edits", dependencies=[require("curator")])
async def list_edits(
    request: Request, looks: Looks, school: str, run_id: UUID, after: After = "", limit: Limit = DEFAULT
) -> Page[MadeEdit]:
    """The edits of a run in the order in which they were made, also those taken back."""
    async with db_of(request).transaction(school) as tx:
        await run_as_seen(tx, school, run_id, None)
        rows = await store.edits_after(tx, run_id, after_number(after), limit)
    page = page_of(rows, limit, key=lambda row: row["number"], item=_made)
    await looks.saw(What.EDITS, [person for edit in page.items for person in _named(edit)])
    return page


@router.get("/schools/{school}/runs/{run_id}/stale", dependencies=[require("curator")])
async def list_lost_pairs(request: Request, looks: Looks, school: str, run_id: UUID) -> list[LostPair]:
    """The pairs of a run in review that have been lost since its input was frozen; none for any other run."""
    async with db_of(request).transaction(school) as tx:
        run = await run_as_seen(tx, school, run_id, None)
        lost = await publishing.lost_of(tx, school, run) if run["state"] == RunState.REVIEW else ()
    await looks.saw(What.RESULT, [UUID(person) for pair in lost for person in pair.edge[:2]])
    return [
        LostPair(
            giver_id=UUID(pair.edge[0]),
            taker_id=UUID(pair.edge[1]),
            competency=pair.edge[2],
            loss=pair.loss.value,
            text=say(request, f"lost.{pair.loss}"),
        )
        for pair in lost
    ]


async def _edit(request: Request, school: str, run_id: UUID, edit_id: UUID, told: Reading) -> MadeEdit:
    async with db_of(request).transaction(school) as tx:
        run = await run_as_seen(tx, school, run_id, None)
        row = await store.edit(tx, run_id, edit_id)
    if row is None:
        raise Missing("edit.unknown", field="edit_id")
    told.tell(tag_of(run["version"]))
    return _made(row)


def _named(made: MadeEdit) -> list[UUID]:
    """The people of the pairs that an edit is about."""
    pairs: list[Pin | Two] = [*made.pin, *made.unpin, *made.ban, *made.unban]
    return [person for pair in pairs for person in (pair.giver_id, pair.taker_id)]


def _made(row: Row) -> MadeEdit:
    change = row["change"]
    return MadeEdit.model_validate(
        {
            **row,
            "pin": [_pin(key) for key in change["pin"]],
            "unpin": [_pin(key) for key in change["unpin"]],
            "ban": [{"giver_id": giver, "taker_id": taker} for giver, taker in change["ban"]],
            "unban": [{"giver_id": giver, "taker_id": taker} for giver, taker in change["unban"]],
        }
    )


def _priced(request: Request, price: actions.Price) -> Price:
    moves = price.moves
    return Price(
        version=price.version,
        variant=price.variant,  # type: ignore[arg-type]  # it came in as one of these
        before=_reached(moves.before),
        after=_reached(moves.after),
        dual=moves.after.dual - moves.before.dual,
        covered=moves.after.covered - moves.before.covered,
        score=moves.after.score - moves.before.score,
        gain_second_role=_ids(moves.gain_second),
        lose_second_role=_ids(moves.lose_second),
        come_in=_ids(moves.come_in),
        drop_out=_ids(moves.drop_out),
        parted=[_pin(edge.key) for edge in moves.parted],
        formed=[_pin(edge.key) for edge in moves.formed],
        sentence=price_said(request, moves),
    )


def price_said(request: Request, moves: Moves) -> str:
    """The price in one sentence: who gains and who loses by count, then the sum."""
    score = moves.after.score - moves.before.score
    counts = {
        "price.lose-second": len(moves.lose_second),
        "price.gain-second": len(moves.gain_second),
        "price.drop-out": len(moves.drop_out),
        "price.come-in": len(moves.come_in),
        "price.parted": len(moves.parted),
        "price.formed": len(moves.formed),
    }
    said = [say(request, slug, count=count) for slug, count in counts.items() if count]
    if not said:
        return say(request, "price.nothing")
    said.append(say(request, "price.score", score=f"{score:+d}".replace("-", "\N{MINUS SIGN}")))
    sentence = "; ".join(said)
    return f"{sentence[:1].upper()}{sentence[1:]}."


def _reached(counts: Counts) -> Reached:
    return Reached(dual=counts.dual, covered=counts.covered, score=counts.score)


def _ids(people: tuple[str, ...]) -> list[UUID]:
    return [UUID(person) for person in people]


def _key(pin: Pin) -> EdgeKey:
    return str(pin.giver_id), str(pin.taker_id), pin.competency


def _two(two: Two) -> PairKey:
    return str(two.giver_id), str(two.taker_id)


def _pin(key: EdgeKey | Edge | list[str]) -> Pin:
    giver, taker, competency = key if not isinstance(key, Edge) else key.key
    return Pin(giver_id=UUID(giver), taker_id=UUID(taker), competency=competency)
