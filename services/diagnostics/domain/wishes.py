"""What a person wants to learn or can share, and how urgent a need is."""

from math import floor

from chassis.refusals import Invalid
from services.diagnostics.domain.catalogue import Catalogue
from services.diagnostics.scoring import Assessment, Parameters, Wish, need_priority

# What matching takes at the most.
HIGHEST_PRIORITY = 10_000


def priority1000(catalogue: Catalogue, code: str, *, wish: int, assessment: Assessment | None) -> int:
    """A thousand times the priority of a need, from 1 on; without a profile the wish alone weighs.

    Refused as `need.wish-out-of-range`, or as `catalogue.*` for a code that does not exist.
    """
    competency, parameters = catalogue.competency(code), catalogue.parameters
    factor = wish_factor(wish, parameters)
    if assessment is None:
        priority = parameters.unscored_priority * factor
    else:
        weight = catalogue.weights.of(competency.domain, frozenset())
        priority = need_priority(assessment, weight=weight, wish=factor, parameters=parameters)
    return min(HIGHEST_PRIORITY, max(1, floor(priority * 1000 + 0.5)))


def wish_factor(wish: int, parameters: Parameters) -> float:
    """What a wish from 1 to the strongest multiplies a priority by: evenly from 1 to the limit (D2.7).

    Refused as `need.wish-out-of-range`.
    """
    if not 1 <= wish <= parameters.strongest_wish:
        raise Invalid("need.wish-out-of-range", field="wish")
    return 1 + (parameters.wish_limit - 1) * (wish - 1) / max(parameters.strongest_wish - 1, 1)


def wish_of(*, has_need: bool, has_offer: bool) -> Wish | None:
    """What the scoring hears: whoever wants to learn is not taken for a teacher of the same thing."""
    if has_need:
        return Wish.LEARN
    return Wish.TEACH if has_offer else None
