"""The analyst's page on the instruments: figures in words, an order from its beginning to its end."""

from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import insert

from chassis.testing import eventually
from chassis.texts import Texts
from gateway.portal.catalogue import Catalogue, Domain
from gateway.portal.live.progress import of_psychometrics
from gateway.portal.places.instruments import Telling, judged
from gateway.portal.rooms import packages
from services.diagnostics.store.tables_of_appeals import psychometric_orders
from tests.diagnostics.classroom import NOW
from tests.gateway.house import Setting, a_gateway, visiting
from tests.gateway.test_pages import BROWSER
from tests.portal.office import words_of
from tests.stand import Stand

PATH = "/city/psychometrics"


def a_coefficient(low: float, high: float, **changes: Any) -> dict[str, Any]:
    told = {"value": (low + high) / 2, "low": low, "high": high, "model": "alpha", "n": 64, "missing": 0, "parts": 3}
    return {**told, **changes}


def a_scale(**changes: Any) -> dict[str, Any]:
    items = [
        {"item": "D01", "difficulty": 0.62, "discrimination": 0.51, "n": 64},
        {"item": "D02", "difficulty": 0.4, "discrimination": 0.12, "n": 64},
        {"item": "D03", "difficulty": 1.0, "discrimination": None, "n": 64},
    ]
    told = {"instrument": "SA", "about": "D", "form": None, "alpha": a_coefficient(0.72, 0.86), "omega": None}
    return {**told, "items": items, **changes}


def telling() -> Telling:
    texts = Texts.load(*packages())
    names = {"D01": "Подбор ресурсов", "D02": "Онлайн-урок", "D03": "Данные"}
    catalogue = Catalogue([Domain("D", "Цифровые")], {}, {}, {}, names, dict.fromkeys(names, "D"), {})
    return Telling(lambda slug, **facts: texts.say(slug, "ru", **facts), "ru", catalogue)


@pytest.mark.parametrize(
    ("told", "verdict"),
    [
        (a_coefficient(0.7, 0.8), "sure"),
        (a_coefficient(0.5, 0.699), "unsure"),
        (a_coefficient(0.6, 0.9), "unclear"),
        (None, "unclear"),
    ],
)
def test_instrument_is_judged_by_the_whole_interval(told: dict[str, Any] | None, verdict: str) -> None:
    assert judged(told) == verdict


def test_scale_is_told_with_its_counts_and_weak_items_are_marked() -> None:
    (scale,) = telling().scales([a_scale(alpha=a_coefficient(0.72, 0.86, missing=2))], "SA")

    assert scale.name == "Цифровые, 3 пункта"
    assert scale.alpha is not None
    assert (scale.alpha.number, scale.alpha.interval) == ("0,79", "0,72…0,86")
    assert scale.alpha.counted == "64 человека, ещё 2 не ответили на всё"
    assert [(one.name, one.discrimination, one.is_weak) for one in scale.items] == [
        ("Подбор ресурсов", "0,51", False),
        ("Онлайн-урок", "0,12", True),
        ("Данные", "—", True),
    ]


def test_least_sure_stands_first_and_omega_goes_before_alpha() -> None:
    good = a_scale(instrument="TST", about="D01", form="A", omega=a_coefficient(0.75, 0.9))
    bad = a_scale(instrument="TST", about="D02", form="B", alpha=a_coefficient(0.1, 0.4))

    found = telling().scales([good, bad, a_scale()], "TST")

    assert [(one.name, one.verdict.word) for one in found] == [
        ("Онлайн-урок, форма B, 3 задания", "ненадёжно"),
        ("Подбор ресурсов, форма A, 3 задания", "надёжно"),
    ]


@pytest.mark.parametrize(
    ("state", "share", "is_over"),
    [("ORDERED", None, False), ("COLLECTING", 0.25, False), ("COMPUTING", 0.55, False), ("DONE", 1.0, True)],
)
def test_schools_are_the_first_half_of_the_way_and_tables_the_second(
    state: str, share: float | None, is_over: bool
) -> None:
    order = {"state": state, "schools": 8, "schools_done": 4, "parts": 10, "parts_done": 1}

    told = of_psychometrics(order, telling().say)

    assert (told.share, told.is_over) == (share, is_over)


async def a_found_order(stand: Stand) -> str:
    """An order whose figures are there, written as its row stands."""
    diagnostics, order = await stand.service("diagnostics"), uuid4()
    raters = {"competency": "D01", "single": a_coefficient(0.2, 0.4), "joint": a_coefficient(0.5, 0.65)}
    figures = {"scales": [a_scale(about="D")], "raters": [raters], "hidden": 2}
    counts = dict.fromkeys(("schools", "schools_done", "parts", "parts_done", "claims"), 4)
    row = {"order_id": order, "state": "DONE", "catalogue_version": "2026.1", "ordered_at": NOW, "finished_at": NOW}
    async with diagnostics.db.transaction() as tx:
        await tx.run(insert(psychometric_orders), {**row, **counts, "figures": figures})
    return str(order)


async def test_analyst_reads_the_figures_in_words_and_nobody_else_does(stand: Stand) -> None:
    diagnostics = await stand.service("diagnostics")
    order = await a_found_order(stand)
    app = a_gateway({"diagnostics": diagnostics.app}, Setting(verifier=stand.tokens.verifier()))

    async with visiting(app) as client:
        analyst = {**stand.tokens.headers(uuid4(), "/city/analyst"), **BROWSER, "accept-language": "ru"}
        operator = {**stand.tokens.headers(uuid4(), "/city/operator"), **BROWSER}
        orders = await client.get(PATH, headers=analyst)
        page = await client.get(f"{PATH}/{order}", headers=analyst)
        unknown = await client.get(f"{PATH}/{uuid4()}", headers=analyst)
        strange = await client.get(PATH, headers=operator)

    words = words_of(page.text)
    assert f"{PATH}/{order}" in orders.text
    assert "надёжно 0,79 0,72…0,86" in words.replace("— ", "")
    assert "ненадёжно" in words
    assert "Скрыто 2 таблицы" in words
    assert "слабых: 2" in words
    assert (unknown.status_code, strange.status_code) == (404, 403)


async def test_ordered_figures_come_to_an_end_and_what_is_over_cannot_be_cancelled(stand: Stand) -> None:
    diagnostics = await stand.service("diagnostics")
    app = a_gateway({"diagnostics": diagnostics.app}, Setting(verifier=stand.tokens.verifier()))

    async with visiting(app) as client:
        analyst = {**stand.tokens.headers(uuid4(), "/city/analyst"), **BROWSER, "accept-language": "ru"}
        ordered = await client.post(PATH, headers=analyst)
        one = ordered.headers["location"]
        live = one.replace("/city/", "/live/")

        async def is_over() -> bool:
            return "Отменить расчёт" not in (await client.get(one, headers=analyst)).text

        await eventually(is_over, equals=True)
        told = await client.get(live, headers=analyst)
        cancelled = await client.post(f"{one}/cancel", headers=analyst)

    assert ordered.status_code == 303
    assert '"is_over": true' in told.text
    assert cancelled.status_code == 409
    assert 'role="alert"' in cancelled.text
