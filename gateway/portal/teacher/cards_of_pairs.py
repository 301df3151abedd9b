"""Cards of a teacher's pairs: proposals, consents, meetings, what was not planned yet. Pure."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from gateway.portal.teacher.card import OPEN_MEETINGS, TAKER, Card, Morning, Rank, Table, Tap, kind_of
from gateway.portal.teacher.wording import MINUTE

# How long things take, by estimate.
PROPOSAL_SECONDS, CONFIRM_SECONDS, REFLECTION_SECONDS, CONSENT_SECONDS = MINUTE, 10, 30, 40
PLAN_SECONDS = 2 * MINUTE
# Older meetings are history: nobody remembers how they went.
STILL_FRESH = timedelta(days=21)
CONSENT = "consent."


def cards_of_pairs(morning: Morning, table: Table) -> list[Card]:
    """What waits in the reader's pairs."""
    return [
        *(_proposal(one, table) for one in morning.proposals or () if "accept" in one["can"]),
        *_consents(morning, table),
        *_meetings(morning, table),
        *_plans(morning, table),
    ]


def _proposal(one: Mapping[str, Any], table: Table) -> Card:
    is_taker = one["role"] == TAKER
    return Card(
        Rank.PROPOSAL,
        table.say("day.proposal-take" if is_taker else "day.proposal-give", competency=table.name(one["competency"])),
        PROPOSAL_SECONDS,
        table.page("my-pairs"),
        action=table.say("day.read-proposal"),
        why=f"{table.words.until(one['expires_at'])} {table.say('day.proposal-no')}",
        kind="take" if is_taker else "give",
        privacy=table.say("day.proposal-privacy" if is_taker else "day.proposal-privacy-giver"),
    )


def _consents(morning: Morning, table: Table) -> list[Card]:
    """One card for each purpose, however many pairs wait for it."""
    asked = {
        code.removeprefix(CONSENT).rpartition(".")[0]
        for one in morning.assignments or ()
        if one["state"] in ("OPENED", "SUSPENDED")
        for code in one["waits_for"]
        if code.startswith(CONSENT) and code.endswith(f".{one['side']}")
    }
    return [
        Card(
            Rank.CONSENT,
            table.say("day.consent"),
            CONSENT_SECONDS,
            table.page("my-papers#consents"),
            action=table.say("day.read-consent"),
            why=table.say("day.consent-why"),
        )
        for _ in sorted(asked)[:1]
    ]


def _meetings(morning: Morning, table: Table) -> list[Card]:
    pairs = {one["assignment_id"]: one for one in morning.assignments or ()}
    cards = []
    for meeting in morning.meetings:
        begins, pair = table.words.local(meeting["starts_at"]), pairs.get(meeting["assignment_id"])
        if pair is None or not begins <= table.words.now <= begins + STILL_FRESH:
            continue
        partner = morning.names.get(pair["partner_id"], "")
        if meeting["state"] in OPEN_MEETINGS and meeting["my_answer"] is None:
            cards.append(_confirm(meeting, pair, partner, table))
        elif is_reflection_due(meeting, table.me):
            cards.append(_reflect(meeting, pair, partner, table))
    return cards


def is_reflection_due(meeting: Mapping[str, Any], me: str) -> bool:
    """Did the meeting take place by my word, and have I not thought back on it?"""
    took_place = meeting["state"] == "HELD" or (meeting["my_answer"] is True and meeting["state"] in OPEN_MEETINGS)
    return took_place and all(one["person_id"] != me for one in meeting["reflections"])


def _confirm(meeting: Mapping[str, Any], pair: Mapping[str, Any], partner: str, table: Table) -> Card:
    says = meeting["partner_answer"]
    told = "day.partner-said-yes" if says else "day.partner-said-no" if says is False else "day.partner-silent"
    return Card(
        Rank.CONFIRM,
        table.say("day.confirm", name=partner),
        CONFIRM_SECONDS,
        table.page(f"my-day/meetings/{meeting['meeting_id']}"),
        why=f"{table.words.moment(meeting['starts_at']).capitalize()}. {table.say(told)}",
        kind=kind_of(pair["side"]),
        taps=(Tap("yes", table.say("day.took-place"), is_main=True), Tap("no", table.say("day.did-not"))),
        privacy=table.say("day.confirm-privacy"),
    )


def _reflect(meeting: Mapping[str, Any], pair: Mapping[str, Any], partner: str, table: Table) -> Card:
    return Card(
        Rank.REFLECT,
        table.say("day.reflect", name=partner),
        REFLECTION_SECONDS,
        table.page(f"my-pairs/{pair['assignment_id']}/meetings/{meeting['meeting_id']}"),
        action=table.say("day.think-back"),
        why=table.words.moment(meeting["starts_at"]).capitalize(),
        kind=kind_of(pair["side"]),
        privacy=table.say("day.reflect-privacy"),
    )


def _plans(morning: Morning, table: Table) -> list[Card]:
    """Working pairs that have no meeting ahead."""
    ahead = {
        one["assignment_id"]
        for one in morning.meetings
        if one["state"] in OPEN_MEETINGS and table.words.local(one["starts_at"]) > table.words.now
    }
    return [
        Card(
            Rank.PLAN,
            table.say("day.plan", name=morning.names.get(one["partner_id"], "")),
            PLAN_SECONDS,
            table.page(f"my-pairs/{one['assignment_id']}"),
            action=table.say("day.choose-time"),
            why=table.name(one["competency"]),
            kind=kind_of(one["side"]),
        )
        for one in morning.assignments or ()
        if one["state"] == "ACTIVE" and one["assignment_id"] not in ahead
    ]
