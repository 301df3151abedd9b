"""The record that a result is the best there is, and for exactly which input."""

from dataclasses import asdict, dataclass, field
from typing import Literal

Variant = Literal["dual-first", "coverage-first"]
AnyVariant = Literal["dual-first", "coverage-first", "between", "score-only", "mutual", "groups"]


@dataclass(frozen=True, slots=True)
class Certificate:
    """What was reached and what was proved.

    `dual` people have both roles, `covered` at least one. `score` is the total worth of the pairings; `load` is
    what the loads cost beside it and `bonus` what was added for mutual pairs; `short` counts promised places that
    nobody could fill. `bound` is the proved limit of score − load + bonus under these `dual` and `covered`, and
    `gap` the difference, zero for a proved optimum; `dual` and `covered` are themselves proved in their order.
    `input_hash` is the SHA-256 of the canonical instance. Solver, version and `seconds` tell how it was found;
    seconds are a measurement and take no part in equality.
    """

    dual: int
    covered: int
    score: int
    bound: int
    gap: int
    solver: str
    solver_version: str
    variant: AnyVariant
    seed: int
    input_hash: str
    load: int = 0
    bonus: int = 0
    short: int = 0
    seconds: float = field(compare=False, default=0.0)

    def as_json(self) -> dict[str, str | int | float]:
        """The certificate as plain values."""
        return asdict(self)
