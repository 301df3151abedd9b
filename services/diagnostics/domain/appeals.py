"""Appeals: the owner of a profile disputes one measured competency, the curator has it measured anew or lets it stand.

Nobody types a level in by hand: an upheld appeal waits for one more source, and what that source says is scored
like everything else. As long as an appeal is open the competency is an open question and is told to nobody (D2.7).
"""

from collections.abc import Iterable, Sequence
from enum import StrEnum
from hashlib import sha256
from uuid import UUID

from chassis.refusals import Conflict, Forbidden, Invalid
from services.diagnostics.scoring import SourceKind


class AppealState(StrEnum):
    """FILED by the owner, IN_REVIEW with the curator, UPHELD until one more source has spoken; the rest are ends."""

    FILED = "FILED"
    IN_REVIEW = "IN_REVIEW"
    UPHELD = "UPHELD"
    REMEASURED = "REMEASURED"
    REJECTED = "REJECTED"
    WITHDRAWN = "WITHDRAWN"

    @property
    def legal_steps(self) -> tuple["AppealState", ...]:
        """The states that may follow; the owner may withdraw at any time before the end."""
        return _STEPS.get(self, ())

    @property
    def is_open(self) -> bool:
        """Is it not settled yet?"""
        return bool(self.legal_steps)


_STEPS = {
    AppealState.FILED: (AppealState.IN_REVIEW, AppealState.WITHDRAWN),
    AppealState.IN_REVIEW: (AppealState.UPHELD, AppealState.REJECTED, AppealState.WITHDRAWN),
    AppealState.UPHELD: (AppealState.REMEASURED, AppealState.WITHDRAWN),
}
OPEN_APPEALS = tuple(state for state in AppealState if state.is_open)


def advance_appeal(state: AppealState, to: AppealState) -> AppealState:
    """Take an appeal a step further; refused as `appeal.step-not-legal` with the legal steps."""
    if to not in state.legal_steps:
        raise Conflict(
            "appeal.step-not-legal",
            field="state",
            state=state.value,
            legal=[step.value for step in state.legal_steps],
        )
    return to


def check_reviewer(owner: UUID, reviewer: UUID) -> None:
    """A second pair of eyes decides, never the owner; refused as `appeal.own`."""
    if owner == reviewer:
        raise Forbidden("appeal.own")


def check_wanted(source: SourceKind) -> SourceKind:
    """What an upheld appeal may wait for: anybody but the owner; refused as `appeal.source-unfit`."""
    if source is SourceKind.SA:
        raise Invalid("appeal.source-unfit", field="source")
    return source


def is_settled_by(wanted: SourceKind, source: SourceKind, spoken: Iterable[SourceKind], *, is_later_wave: bool) -> bool:
    """Does a new score answer an upheld appeal: by the source it waits for, or by a whole later measurement?"""
    return is_later_wave or (source is wanted and wanted in spoken)


def next_author(candidates: Iterable[UUID], taken: Sequence[UUID], *, seed: int) -> UUID | None:
    """Who is asked as one more source, by lot among those who were not asked yet; `None` when everyone was."""
    free = set(candidates) - set(taken)
    return min(free, key=lambda each: sha256(f"{seed}:{each}".encode()).digest(), default=None)
