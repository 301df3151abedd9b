"""HTTP doors of the registry: parse, act, answer."""

from fastapi import APIRouter

from services.registry.api import accounts, cycles, imports, people, places

router = APIRouter()
for room in (places, people, accounts, imports, cycles):
    router.include_router(room.router)
