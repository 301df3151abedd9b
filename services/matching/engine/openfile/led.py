"""Groups of somebody's solution, looked at one by one."""

from collections import Counter

from services.matching.engine.openfile.reading import OpenTask
from services.matching.engine.openfile.verdicts import Checked, Verdict
from services.matching.engine.table import Integers

MOST_TAKERS = 8


def broken_group(task: OpenTask, matches: Integers, led: object) -> Checked | None:
    """The first thing wrong with groups `[giver, competency, time, [takers]]`, which hold each pair once."""
    rows = led if isinstance(led, list) else [None]
    held: Counter[tuple[int, int, int]] = Counter()
    leads: Counter[int] = Counter()
    for place, row in enumerate(rows):
        known = _known(task, row)
        if known is None:
            return Checked(Verdict.WRONG_FORM, {"place": f"groups[{place}]"})
        giver, code, time, takers = known
        leads[giver] += 1
        held.update((giver, taker, code) for taker in takers)
        free = all(int(task.slots[one]) >> time & 1 for one in (giver, *takers))
        if not free or len(takers) > MOST_TAKERS:
            return Checked(Verdict.GROUP_BROKEN, {"place": f"groups[{place}]"})
    if held != Counter((giver, taker, code) for giver, taker, code in matches.tolist()):
        return Checked(Verdict.GROUP_BROKEN, {"place": "groups"})
    takes = Counter(matches[:, 1].tolist())
    for role, counts, most in (("giver", leads, task.give), ("taker", takes, task.take)):
        for person, count in sorted(counts.items()):
            if count > int(most[person]):
                limits: dict[str, str | int] = {"count": count, "limit": int(most[person])}
                return Checked(Verdict.OVER_CAPACITY, {"role": role, "person": person, **limits})
    return None


def _known(task: OpenTask, row: object) -> tuple[int, int, int, list[int]] | None:
    """A group of the right form, whose people are there."""
    if not isinstance(row, list) or len(row) != 4 or not isinstance(row[3], list) or not row[3]:
        return None
    giver, code, time, takers = row
    if any(type(one) is not int or one < 0 for one in (giver, code, time, *takers)):
        return None
    return (giver, code, time, takers) if max(giver, *takers) < task.people and time < 64 else None
