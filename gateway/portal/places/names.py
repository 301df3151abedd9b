"""The schools of a district by name, as the registry has them today."""

from gateway.portal.talk import Talk

AT_ONCE = 500
PLACES = "/api/registry/v1/places"


async def schools_of(talk: Talk, district: str) -> dict[str, str]:
    """The names of a district's schools by their ids; a school that has left the district is not among them."""
    found = await talk.all_of(PLACES, kind="school", parent=district, limit=AT_ONCE)
    return {str(one["place_id"]): str(one["name"]) for one in found}
