"""The door to how far the pairs of a cycle have come, in people."""

from uuid import UUID

from fastapi import Request
from pydantic import BaseModel

from chassis.doors import doors
from chassis.identity import require
from services.matching.api.asked import db_of
from services.matching.store.turnout import turnout

router = doors()


class PairTurnout(BaseModel):
    """People of the school: `asked` in a proposal that nobody refused, `agreed` in a pair to which both said yes.

    `to_answer` are those whose answer is waited for now: the taker first, the giver once the taker agreed.
    """

    asked: int
    agreed: int
    to_answer: int


@router.get("/schools/{school}/turnout", dependencies=[require("curator")])
async def get_turnout(request: Request, school: str, cycle_id: UUID) -> PairTurnout:
    """How many people have got how far on the way to a pair: counts, no people."""
    async with db_of(request).transaction(school) as tx:
        return PairTurnout.model_validate(dict(await turnout(tx, school, cycle_id)))
