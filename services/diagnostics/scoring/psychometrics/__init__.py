"""How good the instruments are: properties of scales, raters and items over many schools.

Works on numbers alone: a row is a person or an observed teacher under no name, a column an item or a rater. With
forty teachers of one school these figures swing widely, so they are made for districts and the catalogue, and
hidden (`None`) below thirty people. Intervals come with every figure; none is a verdict on a person.
"""

from services.diagnostics.scoring.psychometrics.agreement import Model, agreement
from services.diagnostics.scoring.psychometrics.answers import Answers, Reliability, complete
from services.diagnostics.scoring.psychometrics.consistency import cronbach_alpha
from services.diagnostics.scoring.psychometrics.items import Item, item_properties
from services.diagnostics.scoring.psychometrics.omega import mcdonald_omega, one_factor

__all__ = [
    "Answers",
    "Item",
    "Model",
    "Reliability",
    "agreement",
    "complete",
    "cronbach_alpha",
    "item_properties",
    "mcdonald_omega",
    "one_factor",
]
