"""Pages of the city's analyst: publications and definitions."""

import pytest

from chassis.testing import TokenFactory
from gateway.portal.places.definitions import Meaning, matching
from tests.gateway.house import visiting
from tests.portal.places import ANALYST, Visitor, a_portal, headings
from tests.stand import Stand


def a_meaning(name: str, numerator: str = "") -> Meaning:
    return Meaning("P_X", name, "", "", numerator, "", "", "")


def test_definitions_are_found_by_all_words_in_any_order() -> None:
    found = [a_meaning("Реверсивность"), a_meaning("Подтверждённые дефициты", "область: цифровые")]

    assert list(matching(found, "ЦИФРОВЫЕ дефициты")) == [found[1]]
    assert list(matching(found, "p_x")) == found
    assert list(matching(found, "нет такого")) == []


@pytest.mark.usefixtures("empty_city")
async def test_analyst_orders_a_publication_and_is_told_of_a_wrong_day(stand: Stand, tokens: TokenFactory) -> None:
    house = await a_portal(stand, tokens)

    async with visiting(house.app) as client:
        analyst = Visitor(client, tokens, [ANALYST])
        wrong = await analyst.post("/city/publications", title="2026/27", as_of="2999-01-01")
        ordered = await analyst.post("/city/publications", title="2026/27", as_of="2020-06-15")
        one = await analyst.open(ordered.headers["location"])
        empty = await analyst.open("/city")
        found = await analyst.open("/city/definitions?wanted=реверсивность")

    assert wrong.status_code == 422
    assert 'id="wrong-as_of"' in wrong.text
    assert "2999-01-01" in wrong.text
    assert headings(one) == ["2026/27"]
    assert headings(empty) == ["Районы города"]
    assert "Город ещё ничего не опубликовал" in empty.text
    assert "E_DUAL" in found.text
    assert "E_ENG_MENTOR" not in found.text
