"""The cards of a teacher's day: what waits, in the order in which it helps most."""

from datetime import timedelta
from typing import Any

from gateway.portal.teacher.card import Morning, Rank
from gateway.portal.teacher.cards import cards_of, coming_of, is_newcomer
from tests.portal.teacher import ANNA, ME, NAMES, NOON, a_table, wording


def a_form(**changes: Any) -> dict[str, Any]:
    own = {"competencies": ["D01", "S03.CHE"], "answered": 0, "minutes_left": 2, "is_final": False}
    content: dict[str, Any] = {
        "campaign_id": "c1",
        "opens_on": None,
        "closes_on": "2026-11-20",
        "wave": 1,
        "self": own,
        "colleagues": [],
    }
    return {**content, **changes}


def a_pair(**changes: Any) -> dict[str, Any]:
    content: dict[str, Any] = {
        "assignment_id": "a1",
        "partner_id": ANNA,
        "competency": "D01",
        "side": "taker",
        "state": "ACTIVE",
        "waits_for": [],
    }
    return {**content, **changes}


def a_meeting(hours: float, **changes: Any) -> dict[str, Any]:
    content: dict[str, Any] = {
        "meeting_id": "m1",
        "assignment_id": "a1",
        "starts_at": (NOON + timedelta(hours=hours)).isoformat(),
        "state": "PLANNED",
        "my_answer": None,
        "partner_answer": None,
        "reflections": [],
    }
    return {**content, **changes}


def ranks(morning: Morning) -> list[Rank]:
    return [card.rank for card in cards_of(morning, a_table())]


def test_a_meeting_that_has_begun_is_confirmed_right_in_its_card() -> None:
    morning = Morning(assignments=[a_pair()], meetings=[a_meeting(-1, partner_answer=True)], names=NAMES)

    card = cards_of(morning, a_table())[0]

    assert card.title == "Встреча состоялась? Иванова Анна Петровна"
    assert [tap.value for tap in card.taps] == ["yes", "no"]
    assert card.address == "/schools/x/my-day/meetings/m1"
    assert "По словам коллеги, вы встретились." in card.why


def test_a_meeting_ahead_asks_for_nothing_and_is_told_of() -> None:
    morning = Morning(assignments=[a_pair()], meetings=[a_meeting(3)], names=NAMES)

    assert cards_of(morning, a_table()) == []
    assert [(one.moment, one.kind) for one in coming_of(morning, a_table())] == [("сегодня, 15:00", "take")]


def test_a_working_pair_without_a_meeting_ahead_is_asked_to_agree_on_one() -> None:
    assert ranks(Morning(assignments=[a_pair()], names=NAMES)) == [Rank.PLAN]


def test_a_held_meeting_asks_for_a_thought_until_i_have_given_mine() -> None:
    thought = {"person_id": ME, "usefulness": 5}
    held = a_meeting(-2, state="HELD", my_answer=True)

    assert Rank.REFLECT in ranks(Morning(assignments=[a_pair()], meetings=[held], names=NAMES))
    told = {**held, "reflections": [thought]}
    assert Rank.REFLECT not in ranks(Morning(assignments=[a_pair()], meetings=[told], names=NAMES))


def test_nobody_is_asked_of_a_meeting_of_last_month() -> None:
    morning = Morning(assignments=[a_pair(state="COMPLETED")], meetings=[a_meeting(-24 * 30)], names=NAMES)

    assert cards_of(morning, a_table()) == []


def test_only_my_own_consent_is_asked_of_me_and_once_for_several_pairs() -> None:
    waiting = a_pair(state="OPENED", waits_for=["consent.MENTORING_LOCAL_ACT.taker", "paper.DOC08"])
    theirs = a_pair(state="OPENED", waits_for=["consent.MENTORING_LOCAL_ACT.giver"])

    assert ranks(Morning(assignments=[waiting, {**waiting, "assignment_id": "a2"}], names=NAMES)) == [Rank.CONSENT]
    assert ranks(Morning(assignments=[theirs], names=NAMES)) == []


def test_who_waits_for_me_comes_before_my_own_things_and_a_last_day_before_all() -> None:
    proposal = {
        "pairing_id": "p1",
        "role": "taker",
        "competency": "D01",
        "partner_id": ANNA,
        "expires_at": NOON.isoformat(),
        "can": ["accept", "decline"],
    }
    quiet = Morning(forms=[a_form()], proposals=[proposal], assignments=[a_pair()], names=NAMES)
    last_day = Morning(forms=[a_form(closes_on="2026-11-10")], proposals=[proposal], names=NAMES)

    assert ranks(quiet) == [Rank.PROPOSAL, Rank.FORM, Rank.PLAN]
    assert ranks(last_day) == [Rank.LAST_DAYS, Rank.PROPOSAL]


def test_a_self_rating_says_how_much_of_it_is_left() -> None:
    own = {"competencies": ["D01", "S03.CHE"], "answered": 1, "minutes_left": 1, "is_final": False}

    card = cards_of(Morning(forms=[a_form(self=own)]), a_table())[0]

    assert card.title == "Самооценка: осталось 1 из 2"
    assert card.seconds == 60


def test_nothing_is_asked_before_the_first_day_and_after_the_hand_in() -> None:
    handed_in = {"competencies": ["D01"], "answered": 1, "minutes_left": 0, "is_final": True}

    assert ranks(Morning(forms=[a_form(opens_on="2026-11-10")])) == []
    assert ranks(Morning(forms=[a_form(self=handed_in)])) == []


def test_finished_tests_are_not_counted() -> None:
    tests = [{"state": "FINISHED", "minutes_left": 0}, {"state": "BEGUN", "minutes_left": 3}]
    morning = Morning(forms=[a_form()], tests={"c1": tests})

    card = next(one for one in cards_of(morning, a_table()) if one.rank is Rank.TESTS)

    assert (card.title, card.seconds) == ("Короткий тест: 1", 180)


def test_an_old_answer_to_an_appeal_is_no_news() -> None:
    appeal = {"competency": "D01", "state": "REJECTED", "words": "Осталась прежней.", "filed_at": NOON.isoformat()}
    old = {**appeal, "filed_at": (NOON - timedelta(days=60)).isoformat()}

    assert ranks(Morning(appeals=[appeal, old])) == [Rank.ANSWERED]


def test_newcomer_is_who_never_answered_and_of_whom_all_services_tell() -> None:
    assert is_newcomer(Morning(forms=[a_form()]))
    assert not is_newcomer(Morning(forms=[a_form()], assignments=None))
    assert not is_newcomer(Morning(forms=[a_form()], assignments=[a_pair()]))


def test_days_and_lengths_are_told_in_words() -> None:
    words = wording()

    assert words.moment((NOON - timedelta(days=1)).isoformat()) == "вчера, 12:00"
    assert words.moment("2026-11-12T06:00:00+00:00") == "четверг, 12 ноября, 09:00".replace("09", "9")
    assert words.day("2027-01-08") == "8 января 2027"
    assert [words.length(seconds) for seconds in (10, 60, 61)] == ["10 секунд", "1 минута", "2 минуты"]
