"""Everything that the platform tells a person of oneself, in one file: what the `my/…` doors of the API answer."""

import asyncio
from collections.abc import Sequence
from typing import Any

from gateway.portal.privacy.looked import SERVICES
from gateway.portal.talk import Query, Talk, segment

# Doors that tell of oneself, by service; a door with `{campaign_id}` is asked for every campaign, `{cycle}` for every
# cycle of the school.
WHOLE: dict[str, Sequence[str]] = {
    "registry": ("person", "role-profiles", "attestation"),
    "diagnostics": ("forms", "profile", "appeals"),
    "matching": ("availability", "match", "proposals"),
    "tracking": ("notification-settings", "surveys"),
    "documents": ("consents",),
}
PAGED: dict[str, Sequence[str]] = {
    "tracking": ("assignments", "meetings", "notifications"),
    **{service: ("looks",) for service in SERVICES if service != "tracking"},
}
PAGED["tracking"] = (*PAGED["tracking"], "looks")
BY_CAMPAIGN = ("tests/{campaign_id}", "artefacts/{campaign_id}", "forms/{campaign_id}/then")
BY_CYCLE = ("change",)
# What one may read but what tells of others: notes about a person one observes, artefacts one reviews, and the tasks
# of a test, which belong to the bank.
OF_OTHERS = (
    "observations/{campaign_id}/{person_id}",
    "reviews/{campaign_id}",
    "tests/{campaign_id}/{competency}",
)


async def all_my_data(talk: Talk, school: str) -> dict[str, dict[str, Any]]:
    """By service and by door what it answers; what there is not is left out."""
    at = f"schools/{segment(school)}"
    whole = [(service, door) for service, doors in WHOLE.items() for door in doors]
    paged = [(service, door) for service, doors in PAGED.items() for door in doors]
    told = await asyncio.gather(
        *(talk.find(f"/api/{service}/v1/{at}/my/{door}") for service, door in whole),
        *(talk.all_of(f"/api/{service}/v1/{at}/my/{door}", limit=500) for service, door in paged),
    )
    found: dict[str, dict[str, Any]] = {service: {} for service in SERVICES}
    for (service, door), content in zip([*whole, *paged], told, strict=True):
        if content is not None:
            found[service][door] = content
    found["diagnostics"] |= await _of_campaigns(talk, at, found["diagnostics"].get("forms", []))
    found["diagnostics"] |= await _of_cycles(talk, at)
    return found


async def _of_campaigns(talk: Talk, at: str, forms: Sequence[Any]) -> dict[str, Any]:
    wanted = [
        door.format(campaign_id=campaign)
        for campaign in sorted({form["campaign_id"] for form in forms})
        for door in BY_CAMPAIGN
    ]
    return await _found(talk, at, [(door, {}) for door in wanted])


async def _of_cycles(talk: Talk, at: str) -> dict[str, Any]:
    cycles = await talk.all_of(f"/api/registry/v1/{at}/cycles", limit=500)
    return await _found(
        talk, at, [(door, {"cycle_id": str(cycle["cycle_id"])}) for cycle in cycles for door in BY_CYCLE]
    )


async def _found(talk: Talk, at: str, wanted: Sequence[tuple[str, dict[str, Query]]]) -> dict[str, Any]:
    told = await asyncio.gather(*(talk.find(f"/api/diagnostics/v1/{at}/my/{door}", **query) for door, query in wanted))
    named = ["?".join((door, *(f"{name}={value}" for name, value in query.items()))) for door, query in wanted]
    return {name: content for name, content in zip(named, told, strict=True) if content is not None}
