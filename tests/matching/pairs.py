"""A pair on its way: proposed, accepted by both, formed; and where it stands."""

from tests.matching.school import Trio, a_pair
from tests.stand import Stand


async def proposed(stand: Stand) -> tuple[Trio, str]:
    """Anna is proposed to Vera; the pairing's id."""
    pair = await a_pair(stand)
    await pair.school.published()
    (proposal,) = await pair.school.proposals(pair.vera)
    return pair, proposal["pairing_id"]


async def accepted(stand: Stand) -> tuple[Trio, str]:
    """Both said yes."""
    pair, pairing = await proposed(stand)
    for person in (pair.vera, pair.anna):
        assert (await pair.school.say(person, pairing, "accept")).status_code == 200
    return pair, pairing


async def formed(stand: Stand) -> tuple[Trio, str]:
    """The curator confirmed."""
    pair, pairing = await accepted(stand)
    assert (await pair.school.curate("POST", f"/pairings/{pairing}/confirm")).status_code == 200
    return pair, pairing


async def told(pair: Trio) -> list[str]:
    """The verbs of all facts about pairings of the school."""
    return [subject.split(".")[3] for subject in await pair.school.matching.announced("pairing", pair.school.id)]


async def state_of(pair: Trio) -> str:
    (row,) = (await pair.school.curate("GET", "/pairings")).json()["items"]
    return str(row["state"])


async def run_state(pair: Trio) -> str:
    return str((await pair.school.curate("GET", "/runs")).json()["items"][0]["state"])
