"""Step 7, the second autumn: a new year has begun, and each school stands at another point of it.

The first school is in the middle of its diagnosis, the second lives in its pairs, the third reviews a matching run.
Further schools have a new cycle and nothing else.
"""

from dataclasses import dataclass
from typing import Any

from deploy.demo import autumn_answers, autumn_pairs, autumn_review, totals
from deploy.demo.client import together
from deploy.demo.diagnose import open_cycle
from deploy.demo.world import School, World

YEAR = "2027"
SEPTEMBER, OCTOBER = "2027-09-06T09:00:00+03:00", "2027-10-11T09:00:00+03:00"
CYCLE = {"title": "НЕО-наставничество 2027/28", "starts_on": "2027-09-01", "ends_on": "2028-06-15"}
# The summer brought corrections of the last year's reports.
CORRECTED_AS_OF = "2027-08-31"
MOST_ANSWERING, MOST_DIAGNOSED = 60, 30


@dataclass(frozen=True, slots=True)
class Autumn:
    """The schools in their second year, each by what it is busy with, as far as the city has so many."""

    answering: School
    pairing: School | None
    reviewing: School | None


async def begin(world: World) -> Autumn:
    """September: every school opens its second cycle; the second one diagnoses and matches, the third diagnoses."""
    await world.door.move_clock(SEPTEMBER)
    await together(open_cycle(school.in_year(YEAR, ()), CYCLE) for school in world.schools)
    answering, pairing, reviewing = (*world.schools, None, None)[:3]
    assert answering is not None
    autumn = Autumn(
        answering.in_year(YEAR, answering.in_order[:MOST_ANSWERING]), _diagnosed(pairing), _diagnosed(reviewing)
    )
    await together(
        begin(world, school)
        for begin, school in ((autumn_pairs.begin, autumn.pairing), (autumn_review.begin, autumn.reviewing))
        if school is not None
    )
    return autumn


def _diagnosed(school: School | None) -> School | None:
    """Some of the people, and all who observe lessons."""
    if school is None:
        return None
    ordered = school.in_order
    others = (one for one in ordered[MOST_DIAGNOSED:] if one.is_observer)
    return school.in_year(YEAR, (*ordered[:MOST_DIAGNOSED], *others))


async def go_on(world: World, autumn: Autumn) -> dict[str, Any]:
    """October: what waits for people today; returns how much of it there is."""
    await world.door.move_clock(OCTOBER)
    parts = [autumn_answers.go_on(world, autumn.answering), _report(world)]
    if autumn.pairing is not None:
        parts.append(autumn_pairs.go_on(world, autumn.pairing))
    if autumn.reviewing is not None:
        parts.append(autumn_review.go_on(autumn.reviewing))
    counts: dict[str, Any] = {"schools": len(world.schools)}
    for found in await together(parts):
        counts |= found
    return counts


async def _report(world: World) -> dict[str, int]:
    """One corrected report waits for the district, the next one for its head."""
    sent, waiting = world.schools[:1], world.schools[1:2]
    await together(totals.compute(school, "corrected", CORRECTED_AS_OF) for school in (*sent, *waiting))
    await together(totals.send_up(school, "corrected") for school in sent)
    return {"reports": len(sent) + len(waiting)}
