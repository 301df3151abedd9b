"""HTTP doors of the registry: parse, act, answer."""

from fastapi import APIRouter

from services.registry.api import (
    accounts,
    attestation,
    cycles,
    erasure,
    imports,
    people,
    places,
    roadmap,
    role_profiles,
    slips,
)

router = APIRouter()
for room in (places, people, accounts, imports, role_profiles, attestation, cycles, roadmap, erasure, slips):
    router.include_router(room.router)
