"""Do the items of a scale hang together? Cronbach's alpha."""

from services.diagnostics.scoring.estimates import Estimate, upper_tail
from services.diagnostics.scoring.parameters import Parameters
from services.diagnostics.scoring.psychometrics.answers import Answers, Reliability
from services.diagnostics.scoring.quantiles import fisher_quantile

ALPHA = "alpha"


def cronbach_alpha(answers: Answers, parameters: Parameters) -> Reliability | None:
    """`α = k/(k − 1)·(1 − Σs²/s²_total)` (Cronbach, 1951, Psychometrika 16, 297–334), with Feldt's interval.

    Feldt, 1965, Psychometrika 30, 357–370: `(1 − α)/(1 − α̂)` has Fisher's distribution with n − 1 and
    (n − 1)(k − 1) degrees of freedom. Of right and wrong answers it is KR-20. It grows with the number of items
    and proves no single dimension. `None` while hidden, or when all sums are equal.
    """
    if answers.items < 2:
        raise ValueError("a single item has no alpha")
    if answers.are_hidden(parameters):
        return None
    people, items = answers.scores.shape
    total = float(answers.scores.sum(axis=1).var(ddof=1))
    if total == 0:
        return None
    own = float(answers.scores.var(axis=0, ddof=1).sum())
    alpha = items / (items - 1) * (1 - own / total)
    tail, freedom = upper_tail(parameters), (people - 1, (people - 1) * (items - 1))
    low = 1 - (1 - alpha) * fisher_quantile(tail, upper=freedom[0], lower=freedom[1])
    high = 1 - (1 - alpha) * fisher_quantile(1 - tail, upper=freedom[0], lower=freedom[1])
    return Reliability(Estimate(alpha, low, high), ALPHA, people, answers.missing, items)
