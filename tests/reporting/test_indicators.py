"""Passports as data, the values they give, and what may be called a change."""

import json
from datetime import date

import pytest

from chassis.refusals import Invalid, Missing
from services.reporting.domain import Value, compare, evaluate, load_catalogue, read_catalogue


def a_passport(**other: object) -> dict[str, object]:
    words = {"ru": "Вовлечённость", "en": "Engaged"}
    passport: dict[str, object] = {"code": "E", "name": words, "definition": words, "unit": "share"}
    passport |= {"numerator": "engaged", "denominator": "staff", "direction": "up", "threshold": "staff"}
    return passport | {"version": "2026.1", "valid_from": "2026-01-01"} | other


def a_catalogue(*passports: dict[str, object]) -> str:
    domains = {"D": {"ru": "цифровые", "en": "digital"}}
    return json.dumps({"version": "2026.1", "domains": domains, "passports": passports})


def a_share(n_num: float, n_den: float) -> Value:
    passport = read_catalogue(a_catalogue(a_passport())).passport("E")
    return evaluate(passport, {"engaged": n_num, "staff": n_den})


def test_shipped_catalogue_has_every_indicator_of_the_first_cycle() -> None:
    catalogue = load_catalogue("2026.1")

    expected = {"E_ENG_ANY", "E_ENG_MENTOR", "E_ENG_MENTEE", "E_ENG_DUAL", "E_DUAL", "P_CLOSED", "P_CSAT"}
    expected |= {"MEETINGS_HELD", "P_CONT", "P_CONSENT", "P_EARLY"}
    expected |= {f"{kind}_{domain}" for kind in ("GAPS", "STRENGTHS", "P_GAIN") for domain in "DMSPIN"}
    assert set(catalogue.passports) == expected


def test_domain_passports_are_named_in_both_languages() -> None:
    passport = load_catalogue().passport("GAPS_I")

    assert passport.name == {"ru": "Подтверждённые дефициты: инклюзивные", "en": "Confirmed gaps: inclusive"}
    assert (passport.numerator, passport.denominator) == ("gaps_I", "assessments_I")
    assert passport.valid_from == date(2026, 1, 1)


def test_engaged_are_mentors_and_mentees_less_those_in_both_roles() -> None:
    relations = load_catalogue().relations

    assert dict(relations[0].terms) == {
        "engaged_any": 1, "engaged_mentor": -1, "engaged_mentee": -1, "engaged_dual": 1,
    }  # fmt: skip
    assert relations[0].is_exact


def test_unknown_version_and_unknown_indicator_are_missing() -> None:
    with pytest.raises(Missing, match=r"report\.unknown-catalogue"):
        load_catalogue("1999.1")
    with pytest.raises(Missing, match=r"report\.unknown-indicator"):
        load_catalogue().passport("E_NOTHING")


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("unit", "percent"), ("direction", "sideways"), ("threshold", "none"), ("numerator", ""),
        ("denominator", None), ("name", {"ru": "только по-русски"}), ("valid_from", "spring"),
        ("numerator", "staff; drop"), ("target", "high"), ("version", None), ("beside", "response_rate"),
    ],
)  # fmt: skip
def test_wrong_passport_names_its_field(field: str, wrong: object) -> None:
    with pytest.raises(Invalid) as refused:
        read_catalogue(a_catalogue(a_passport(**{field: wrong})))

    assert refused.value.slug == "report.passport-wrong"
    assert refused.value.field == field


@pytest.mark.parametrize("document", ["", "[]", "{}", '{"version": "1", "domains": {}, "passports": [1]}'])
def test_broken_catalogue_is_refused(document: str) -> None:
    with pytest.raises(Invalid, match=r"report\.catalogue-unreadable"):
        read_catalogue(document)


def test_mean_needs_squares_and_a_count_has_no_denominator() -> None:
    with pytest.raises(Invalid, match=r"report\.passport-wrong"):
        read_catalogue(a_catalogue(a_passport(unit="mean")))
    with pytest.raises(Invalid, match=r"report\.passport-wrong"):
        read_catalogue(a_catalogue(a_passport(unit="count")))


def test_same_code_twice_is_refused() -> None:
    with pytest.raises(Invalid, match=r"report\.indicator-twice"):
        read_catalogue(a_catalogue(a_passport(), a_passport()))


def test_share_stands_beside_its_counts_with_an_interval() -> None:
    value = a_share(43, 77)

    assert (value.n_num, value.n_den) == (43, 77)
    assert value.value == pytest.approx(0.5584, abs=5e-5)
    assert value.ci_low == pytest.approx(0.447, abs=5e-4)
    assert value.ci_high == pytest.approx(0.664, abs=5e-4)


def test_share_of_nobody_is_unknown_not_zero() -> None:
    value = a_share(0, 0)

    assert (value.value, value.ci_low, value.ci_high) == (None, None, None)


def test_gain_is_a_mean_with_what_is_missing_beside_it() -> None:
    counters = {"gain_sum_D": 12.0, "gain_count_D": 30, "gain_squares_D": 9.0}

    value = evaluate(load_catalogue().passport("P_GAIN_D"), counters | {"gain_reliable_D": 6, "gain_missing_D": 4})

    assert value.value == pytest.approx(0.4)
    assert value.ci_low is not None
    assert value.ci_low < 0.4
    assert value.beside["reliable"].value == pytest.approx(0.2)
    assert value.beside["missing"].value == 4


def test_satisfaction_is_shown_with_its_response_rate() -> None:
    counters = {"csat_satisfied": 24, "csat_answered": 30, "csat_invited": 60}

    value = evaluate(load_catalogue().passport("P_CSAT"), counters)

    assert value.value == pytest.approx(0.8)
    assert value.beside["response_rate"].value == pytest.approx(0.5)


def test_every_shipped_passport_can_be_evaluated() -> None:
    for passport in load_catalogue().passports.values():
        counters = {one.denominator or "": 20.0 for one in passport.beside}
        counters |= {one.numerator: 20.0 for one in passport.beside}
        counters |= {passport.denominator or "": 20.0, passport.numerator: 10.0, passport.squares or "": 12.0}

        value = evaluate(passport, counters)

        assert value.value == (10.0 if passport.unit == "count" else 0.5)


def test_absent_negative_and_impossible_counters_are_refused() -> None:
    passport = load_catalogue().passport("E_ENG_ANY")

    with pytest.raises(Invalid, match=r"report\.counter-absent"):
        evaluate(passport, {"staff": 10})
    with pytest.raises(Invalid, match=r"report\.counter-negative"):
        evaluate(passport, {"engaged_any": -1, "staff": 10})
    with pytest.raises(Invalid, match=r"report\.part-over-whole"):
        evaluate(passport, {"engaged_any": 11, "staff": 10})


def test_attested_share_of_the_seed_did_not_distinguishably_grow() -> None:
    change = compare(a_share(43, 77), a_share(48, 80))

    assert not change.is_distinguishable
    assert change.persons == 5


def test_engagement_of_the_seed_grew() -> None:
    change = compare(a_share(8, 77), a_share(58, 77))

    assert change.is_distinguishable
    assert change.persons == 50
    assert change.difference == pytest.approx(50 / 77)


def test_nothing_is_distinguishable_from_an_unknown_value() -> None:
    assert not compare(a_share(0, 0), a_share(58, 77)).is_distinguishable


def a_gain(count: int, mean: float, deviation: float) -> Value:
    counters = {"gain_sum_D": count * mean, "gain_count_D": count, "gain_reliable_D": 0, "gain_missing_D": 0}
    squares = (count - 1) * deviation**2 + count * mean**2
    return evaluate(load_catalogue().passport("P_GAIN_D"), counters | {"gain_squares_D": squares})


def test_means_are_compared_by_welch() -> None:
    change = compare(a_gain(30, 0.2, 0.8), a_gain(20, 0.9, 0.6))

    # standard error sqrt(0.64/30 + 0.36/20) = 0.19833
    assert change.score == pytest.approx(0.7 / 0.19833, abs=1e-3)
    assert change.is_distinguishable
    assert not compare(a_gain(30, 0.2, 0.8), a_gain(20, 0.3, 0.6)).is_distinguishable
    assert not compare(a_gain(1, 0.2, 0.8), a_gain(20, 2.0, 0.6)).is_distinguishable


def test_counts_are_compared_as_counts_of_events() -> None:
    meetings = load_catalogue().passport("MEETINGS_HELD")
    few, more, many = (evaluate(meetings, {"meetings_held": held}) for held in (100, 110, 160))

    assert not compare(few, more).is_distinguishable
    assert compare(few, many).is_distinguishable


def test_share_and_count_are_not_compared() -> None:
    meetings = evaluate(load_catalogue().passport("MEETINGS_HELD"), {"meetings_held": 5})

    with pytest.raises(Invalid, match=r"report\.not-comparable"):
        compare(a_share(8, 77), meetings)
