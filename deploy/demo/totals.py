"""Step 6: reports are signed and go up; district and city read what may be published, and nothing else."""

from typing import Any

from deploy.demo.client import DemoFailed, patiently, together, until
from deploy.demo.world import School, World, demo_id

AS_OF = "2027-06-15"
TITLE = "НЕО-наставничество, 2026/27"


async def report(world: World) -> dict[str, int]:
    """Computed, reviewed by the curator, signed by the head, submitted, accepted by the district."""
    await together(_until_counted(school) for school in world.schools)
    await together(_sign(school) for school in world.schools)
    accepted = [await _accept(world, district) for district in world.coordinators]
    return {"signed": len(world.schools), "accepted": sum(accepted)}


async def _until_counted(school: School) -> None:
    """Wait until the school's own live numbers stand still."""
    address = school.at("reporting", f"/cells?cycle_id={school.id_of('cycle')}")
    seen: list[Any] = []

    async def look() -> bool:
        seen.append(await school.curator.get(address))
        return len(seen) > 3 and seen[-1] == seen[-2] == seen[-3]

    await until(look, bool, f"{school.school_id}: numbers")


async def _sign(school: School) -> None:
    await compute(school, "report", AS_OF)
    await send_up(school, "report")


async def compute(school: School, name: str, as_of: str) -> None:
    """A report as of a day, computed and read by the curator; the head's signature is what it waits for."""
    address = school.at("reporting", f"/reports/{school.id_of(name)}")
    wanted = {"cycle_id": school.id_of("cycle"), "as_of": as_of}
    await patiently(lambda: school.curator.put(address, wanted))
    await school.curator.post(f"{address}/review")


async def send_up(school: School, name: str) -> None:
    """The head signs and submits; the district's word is what the report waits for."""
    address = school.at("reporting", f"/reports/{school.id_of(name)}")
    # A signature needs a fresh sign-in.
    await school.head.sign_in()
    await school.head.post(f"{address}/sign")
    await school.head.post(f"{address}/submit")


async def _accept(world: World, district: str) -> int:
    coordinator = world.coordinators[district]
    expected = sum(school.district == district for school in world.schools)
    address = f"/reporting/v1/districts/{district}/reports"
    waiting = await until(
        lambda: coordinator.every(f"{address}?state=SUBMITTED"),
        lambda seen: len(seen) >= expected,
        f"{district}: reports",
    )
    for one in waiting:
        await coordinator.post(f"{address}/{one['report_id']}/accept")
    return len(waiting)


async def publish(world: World) -> list[dict[str, Any]]:
    """The city publishes; its totals as its analyst reads them."""
    address = f"/reporting/v1/publications/{demo_id('publication')}"
    await world.analyst.put(address, {"as_of": AS_OF, "title": TITLE})
    done = await until(lambda: world.analyst.get(address), lambda seen: seen["state"] != "COMPUTING", "the publication")
    if done["state"] != "PUBLISHED":
        raise DemoFailed(f"publication: {done['trouble']}")
    return await world.analyst.every(f"/reporting/v1/city/published?publication_id={done['publication_id']}")
