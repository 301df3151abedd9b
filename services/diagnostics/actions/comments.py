"""Comments: what a person says of the own profile, kept for that person alone."""

from chassis.database import Database
from chassis.refusals import Conflict, Forbidden
from services.diagnostics import store
from services.diagnostics.domain import Catalogue


async def comment(db: Database, catalogue: Catalogue, key: store.OwnKey, *, text: str) -> None:
    """Say something of a measured competency, in place of what was said before.

    Refused as `comment.not-scored`, `identity.erased`, or as `catalogue.*` for a code that does not exist.
    """
    catalogue.competency(key.competency)
    async with db.transaction(key.school_id) as tx:
        if await store.staff.is_erased(tx, key.school_id, key.person_id):
            raise Forbidden("identity.erased")
        if key.competency not in await store.profiles.newest(tx, key.owner, [key.competency]):
            raise Conflict("comment.not-scored", field="competency")
        await store.comments.save(tx, key, text)


async def delete_comment(db: Database, key: store.OwnKey) -> None:
    """Delete what was said; what was never said stays so."""
    async with db.transaction(key.school_id) as tx:
        await store.comments.remove(tx, key)
