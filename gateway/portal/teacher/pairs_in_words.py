"""A teacher's pairs in words: proposals as letters, the work of each pair, its meetings, what lies behind. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gateway.portal.catalogue import Catalogue
from gateway.portal.talk import segment
from gateway.portal.teacher.card import OPEN_MEETINGS, TAKER, kind_of
from gateway.portal.teacher.cards_of_pairs import is_reflection_due
from gateway.portal.teacher.wording import Wording

WORKING = ("OPENED", "ACTIVE", "SUSPENDED")
# A proposal that has become a pair, or that nobody wanted, is told of no more.
LIVING = ("PROPOSED", "TAKER_AGREED", "ACCEPTED")
KINDS = ("acquaintance", "trial", "planning", "working", "visit", "final")
SIGNS = (
    "lesson_plan",
    "lesson_held",
    "observation",
    "material",
    "pupils_work",
    "test_result",
    "survey_result",
    "self_rating",
)
OBSTACLES = ("time", "schedule", "equipment", "material", "request_unclear", "too_hard", "contact", "other")


@dataclass(frozen=True, slots=True)
class Speech:
    """What everything here is told with: words, the catalogue, names by person, and who reads."""

    words: Wording
    catalogue: Catalogue
    names: Mapping[str, str]
    me: str

    def say(self, slug: str, **facts: Any) -> str:
        """A text."""
        return self.words.say(slug, **facts)


@dataclass(frozen=True, slots=True)
class Letter:
    """A proposal as a short letter; `waits` says for whom it waits when it is not for the reader to answer."""

    pairing_id: str
    competency: str
    partner: str
    kind: str
    reason: str
    until: str
    term: str
    can_answer: bool
    waits: str
    privacy: str


def letters_of(proposals: Sequence[Mapping[str, Any]], speech: Speech) -> Sequence[Letter]:
    """The living proposals, those that wait for the reader's word first."""
    living = [one for one in proposals if one["state"] in LIVING]
    return [_letter(one, speech) for one in sorted(living, key=lambda one: (not one["can"], one["expires_at"]))]


def _letter(one: Mapping[str, Any], speech: Speech) -> Letter:
    partner, can_answer = speech.names[one["partner_id"]], "accept" in one["can"]
    is_taker = one["role"] == TAKER
    mine = speech.say("pairs.you")
    giver, taker = (partner, mine) if is_taker else (mine, partner)
    reason = one["why"]["template"].replace("{giver}", giver).replace("{taker}", taker)
    return Letter(
        pairing_id=one["pairing_id"],
        competency=speech.catalogue.name(one["competency"]),
        partner=partner,
        kind=kind_of(one["role"]),
        reason=named(reason, one["competency"], speech.catalogue),
        until=speech.words.until(one["expires_at"]),
        term=_term(one, speech),
        can_answer=can_answer,
        waits="" if can_answer else speech.say(f"pairs.waits.{_waits(one)}"),
        privacy=_letter_privacy(one, partner, speech),
    )


def _waits(one: Mapping[str, Any]) -> str:
    return "curator" if one["state"] == "ACCEPTED" else "partner"


def _letter_privacy(one: Mapping[str, Any], partner: str, speech: Speech) -> str:
    """The taker reads first; until the taker agrees, the giver knows of nothing."""
    if one["role"] == TAKER and one["state"] == "PROPOSED":
        return speech.say("day.proposal-privacy")
    return speech.say("pairs.privacy-two", name=partner)


def _term(one: Mapping[str, Any], speech: Speech) -> str:
    if not (one.get("term_from") and one.get("term_to")):
        return ""
    return speech.say("pairs.term", first=speech.words.day(one["term_from"]), last=speech.words.day(one["term_to"]))


def named(sentence: str, code: str | None, catalogue: Catalogue) -> str:
    """A sentence of the API with the competency's name in the place of its code."""
    return sentence.replace(code, catalogue.quoted(code)) if code else sentence


@dataclass(frozen=True, slots=True)
class Goal:
    """A goal of a pair in words."""

    goal_id: str
    text: str
    due: str
    sign: str
    is_achieved: bool


@dataclass(frozen=True, slots=True)
class Planned:
    """A meeting as the fields of a form hold it; `day` and `clock` are of the place, `seen` is the tag of its state."""

    meeting_id: str
    kind: str = "working"
    day: str = ""
    clock: str = ""
    minutes: str = "45"
    seen: str = ""


@dataclass(frozen=True, slots=True)
class Meeting:
    """A meeting in words; `can_confirm` once it has begun, `can_reflect` once it took place by the reader's word."""

    meeting_id: str
    kind: str
    moment: str
    minutes: str
    as_planned: "Planned"
    state: str
    is_ahead: bool
    can_confirm: bool
    can_reflect: bool
    reflections: Sequence["Thought"]


@dataclass(frozen=True, slots=True)
class Thought:
    """What somebody thought of a meeting, in words."""

    author: str
    is_mine: bool
    usefulness: int | None
    text: str
    obstacles: str


@dataclass(frozen=True, slots=True)
class Pair:
    """The work of a pair: who, about what, where it stands, what it waits for, its goals and meetings."""

    assignment_id: str
    partner: str
    competency: str
    kind: str
    state: str
    state_words: str
    term: str
    waits: Sequence[str]
    needs_consent: bool
    goals: Sequence[Goal]
    ahead: Sequence[Meeting]
    unconfirmed: Sequence[Meeting]
    past: Sequence[Meeting]

    @property
    def is_working(self) -> bool:
        """May the two plan meetings now?"""
        return self.state == "ACTIVE"

    @property
    def is_over(self) -> bool:
        """Has the work come to its end?"""
        return self.state not in WORKING


def pairs_of(
    assignments: Sequence[Mapping[str, Any]], meetings: Sequence[Mapping[str, Any]], speech: Speech
) -> Sequence[Pair]:
    """All pairs of the reader, the working ones first, then by the next meeting."""
    found = [pair_of(one, meetings, speech) for one in assignments]
    order = {state: place for place, state in enumerate(("ACTIVE", "OPENED", "SUSPENDED", "COMPLETED", "TERMINATED"))}
    return sorted(found, key=lambda pair: (order.get(pair.state, len(order)), pair.partner))


def pair_of(one: Mapping[str, Any], meetings: Sequence[Mapping[str, Any]], speech: Speech) -> Pair:
    """One pair with its meetings."""
    partner = speech.names[one["partner_id"]]
    own = [_meeting(each, partner, speech) for each in meetings if each["assignment_id"] == one["assignment_id"]]
    ahead = [each for each in own if each.is_ahead]
    unconfirmed = [each for each in own if each.can_confirm]
    return Pair(
        assignment_id=one["assignment_id"],
        partner=partner,
        competency=speech.catalogue.name(one["competency"]),
        kind=kind_of(one["side"]),
        state=one["state"],
        state_words=speech.say(f"pairs.state.{one['state']}"),
        term=_term(one, speech),
        waits=[_wait(code, one["side"], speech) for code in one["waits_for"]],
        needs_consent=any(code.startswith("consent.") for code in one["waits_for"]),
        goals=[_goal(goal, speech) for goal in one["goals"]],
        ahead=ahead,
        unconfirmed=unconfirmed,
        past=[each for each in reversed(own) if each not in ahead and each not in unconfirmed],
    )


def _wait(code: str, side: str, speech: Speech) -> str:
    kind, _, what = code.partition(".")
    if kind == "consent":
        return speech.say("pairs.wait.consent" if what.endswith(f".{side}") else "pairs.wait.their-consent")
    return speech.say("pairs.wait.paper")


def _goal(goal: Mapping[str, Any], speech: Speech) -> Goal:
    return Goal(
        goal["goal_id"],
        goal["text"] or speech.say("pairs.goal-erased"),
        speech.words.day(goal["due_on"]),
        speech.say(f"pairs.sign.{goal['sign']}") if goal["sign"] in SIGNS else goal["sign"],
        is_achieved=goal["state"] == "ACHIEVED",
    )


def _meeting(one: Mapping[str, Any], partner: str, speech: Speech) -> Meeting:
    words = speech.words
    begins, is_open = words.local(one["starts_at"]), one["state"] in OPEN_MEETINGS
    has_begun = begins <= words.now
    return Meeting(
        meeting_id=one["meeting_id"],
        kind=speech.say(f"pairs.kind.{one['kind']}"),
        moment=words.moment(one["starts_at"]),
        minutes=speech.say("teacher.minutes", count=one["minutes"]),
        as_planned=Planned(
            meeting_id=one["meeting_id"],
            kind=one["kind"],
            day=begins.date().isoformat(),
            clock=f"{begins:%H:%M}",
            minutes=str(one["minutes"]),
            seen=one["etag"],
        ),
        state=_state(one, has_begun=has_begun, speech=speech),
        is_ahead=is_open and not has_begun,
        can_confirm=is_open and has_begun and one["my_answer"] is None,
        can_reflect=has_begun and is_reflection_due(one, speech.me),
        reflections=[_thought(each, partner, speech) for each in one["reflections"]],
    )


def _state(one: Mapping[str, Any], *, has_begun: bool, speech: Speech) -> str:
    """Where a meeting stands; one that began and has an answer of one side waits for the other."""
    if one["state"] in OPEN_MEETINGS and has_begun:
        return speech.say("pairs.meeting.unanswered" if one["my_answer"] is None else "pairs.meeting.half")
    return speech.say(f"pairs.meeting.{one['state']}")


def _thought(one: Mapping[str, Any], partner: str, speech: Speech) -> Thought:
    is_mine = one["person_id"] == speech.me
    told = [speech.say(f"pairs.obstacle.{code}") for code in one["obstacles"] if code in OBSTACLES]
    author = speech.say("pairs.you-wrote") if is_mine else partner
    return Thought(author, is_mine, one["usefulness"], one["text"] or "", ", ".join(told))


@dataclass(frozen=True, slots=True)
class Outlook:
    """How things stand with the reader's own wishes: sentences, and what could help, each with its page."""

    sentence: str
    needs: Sequence[str]
    help: Sequence[tuple[str, str]]
    sharing: str


# Where one can do what the matching advises.
_STEPS = {"add-need": "my-profile", "say-something": "my-profile"}


def outlook_of(match: Mapping[str, Any] | None, catalogue: Catalogue) -> Outlook | None:
    """What the last matching says to the reader; None while it says nothing."""
    if match is None:
        return None
    return Outlook(
        match["sentence"],
        # What is proposed stands above as a letter, or has become a pair.
        [named(one["sentence"], one["competency"], catalogue) for one in match["needs"] if one["why"] != "proposed"],
        [(named(one["sentence"], one["competency"], catalogue), _page_of_step(one)) for one in match["help"]],
        match["sharing"] or "",
    )


def _page_of_step(one: Mapping[str, Any]) -> str:
    if one["step"] == "add-need" and one["competency"]:
        return f"my-profile/competencies/{segment(one['competency'])}#need"
    return _STEPS.get(one["step"], "my-pairs/availability")
