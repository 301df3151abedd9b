"""Psychometrics over many schools: gathered without names, hidden under thirty people, in the background."""

from dataclasses import replace
from random import Random
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Table, insert, text

from chassis.identity import EVERYONE
from chassis.refusals import Conflict
from chassis.testing import eventually
from services.diagnostics import actions, domain
from services.diagnostics.domain import OPEN_ORDERS, Gathered, OrderState
from services.diagnostics.store.psychometrics import LEASES, Progress
from services.diagnostics.store.tables import campaigns, participants, schools, sheets
from services.diagnostics.store.tables_of_appeals import psychometric_orders
from services.diagnostics.store.tables_of_instruments import test_answers, test_sittings
from tests.diagnostics.classroom import NOW
from tests.diagnostics.measures import numbers
from tests.diagnostics.test_meaning import instruments
from tests.stand import Running, Stand, a_school

CODES = ("D01", "D02", "D03", "S03.CHE")
TEST = ("I01", "A")
QUICK = replace(numbers(), omega_resamples=50)


def figures(gathered: Gathered) -> list[tuple[str, dict[str, Any] | None]]:
    return list(domain.figures_of(gathered, QUICK, seed=7))


def somebody(chance: Random) -> tuple[dict[str, int | None], list[dict[str, int | None]], dict[str, bool]]:
    """Answers of one person: an own level that all items and all colleagues see with some error."""
    level = chance.choice((2, 3, 4))
    own: dict[str, int | None] = {code: level + chance.choice((-1, 0, 0, 1)) for code in CODES}
    seen: list[dict[str, int | None]] = [{"D01": level + chance.choice((0, 0, 1))} for _ in range(3)]
    items = instruments().bank.forms[TEST].items
    right = {item.id: chance.random() < level / 5 for item in items}
    return own, seen, right


def gathered_of(people: int, *, seed: int = 1) -> Gathered:
    chance, gathered = Random(seed), Gathered()
    for _ in range(people):
        own, seen, right = somebody(chance)
        gathered.add_own(instruments().catalogue, CODES, own)
        gathered.add_colleagues(seen)
        gathered.add_test(instruments().bank, TEST, right)
    return gathered


def test_thirty_people_show_what_twenty_nine_hide() -> None:
    hidden, shown = figures(gathered_of(29)), figures(gathered_of(30))

    assert [figure for _, figure in hidden] == [None, None, None]
    assert [kind for kind, figure in shown if figure is not None] == ["scales", "scales", "raters"]


def test_a_scale_has_alpha_omega_and_its_items_and_a_subject_is_left_out() -> None:
    (_, scale), (_, test), (_, raters) = figures(gathered_of(60))

    assert scale
    assert test
    assert raters
    assert (scale["instrument"], scale["about"], scale["form"]) == ("SA", "D", None)
    assert [each["item"] for each in scale["items"]] == ["D01", "D02", "D03"]
    assert scale["alpha"]["low"] < scale["alpha"]["value"] < scale["alpha"]["high"]
    assert (scale["alpha"]["n"], scale["omega"]["n"], scale["omega"]["parts"]) == (60, 60, 3)
    assert (test["instrument"], test["about"], test["form"], len(test["items"])) == ("TST", *TEST, 8)
    assert all(0 < each["difficulty"] < 1 for each in test["items"])
    assert (raters["competency"], raters["single"]["model"], raters["joint"]["model"]) == ("D01", "ICC(1)", "ICC(1,k)")


def test_order_of_the_answers_changes_nothing() -> None:
    one, other = gathered_of(40), gathered_of(40)
    for rows in (*other.scales.values(), *other.ratings.values()):
        rows.reverse()

    assert figures(one) == figures(other)


def test_whoever_left_an_item_out_is_missing_and_half_a_test_is_none() -> None:
    gathered = gathered_of(30)
    gathered.add_own(instruments().catalogue, CODES, {"D01": 3, "D02": None, "D03": 3})
    gathered.add_test(instruments().bank, TEST, {instruments().bank.forms[TEST].items[0].id: True})
    gathered.add_test(instruments().bank, ("I01", "Z"), {})

    (_, scale), (_, test), _ = figures(gathered)

    assert scale
    assert test
    assert (scale["alpha"]["n"], scale["alpha"]["missing"]) == (30, 1)
    assert (test["alpha"]["n"], test["alpha"]["missing"]) == (30, 0)


def test_forms_of_different_roles_are_different_scales() -> None:
    gathered = gathered_of(1)
    gathered.add_own(instruments().catalogue, ("D01", "D02"), {"D01": 3, "D02": 3})

    assert sorted(scale.items for scale in gathered.scales if scale.about == "D") == [
        ("D01", "D02"),
        ("D01", "D02", "D03"),
    ]


@pytest.mark.parametrize("state", OrderState)
def test_an_order_is_cancelled_before_its_end_only(state: OrderState) -> None:
    if state in OPEN_ORDERS:
        domain.check_cancelling(state)
    else:
        with pytest.raises(Conflict, match="step-not-legal"):
            domain.check_cancelling(state)


async def an_answered_school(running: Running, version: str, *, people: int, seed: int) -> str:
    """A school whose first diagnosis is over, with answers of all kinds, written as its rows stand."""
    school, campaign, chance = a_school(), uuid4(), Random(seed)
    mine = {"school_id": school, "campaign_id": campaign}
    async with running.db.transaction(school) as tx:
        await tx.run(insert(schools), {"school_id": school, "next_close": None})
        await tx.run(insert(campaigns), {
            **mine, "cycle_id": uuid4(), "wave": 1, "state": "CLOSED", "closes_on": NOW.date(),
            "catalogue_version": version, "invited": people, "opened_at": NOW, "opened_by": uuid4(),
        })  # fmt: skip
        for table, rows in _rows(mine, [somebody(chance) for _ in range(people)]).items():
            await tx.run(insert(table), rows)
    return school


def _rows(mine: dict[str, Any], people: list[Any]) -> dict[Table, list[dict[str, Any]]]:
    found: dict[Table, list[dict[str, Any]]] = {
        table: [] for table in (participants, sheets, test_sittings, test_answers)
    }
    for own, seen, right in people:
        person = {**mine, "person_id": uuid4()}
        form = {"codes": list(CODES), "targets": [3] * len(CODES)}
        found[participants].append({**person, **form, "cycle_id": uuid4(), "scored_revision": 1})
        sheet = {**person, "lessons": 1, "is_final": True}
        given = [("SA", person["person_id"], own), *(("P360", uuid4(), each) for each in seen)]
        found[sheets] += [
            {**sheet, "source": source, "author_id": author, "answers": answers} for source, author, answers in given
        ]
        test = {**person, "competency": TEST[0], "form": TEST[1]}
        found[test_sittings].append({**test, "begun_at": NOW, "finished_at": NOW})
        found[test_answers] += [
            {**test, "item_id": item, "chosen": [0], "is_right": each, "answered_at": NOW}
            for item, each in right.items()
        ]
    return found


async def ask(running: Running, method: str, path: str, role: str = "analyst") -> Any:
    return await running.call(method, path, by=uuid4(), groups=[f"/city/{role}"])


async def test_two_schools_under_thirty_make_figures_together_and_no_id_comes_out(stand: Stand) -> None:
    running = await stand.service("diagnostics")
    version, order = f"t-{uuid4().hex[:8]}", uuid4()
    known = [await an_answered_school(running, version, people=16, seed=seed) for seed in (1, 2)]
    catalogue = replace(running.app.state.catalogue, version=version, parameters=QUICK)
    worker = running.app.state.psychometrics_worker
    worker.instruments = replace(worker.instruments, catalogue=catalogue)

    first = await actions.order_psychometrics(running.db, catalogue, order)
    again = await actions.order_psychometrics(running.db, catalogue, order)
    worker.woken.set()

    async def state() -> str:
        return str((await ask(running, "GET", f"/psychometrics/{order}")).json()["state"])

    await eventually(state, equals="DONE")
    found = (await ask(running, "GET", f"/psychometrics/{order}")).json()
    assert (first, again) == (True, False)
    assert found["schools_done"] == found["schools"] >= 2
    assert (found["parts"], found["parts_done"]) == (3, 3)
    scale, test = found["figures"]["scales"]
    assert (scale["alpha"]["n"], test["alpha"]["n"], found["figures"]["raters"][0]["single"]["n"]) == (32, 32, 32)
    assert found["figures"]["hidden"] == 0
    assert not any(school in str(found) for school in known)


async def test_a_cancelled_order_keeps_no_figures_and_its_worker_learns_of_it(stand: Stand) -> None:
    running = await stand.service("diagnostics")
    order, worker = uuid4(), uuid4()
    row = {"order_id": order, "state": "COMPUTING", "catalogue_version": "none", "ordered_at": NOW, "worker": worker}
    counts = dict.fromkeys(("schools", "schools_done", "parts", "parts_done", "claims"), 1)
    async with running.db.transaction() as tx:
        await tx.run(insert(psychometric_orders), {**row, **counts, "beat_at": await tx.value(text("select now()"))})

    cancelled = [await ask(running, "POST", f"/psychometrics/{order}/cancel") for _ in range(2)]

    async with running.db.transaction() as tx:
        beats = await LEASES.beat(tx, order, worker, **Progress(OrderState.COMPUTING, 1, 1).columns)
        ends = await LEASES.release(tx, order, worker, state="DONE", figures={"scales": [], "raters": [], "hidden": 0})
    assert [(each.status_code, each.json()["state"], each.json()["figures"]) for each in cancelled] == [
        (200, "CANCELLED", None)
    ] * 2
    assert (beats, ends) == (False, False)


async def test_an_order_whose_workers_keep_dying_fails_with_a_reason(stand: Stand) -> None:
    running = await stand.service("diagnostics")
    order = uuid4()
    row = {"order_id": order, "state": "COLLECTING", "catalogue_version": "none", "ordered_at": NOW}
    counts = dict.fromkeys(("schools", "schools_done", "parts", "parts_done"), 0)
    async with running.db.transaction() as tx:
        await tx.run(insert(psychometric_orders), {**row, **counts, "claims": actions.PsychometricsWorker.pace.claims})

    running.app.state.psychometrics_worker.woken.set()

    async def reason() -> Any:
        return (await ask(running, "GET", f"/psychometrics/{order}")).json()["reason"]

    await eventually(reason, equals="psychometrics.worker-lost")
    refused = await ask(running, "POST", f"/psychometrics/{order}/cancel")
    assert (refused.status_code, refused.json()["legal"]) == (409, [])


async def test_only_the_analyst_of_the_city_may_order_figures(stand: Stand) -> None:
    running = await stand.service("diagnostics")
    order = f"/psychometrics/{uuid4()}"
    doors = [("PUT", order), ("GET", order), ("GET", "/psychometrics"), ("POST", f"{order}/cancel")]

    here = {
        (method, path): [role for role in EVERYONE if (await ask(running, method, path, role)).status_code != 403]
        for method, path in doors
    }
    school = await running.call("PUT", order, by=uuid4(), groups=[f"/schools/{a_school()}/analyst"])
    nobody = await running.client.request("GET", order)

    assert here == {door: ["analyst"] for door in doors}
    assert (school.status_code, nobody.status_code) == (403, 401)


async def test_an_unknown_order_is_missing_and_a_list_comes_in_pages(stand: Stand) -> None:
    running = await stand.service("diagnostics")
    order = UUID(int=0xFFFFFFFF_FFFFFFFF_FFFFFFFF_FFFFFFF0 + uuid4().int % 15)

    missing = [
        (await ask(running, method, f"/psychometrics/{uuid4()}{tail}")).status_code
        for method, tail in (("GET", ""), ("POST", "/cancel"))
    ]
    ordered = await ask(running, "PUT", f"/psychometrics/{order}")
    page = (await ask(running, "GET", "/psychometrics?limit=500")).json()
    await ask(running, "POST", f"/psychometrics/{order}/cancel")

    assert missing == [404, 404]
    assert ordered.status_code in (200, 202)
    assert str(order) in {each["order_id"] for each in page["items"]}
    assert "figures" not in page["items"][0]
