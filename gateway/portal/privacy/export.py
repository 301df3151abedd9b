"""Everything that the platform tells a person of oneself, in one file: what the `my/…` doors of the API answer."""

import asyncio
from collections.abc import Sequence
from typing import Any

from gateway.portal.privacy.looked import SERVICES
from gateway.portal.talk import Talk, segment

# Doors that tell of oneself, by service; those of a campaign are asked for every campaign in which one was asked, those
# of a cycle for every cycle of the school.
WHOLE: dict[str, Sequence[str]] = {
    "registry": ("person", "role-profiles", "attestation"),
    "diagnostics": ("forms", "profile", "appeals", "lesson-notes"),
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
BY_CYCLE = ("change", "wishes/{cycle_id}")
# What one may read but what tells of others: notes about a person one observes, artefacts one reviews, and the tasks
# of a test, which belong to the bank.
OF_OTHERS = (
    "observations/{campaign_id}",
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
    campaigns = sorted({str(form["campaign_id"]) for form in forms})
    return await _found(talk, at, BY_CAMPAIGN, [{"campaign_id": one} for one in campaigns])


async def _of_cycles(talk: Talk, at: str) -> dict[str, Any]:
    cycles = await talk.all_of(f"/api/registry/v1/{at}/cycles", limit=500)
    return await _found(talk, at, BY_CYCLE, [{"cycle_id": str(one["cycle_id"])} for one in cycles])


async def _found(talk: Talk, at: str, doors: Sequence[str], keys: Sequence[dict[str, str]]) -> dict[str, Any]:
    """What the doors tell for each key, be it a piece of the path or a question; what there is not is left out."""
    wanted = [(door.format(**key), {} if "{" in door else key) for key in keys for door in doors]
    told = await asyncio.gather(*(talk.find(f"/api/diagnostics/v1/{at}/my/{door}", **key) for door, key in wanted))
    named = ["?".join((door, *(f"{name}={value}" for name, value in key.items()))) for door, key in wanted]
    return {name: content for name, content in zip(named, told, strict=True) if content is not None}
