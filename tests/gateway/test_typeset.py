"""Spaces of a Russian page that do not break."""

import pytest

from gateway.portal.typeset import APART, HYPHEN, typeset


def seen(page: str) -> str:
    """What the typesetter did, with marks that an eye can see."""
    return typeset(page).replace(APART, "_").replace(HYPHEN, "=")


@pytest.mark.parametrize(
    ("written", "set_"),
    [
        ("И в школе, и дома", "И_в_школе, и_дома"),
        ("Ответ — для вас", "Ответ_— для_вас"),
        ("то ли это", "то_ли это"),
        ("скажите же", "скажите_же"),
        ("осталось 7 минут", "осталось 7_минут"),
        ("94 % из 18", "94_% из_18"),
        ("школа № 540", "школа №_540"),
        ("во 2-й урок", "во_2=й урок"),
        ("чему-то и кто-нибудь", "чему=то и_кто=нибудь"),
        ("(в доме) «о том»", "(в_доме) «о_том»"),
        ("обмен опытом", "обмен опытом"),
        ("spb-540 и 2-3 раза", "spb-540 и_2-3_раза"),
    ],
)
def test_line_does_not_end_with_a_short_word_a_dash_or_a_number(written: str, set_: str) -> None:
    assert seen(f"<p>{written}</p>") == f"<p>{set_}</p>"


@pytest.mark.parametrize(
    "page",
    [
        "<title>и в школе</title>",
        '<input value="и в школе">',
        "<textarea rows=4>и в школе\nи <b></textarea>",
        "<pre><code>-d и в</code></pre>",
        '<a title="и в школе"></a>',
    ],
)
def test_what_a_form_carries_and_a_machine_reads_stays_as_it_was_written(page: str) -> None:
    assert typeset(page) == page


def test_english_page_is_left_alone() -> None:
    page = "<p>2 minutes — as a rule</p>"

    assert typeset(page) == page
