"""The cards of a teacher's day in the order in which they help most, and what lies ahead. Pure."""

from dataclasses import dataclass
from datetime import timedelta

from gateway.portal.teacher.card import OPEN_MEETINGS, Card, Morning, Table, kind_of
from gateway.portal.teacher.cards_of_forms import cards_of_forms
from gateway.portal.teacher.cards_of_pairs import cards_of_pairs

AHEAD = timedelta(days=7)


def cards_of(morning: Morning, table: Table) -> list[Card]:
    """All cards, what helps most first and the quick ones before the long ones."""
    found = [*cards_of_pairs(morning, table), *cards_of_forms(morning, table)]
    return sorted(found, key=lambda card: (card.rank, card.seconds, card.title))


@dataclass(frozen=True, slots=True)
class Coming:
    """A meeting ahead, in words."""

    moment: str
    partner: str
    competency: str
    kind: str
    address: str


def coming_of(morning: Morning, table: Table) -> list[Coming]:
    """The meetings of the next week, the nearest first."""
    pairs = {one["assignment_id"]: one for one in morning.assignments or ()}
    until = table.words.now + AHEAD
    return [
        Coming(
            table.words.moment(one["starts_at"]),
            morning.names.get(pair["partner_id"], ""),
            table.name(pair["competency"]),
            kind_of(pair["side"]),
            table.page(f"my-pairs/{pair['assignment_id']}"),
        )
        for one in morning.meetings
        if one["state"] in OPEN_MEETINGS
        and table.words.now < table.words.local(one["starts_at"]) <= until
        and (pair := pairs.get(one["assignment_id"])) is not None
    ]


def is_newcomer(morning: Morning) -> bool:
    """Has this person never answered, met or paired here, as far as the services tell?"""
    if morning.forms is None or morning.assignments is None or morning.proposals is None:
        return False
    answered = any(
        one["answered"] for form in morning.forms for one in (form.get("self"), *form["colleagues"]) if one is not None
    )
    return not (answered or morning.assignments or morning.proposals or morning.appeals)


def open_campaigns(morning: Morning, table: Table) -> list[str]:
    """Campaigns that ask the reader and have begun: to these a material can be handed in."""
    return [
        str(form["campaign_id"])
        for form in morning.forms or ()
        if form.get("self") and not (form["opens_on"] and form["opens_on"] > table.words.today.isoformat())
    ]
