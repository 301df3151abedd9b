"""What a person wants to learn or can share, and how urgent a need is."""

from math import floor

from chassis.refusals import Invalid
from services.diagnostics.domain.catalogue import Catalogue
from services.diagnostics.scoring import Assessment, Wish, need_priority

# The wish as the person marks it, 1 to 3, laid evenly over the factor 1 to 1.5 of the priority.
FACTORS = {1: 1.0, 2: 1.25, 3: 1.5}
UNSCORED_PRIORITY = 500
HIGHEST_PRIORITY = 10_000


def priority1000(catalogue: Catalogue, code: str, *, wish: int, assessment: Assessment | None) -> int:
    """A thousand times the priority of a need, from 1 on; without a profile the wish alone weighs.

    Refused as `need.wish-out-of-range`, or as `catalogue.*` for a code that does not exist.
    """
    competency = catalogue.competency(code)
    if wish not in FACTORS:
        raise Invalid("need.wish-out-of-range", field="wish")
    if assessment is None:
        return floor(UNSCORED_PRIORITY * FACTORS[wish] + 0.5)
    weight = catalogue.weights.of(competency.domain, frozenset())
    priority = need_priority(assessment, weight=weight, wish=FACTORS[wish], parameters=catalogue.parameters)
    return min(HIGHEST_PRIORITY, max(1, floor(priority * 1000 + 0.5)))


def wish_of(*, has_need: bool, has_offer: bool) -> Wish | None:
    """What the scoring hears: whoever wants to learn is not taken for a teacher of the same thing."""
    if has_need:
        return Wish.LEARN
    return Wish.TEACH if has_offer else None
