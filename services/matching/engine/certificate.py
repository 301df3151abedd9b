"""The record that a result is the best there is, and for exactly which input."""

from dataclasses import asdict, dataclass, field
from typing import Literal

Variant = Literal["dual-first", "coverage-first"]


@dataclass(frozen=True, slots=True)
class Certificate:
    """What was reached and what was proved.

    `dual` people have both roles, `covered` at least one. `score` is the total worth; `bound` is the solver's
    proved limit of the score under these `dual` and `covered`, and `gap` the difference, zero for a proved
    optimum; `dual` and `covered` are themselves proved in their order. `input_hash` is the SHA-256 of the
    canonical instance. `seconds` is a measurement and takes no part in equality.
    """

    dual: int
    covered: int
    score: int
    bound: int
    gap: int
    solver: str
    solver_version: str
    variant: Variant
    seed: int
    input_hash: str
    seconds: float = field(compare=False)

    def as_json(self) -> dict[str, str | int | float]:
        """The certificate as plain values."""
        return asdict(self)
