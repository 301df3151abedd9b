"""My pairs: letters, meetings, goals, thoughts, free times; over the real tracking and matching."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest_asyncio

from gateway.portal.teacher.pairs_in_words import Speech, letters_of, outlook_of, pair_of
from tests.matching.school import a_pair
from tests.portal.teacher import ANNA, ME, NAMES, NOON, Teacher, a_catalogue, a_portal, wording
from tests.stand import Stand
from tests.tracking.pairs import NOW, Pair, a_working_pair

SPEECH = Speech(wording(), a_catalogue(), NAMES, ME)


def a_proposal(**changes: Any) -> dict[str, Any]:
    content = {
        "pairing_id": "p1",
        "role": "taker",
        "partner_id": ANNA,
        "competency": "D01",
        "state": "PROPOSED",
        "expires_at": NOON.isoformat(),
        "term_from": None,
        "term_to": None,
        "why": {"template": "Вы хотите усилить D01, {giver} может этим поделиться."},
        "can": ["accept", "decline"],
    }
    return {**content, **changes}


def test_a_letter_names_the_person_and_the_competency_and_who_knows_of_it() -> None:
    letter = letters_of([a_proposal()], SPEECH)[0]

    assert letter.reason == "Вы хотите усилить «Электронный журнал», Иванова Анна Петровна может этим поделиться."
    assert letter.can_answer
    assert "второй человек о предложении не знает" in letter.privacy


def test_letters_that_wait_for_me_come_first_and_dead_ones_are_gone() -> None:
    agreed = a_proposal(pairing_id="p2", state="TAKER_AGREED", can=[])
    declined = a_proposal(pairing_id="p3", state="DECLINED", can=[])

    letters = letters_of([agreed, declined, a_proposal()], SPEECH)

    assert [letter.pairing_id for letter in letters] == ["p1", "p2"]
    assert letters[1].waits == "Вы согласились. Теперь слово за вторым человеком."


def test_a_pair_that_waits_says_what_for_and_whose_consent() -> None:
    assignment = {
        "assignment_id": "a1",
        "partner_id": ANNA,
        "competency": "D01",
        "side": "giver",
        "state": "OPENED",
        "term_from": "2026-10-01",
        "term_to": "2027-05-01",
        "waits_for": ["consent.MENTORING_LOCAL_ACT.giver", "paper.DOC08"],
        "goals": [],
    }

    pair = pair_of(assignment, [], SPEECH)

    assert pair.needs_consent
    assert pair.waits[0] == "вашего согласия на работу в паре"
    assert "приказа" in pair.waits[1]


def test_the_outlook_names_competencies_and_leaves_out_what_stands_as_a_letter() -> None:
    match = {
        "sentence": "Вот как обстоят дела.",
        "needs": [
            {"competency": "D01", "why": "all-busy", "sentence": "Тема D01: места заняты."},
            {"competency": "D01", "why": "proposed", "sentence": "Тема D01: есть предложение."},
        ],
        "help": [{"step": "add-need", "competency": None, "sentence": "Отметьте тему."}],
        "sharing": None,
    }

    outlook = outlook_of(match, a_catalogue())

    assert outlook is not None
    assert outlook.needs == ["Тема «Электронный журнал»: места заняты."]
    assert outlook.help == [("Отметьте тему.", "my-profile")]


async def test_two_plan_confirm_and_think_back_on_their_pages(stand: Stand, catalogue_service: Any) -> None:
    tracking = await stand.service("tracking")
    pair = await a_working_pair(stand, tracking)
    async with a_portal(stand, {"tracking": tracking, "diagnostics": catalogue_service}) as client:
        taker = Teacher(pair.school, pair.formed.taker_id, client, stand.tokens)
        page, meeting = f"my-pairs/{pair.id}", uuid4()
        form = {"meeting_id": str(meeting), "kind": "working", "day": "2026-11-10", "clock": "14:30", "minutes": "45"}

        wrong = await taker.do(f"{page}/meetings", **{**form, "day": ""})
        planned = await taker.do(f"{page}/meetings", **form)
        stand.clock.move_to(NOW + timedelta(days=2))
        asked = await taker.see("my-day")
        confirmed = await taker.do(f"my-day/meetings/{meeting}", answer="yes")
        thinking = await taker.see(f"{page}/meetings/{meeting}")
        empty = await taker.do(f"{page}/meetings/{meeting}")
        thought = await taker.do(f"{page}/meetings/{meeting}", usefulness="5", obstacles=["time"], text="Пригодилось.")
        told = await taker.see(page)

    assert wrong.status_code == 422
    assert "Укажите день встречи." in wrong.text
    assert 'value="14:30"' in wrong.text
    assert "said=pairs-planned" in planned.headers["location"]
    assert "Встреча состоялась?" in asked
    assert "said=day-confirmed" in confirmed.headers["location"]
    assert "Насколько пригодилось?" in thinking
    assert (empty.status_code, "Здесь пусто" in empty.text) == (422, True)
    assert "said=pairs-reflected" in thought.headers["location"]
    assert "Что мы об этом думали" in told
    assert await _meeting(pair) == {"starts_at": "2026-11-10T11:30:00Z", "my_answer": True, "usefulness": 5}


async def _meeting(pair: Pair) -> dict[str, Any]:
    found = (await pair.taker("GET", "meetings")).json()["items"][0]
    usefulness = found["reflections"][0]["usefulness"]
    return {"starts_at": found["starts_at"], "my_answer": found["my_answer"], "usefulness": usefulness}


async def test_a_goal_outside_the_term_is_said_at_its_field_and_keeps_its_words(
    stand: Stand, catalogue_service: Any
) -> None:
    tracking = await stand.service("tracking")
    pair = await a_working_pair(stand, tracking)
    async with a_portal(stand, {"tracking": tracking, "diagnostics": catalogue_service}) as client:
        giver = Teacher(pair.school, pair.formed.giver_id, client, stand.tokens)
        page = f"my-pairs/{pair.id}"
        goal = {"goal_id": str(uuid4()), "text": "Провожу урок сам", "sign": "lesson_held"}

        late = await giver.do(f"{page}/goals", **goal, due_on="2030-01-01")
        agreed = await giver.do(f"{page}/goals", **goal, due_on="2027-03-01")
        helped = await giver.do(f"{page}/help")
        other = await giver.ask("GET", f"my-pairs/{uuid4()}")

    assert (late.status_code, "Провожу урок сам" in late.text) == (422, True)
    assert 'id="wrong-due_on"' in late.text
    assert agreed.status_code == helped.status_code == 303
    assert other.status_code == 404


async def test_the_taker_reads_first_and_the_giver_learns_of_it_after_a_yes(
    stand: Stand, catalogue_service: Any
) -> None:
    pair = await a_pair(stand)
    school, services = pair.school, {"matching": pair.school.matching, "diagnostics": catalogue_service}
    tracking = await stand.service("tracking")
    await school.published()
    async with a_portal(stand, {**services, "tracking": tracking}) as client:
        taker = Teacher(school.id, pair.vera, client, stand.tokens)
        giver = Teacher(school.id, pair.anna, client, stand.tokens)
        letter = await taker.see("my-pairs")
        before = await giver.see("my-pairs")
        (proposal,) = await school.proposals(pair.vera)
        agreed = await taker.do(f"my-pairs/proposals/{proposal['pairing_id']}", answer="accept")
        after = await giver.see("my-pairs")
        declined = await giver.do(f"my-pairs/proposals/{proposal['pairing_id']}", answer="decline")
        too_late = await giver.do(f"my-pairs/proposals/{proposal['pairing_id']}", answer="accept")
        free = await taker.do("my-pairs/availability", slots=["mon-1", "wed-5"], give="1", take="3")
        times = await taker.see("my-pairs/availability")

    assert "Нет, спасибо" in letter
    assert "Нет, спасибо" not in before
    assert "said=pairs-agreed-first" in agreed.headers["location"]
    assert "Коллега хочет поучиться у вас" in after
    assert "said=pairs-declined" in declined.headers["location"]
    assert too_late.status_code == 404
    assert "said=pairs-times" in free.headers["location"]
    assert times.count(" checked") == 2


@pytest_asyncio.fixture
async def catalogue_service(stand: Stand) -> Any:
    """Diagnostics, for the names of competencies."""
    return await stand.service("diagnostics")
