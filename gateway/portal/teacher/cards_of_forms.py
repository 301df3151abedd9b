"""Cards of what is asked of a teacher: questionnaires, tests, the look back, surveys, and what was answered. Pure."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from gateway.portal.talk import segment
from gateway.portal.teacher.card import Card, Morning, Rank, Table
from gateway.portal.teacher.wording import MINUTE

# How long things take, by estimate; the minutes of questionnaires and tests come from the API.
HAND_IN_SECONDS, LOOK_BACK_SECONDS, SURVEY_SECONDS, READ_SECONDS = 10, 10, 2 * MINUTE, 20
SOON_DAYS = 2
# An answer to an appeal that is older stands in the profile and needs no card.
NEWS = timedelta(days=30)


def cards_of_forms(morning: Morning, table: Table) -> list[Card]:
    """What is asked of the reader, and what was answered to them."""
    return [
        *(card for form in morning.forms or () for card in _form(form, morning, table)),
        *(_survey(one, table) for one in morning.surveys if not one["is_answered"]),
        *(_appeal(one, table) for one in morning.appeals if _is_news(one, table)),
        *_notices(morning, table),
    ]


def _form(form: Mapping[str, Any], morning: Morning, table: Table) -> list[Card]:
    """What an open campaign asks: my own sheet, colleagues, tests, the look back; nothing before its first day."""
    if form["opens_on"] and date.fromisoformat(form["opens_on"]) > table.words.today:
        return []
    own, campaign = form.get("self"), str(form["campaign_id"])
    cards = [_own_sheet(form, own, table)] if own and not own["is_final"] else []
    waiting = [one for one in form["colleagues"] if not one["is_done"]]
    cards += [_colleague(form, one, morning, table) for one in waiting]
    cards += _tests(form, morning.tests.get(campaign, ()), table)
    look_back = morning.looks_back.get(campaign)
    if look_back and len(look_back["answers"]) < len(look_back["competencies"]):
        cards.append(_look_back(form, look_back, table))
    return cards


def _rank(form: Mapping[str, Any], usual: Rank, table: Table) -> Rank:
    left = (date.fromisoformat(form["closes_on"]) - table.words.today).days
    return Rank.LAST_DAYS if left <= SOON_DAYS else usual


def _until(form: Mapping[str, Any], table: Table) -> str:
    return table.say("day.until", day=table.words.day(form["closes_on"]))


def _own_sheet(form: Mapping[str, Any], own: Mapping[str, Any], table: Table) -> Card:
    asked, left = len(own["competencies"]), len(own["competencies"]) - own["answered"]
    title = table.say("day.self", left=left, asked=asked) if left else table.say("day.self-ready")
    return Card(
        _rank(form, Rank.FORM, table),
        title if own["answered"] else table.say("day.self-new", count=asked),
        own["minutes_left"] * MINUTE or HAND_IN_SECONDS,
        table.page(f"forms/{form['campaign_id']}/self"),
        action=table.say("day.go-on" if own["answered"] else "day.begin"),
        why=_until(form, table),
        privacy=table.say("form.privacy-self"),
    )


def _colleague(form: Mapping[str, Any], one: Mapping[str, Any], morning: Morning, table: Table) -> Card:
    return Card(
        _rank(form, Rank.COLLEAGUE, table),
        table.say("day.colleague", name=morning.names.get(one["person_id"], "")),
        one["minutes_left"] * MINUTE or HAND_IN_SECONDS,
        table.page(f"forms/{form['campaign_id']}/colleagues/{one['person_id']}"),
        action=table.say("day.go-on" if one["answered"] else "day.begin"),
        why=_until(form, table),
        kind="give",
        privacy=table.say("form.privacy-colleague"),
    )


def _tests(form: Mapping[str, Any], tests: Sequence[Mapping[str, Any]], table: Table) -> list[Card]:
    waiting = [one for one in tests if one["state"] != "FINISHED"]
    if not waiting:
        return []
    return [
        Card(
            _rank(form, Rank.TESTS, table),
            table.say("day.tests", count=len(waiting)),
            sum(one["minutes_left"] for one in waiting) * MINUTE,
            table.page(f"forms/{form['campaign_id']}/tests"),
            action=table.say("day.go-on" if len(waiting) < len(tests) else "day.begin"),
            why=_until(form, table),
            privacy=table.say("form.privacy-self"),
        )
    ]


def _look_back(form: Mapping[str, Any], found: Mapping[str, Any], table: Table) -> Card:
    left = len(found["competencies"]) - len(found["answers"])
    return Card(
        Rank.LOOK_BACK,
        table.say("day.look-back"),
        left * LOOK_BACK_SECONDS,
        table.page(f"forms/{form['campaign_id']}/then"),
        action=table.say("day.begin"),
        why=table.say("day.look-back-why"),
        privacy=table.say("day.only-you"),
    )


def _survey(one: Mapping[str, Any], table: Table) -> Card:
    is_mentor = one["role"] == "mentor"
    return Card(
        Rank.SURVEY,
        table.say("day.survey-mentor" if is_mentor else "day.survey-mentee"),
        SURVEY_SECONDS,
        table.page(f"surveys/{one['survey_id']}/{one['role']}"),
        action=table.say("day.answer"),
        why=_until(one, table),
        kind="give" if is_mentor else "take",
        privacy=table.say("survey.privacy"),
    )


def _is_news(appeal: Mapping[str, Any], table: Table) -> bool:
    """Has somebody answered of late?"""
    is_fresh = table.words.now - table.words.local(appeal["filed_at"]) <= NEWS
    return is_fresh and appeal["state"] in ("UPHELD", "REMEASURED", "REJECTED")


def _appeal(one: Mapping[str, Any], table: Table) -> Card:
    return Card(
        Rank.ANSWERED,
        table.say("day.appeal", competency=table.name(one["competency"])),
        READ_SECONDS,
        table.page(f"my-profile/competencies/{segment(one['competency'])}#appeal"),
        action=table.say("day.look"),
        why=one["words"],
        privacy=table.say("day.only-you"),
    )


def _notices(morning: Morning, table: Table) -> list[Card]:
    unread = [one for one in morning.notices if one["read_at"] is None]
    if not unread:
        return []
    return [
        Card(
            Rank.NOTICES,
            table.say("day.notices", count=len(unread)),
            READ_SECONDS,
            table.page("notifications"),
            action=table.say("day.look"),
        )
    ]
