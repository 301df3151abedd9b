"""Pages of a head: what waits for a signature, and the roadmap of the year."""

import time
from uuid import uuid4

import pytest

from chassis.testing import TokenFactory
from gateway.portal.places.desk import is_fresh
from gateway.portal.places.reports import is_uncounted, verdict_of
from gateway.portal.places.roadmap import name_of
from tests.gateway.house import visiting
from tests.portal.places import Visitor, a_portal, a_reviewed_report, headings
from tests.registry.cycle import a_draft
from tests.registry.town import a_school as a_registered_school
from tests.reporting.year import a_school_year
from tests.stand import Stand


def test_sign_in_of_the_last_minutes_is_fresh_while_there_is_time_to_read() -> None:
    assert is_fresh(1000, now=1100)
    assert not is_fresh(1000, now=1290)


@pytest.mark.parametrize(
    ("is_distinguishable", "difference", "said"),
    [(None, None, "not-comparable"), (False, 0.1, "by-chance"), (True, 0.1, "grown"), (True, -0.1, "fallen")],
)
def test_difference_is_judged_in_words(is_distinguishable: bool | None, difference: float | None, said: str) -> None:
    assert verdict_of({"is_distinguishable": is_distinguishable, "difference": difference}) == said


def test_set_is_empty_until_something_could_be_counted() -> None:
    nothing, nobody_of_many = {"n_num": 0, "n_den": 0}, {"n_num": 0, "n_den": 52}

    assert is_uncounted([nothing, {"n_num": None, "n_den": None}])
    assert not is_uncounted([nothing, nobody_of_many])


def test_person_without_a_patronymic_is_named_without_it() -> None:
    assert name_of({"family_name": "Ким", "given_name": "Ли", "patronymic": None}) == "Ким Ли"


async def test_head_signs_with_a_fresh_sign_in_and_sends_the_report_up(stand: Stand, tokens: TokenFactory) -> None:
    house = await a_portal(stand, tokens)
    year = await a_school_year(stand, house.reporting, staff=12, engaged=4)
    path = await a_reviewed_report(house.reporting, year)

    async with visiting(house.app) as client:
        stale = Visitor(client, tokens, year.groups["head"], auth_time=int(time.time()) - 3600)
        head = Visitor(client, tokens, year.groups["head"])
        before = await stale.open(path)
        refused = await stale.post(path, step="sign")
        desk = await head.open(f"/schools/{year.school}/desk")
        signed = await head.post(path, step="sign")
        sent = await head.post(path, step="submit")
        after = await head.open(path)
        twice = await head.post(path, step="submit")
        strange = await Visitor(client, tokens, year.groups["curator"]).open(path)

    assert "anew=true" in before.text
    assert "Подписать отчёт</button>" not in before.text
    assert refused.headers["location"] == f"/sign-in?return_to={path}&anew=true"
    assert path in desk.text
    assert headings(desk) == ["Ждёт вашей подписи"]
    assert (signed.headers["location"], sent.headers["location"]) == (
        f"{path}?said=report-signed",
        f"{path}?said=report-submitted",
    )
    assert headings(after) == ["Отчёт на 15 июня 2027"]
    assert "отправлен, ждёт решения района" in after.text
    assert (twice.status_code, strange.status_code) == (409, 403)


async def test_head_approves_a_cycle_and_decides_on_a_stage(stand: Stand, tokens: TokenFactory) -> None:
    house = await a_portal(stand, tokens)
    school = await a_registered_school(house.registry)
    cycle = await a_draft(school)
    path = f"/schools/{school.school_id}"

    async with visiting(house.app) as client:
        head = Visitor(client, tokens, [f"{path}/head"])
        desk = await head.open(f"{path}/desk")
        approved = await head.post(f"{path}/desk/cycle", cycle_id=str(cycle))
        decided = await head.post(f"{path}/roadmap/1", cycle=str(cycle), due_on="2026-09-20")
        wrong = await head.post(f"{path}/roadmap/1", cycle=str(cycle), due_on="2026-09-20", owner_ids=[str(uuid4())])
        roadmap = await head.open(f"{path}/roadmap")
        totals = await head.open(f"{path}/totals")

    assert str(cycle) in desk.text
    assert approved.headers["location"] == f"{path}/desk?said=cycle-approved"
    assert decided.headers["location"].startswith(f"{path}/roadmap?said=stage-decided")
    assert wrong.status_code == 422
    assert 'role="alert"' in wrong.text
    assert '<div class="field wrong" id=field-owner_ids>' in wrong.text
    assert 'name="due_on" type="date" value="2026-09-20"' in wrong.text
    assert headings(roadmap) == ["Дорожная карта"]
    assert "20 сентября 2026" in roadmap.text
    assert "Приказ о внедрении системы наставничества" in roadmap.text
    assert f'href="{path}/papers"' in roadmap.text
    assert headings(totals) == ["Итоги школы"]
