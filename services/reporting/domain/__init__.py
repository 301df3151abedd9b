"""Rules of the reporting service: passports, values with intervals, the report and its signature."""

from services.reporting.domain.indicators import Change, Value, compare, evaluate
from services.reporting.domain.intervals import Interval, mean_interval, proportions_z, t_quantile, wilson
from services.reporting.domain.passports import (
    Beside,
    Catalogue,
    Passport,
    Relation,
    load_catalogue,
    read_catalogue,
)
from services.reporting.domain.report import (
    Report,
    Signature,
    Signing,
    State,
    canonical,
    digest,
    legal_steps,
    sign,
    step,
    verify,
)

__all__ = [
    "Beside",
    "Catalogue",
    "Change",
    "Interval",
    "Passport",
    "Relation",
    "Report",
    "Signature",
    "Signing",
    "State",
    "Value",
    "canonical",
    "compare",
    "digest",
    "evaluate",
    "legal_steps",
    "load_catalogue",
    "mean_interval",
    "proportions_z",
    "read_catalogue",
    "sign",
    "step",
    "t_quantile",
    "verify",
    "wilson",
]
