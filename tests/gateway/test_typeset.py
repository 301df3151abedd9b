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
        ("файл до 10 МБ, ответ за 40 мс", "файл до_10_МБ, ответ за_40_мс"),
        ("ТК РФ, ст. 351.8, ч. 5 и п. 2", "ТК РФ, ст._351.8, ч._5 и_п._2"),
        ("(ст. 21), § 3, № 5, 2026 г.", "(ст._21), §_3, №_5, 2026_г."),
        ("это т. е. то и т. д., в т. ч.", "это т._е. то_и_т._д., в_т._ч."),
        ("тест 3", "тест 3"),
        ("во 2-й урок", "во_2=й урок"),
        ("чему-то и кто-нибудь", "чему=то и_кто=нибудь"),
        ("(в доме) «о том»", "(в_доме) «о_том»"),
        ("<code>E_DUAL</code> · действует с 1 января", "<code>E_DUAL</code>_· действует с_1_января"),
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
