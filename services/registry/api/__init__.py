"""HTTP doors of the registry: parse, act, answer."""

from chassis.doors import together
from chassis.look_doors import look_doors
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
from services.registry.domain.looks import What

_rooms = (places, people, accounts, imports, role_profiles, attestation, cycles, roadmap, erasure, slips)
router = together(*(room.router for room in _rooms), look_doors(What.LOOKS))
