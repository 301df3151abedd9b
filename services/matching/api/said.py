"""Sentences about pairs and needs in the caller's language, with gaps for names, which are put in at the edge."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from fastapi import Request
from pydantic import BaseModel, Field

from services.matching.actions.reasons import PairReason
from services.matching.api.asked import say
from services.matching.domain import SLOTS

Reader = Literal["curator", "taker", "giver"]

# Names go in as they are, in the nominative: no text bends them, and none asks for a man's or a woman's verb.
GIVER, TAKER, PERSON = "{giver}", "{taker}", "{person}"


class Reason(BaseModel):
    """Why a pair is proposed: classes and wishes, never a level or a score of anybody.

    `sentence` names nobody. `template` is the same with gaps: put the full names in at `{giver}` and `{taker}`.
    `is_mutual` and `have_met` are told to the curator alone.
    """

    sentence: str = Field(examples=["Тема D08: один человек может поделиться, другой хочет усилить."])
    template: str = Field(examples=["Тема D08: {giver} может поделиться, {taker} хочет усилить."])
    competency: str
    day: str | None
    period: int | None
    common_times: int | None
    is_same_subject: bool
    is_online: bool
    is_across_schools: bool
    is_mutual: bool | None = None
    have_met: bool | None = None


@dataclass(frozen=True, slots=True)
class _Voice:
    """One request's words for one reader."""

    request: Request
    reader: Reader

    def of(self, reason: PairReason, facts: Sequence[str], *, giver: str, taker: str) -> str:
        """The facts in one sentence, after who helps whom."""
        head = say(self.request, f"reason.to-{self.reader}", competency=reason.competency, giver=giver, taker=taker)
        return f"{'; '.join((_capital(head), *facts))}."

    def facts(self, reason: PairReason) -> list[str]:
        """What speaks for a pair, each in words."""
        said = [time_of(self.request, "reason.time", reason.first_slot)] if reason.first_slot is not None else []
        is_said = {
            "reason.same-subject": reason.is_same_subject,
            "reason.online": reason.is_online,
            "reason.mutual": reason.is_mutual and self.reader == "curator",
            "reason.have-met": reason.have_met and self.reader == "curator",
        }
        return said + [say(self.request, slug) for slug, is_true in is_said.items() if is_true]

    def nobody(self, reason: PairReason, side: Literal["giver", "taker"]) -> str:
        """Words for a person who is not named."""
        if self.reader == "curator":
            return say(self.request, f"reason.some-{side}")
        return say(self.request, "reason.colleague-elsewhere" if reason.is_across_schools else "reason.colleague")


def reason_said(request: Request, reader: Reader, reason: PairReason) -> Reason:
    """The reason of a pair as one reader may have it."""
    voice, is_curator = _Voice(request, reader), reader == "curator"
    day, period = day_and_period(reason.first_slot)
    nobody = {side: voice.nobody(reason, side) for side in ("giver", "taker")}
    facts = voice.facts(reason)
    return Reason(
        sentence=voice.of(reason, facts, giver=nobody["giver"], taker=nobody["taker"]),
        template=voice.of(reason, facts, giver=GIVER, taker=TAKER),
        competency=reason.competency,
        day=day,
        period=period,
        common_times=reason.common_times,
        is_same_subject=reason.is_same_subject,
        is_online=reason.is_online,
        is_across_schools=reason.is_across_schools,
        is_mutual=reason.is_mutual if is_curator else None,
        have_met=reason.have_met if is_curator else None,
    )


def need_said(request: Request, *, competency: str, rule: str) -> tuple[str, str]:
    """Why a need stays unmet, for the curator: once without a name, once with a gap for it."""
    why = say(request, f"unmet.{rule}")
    return (
        _capital(
            say(request, "reason.need", person=say(request, "reason.some-teacher"), competency=competency, why=why)
        ),
        say(request, "reason.need", person=PERSON, competency=competency, why=why),
    )


def day_and_period(slot: int | None) -> tuple[str | None, int | None]:
    """The code of the day and the number of the lesson of a weekly time."""
    if slot is None:
        return None, None
    day, _, period = SLOTS[slot].partition("-")
    return day, int(period)


def time_of(request: Request, slug: str, slot: int | None) -> str:
    """A text about one weekly time."""
    day, period = day_and_period(slot)
    return say(request, slug, day=say(request, f"day.{day}"), period=period)


def _capital(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]
