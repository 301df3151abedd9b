"""What each legal basis demands before a pair may work; data with its sources."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

GIVER = "giver"
TAKER = "taker"


@dataclass(frozen=True, slots=True)
class Demand:
    """The demands of one legal basis.

    `consents` are purposes to which both people consent, `papers` kinds of papers in force for the pair,
    `notice_days` the working days between the notice of an early end and the end.
    """

    consents: tuple[str, ...]
    papers: tuple[str, ...]
    notice_days: int
    source: str


BASES: Mapping[str, Demand] = MappingProxyType(
    {
        "LABOUR_351_8": Demand(
            consents=("MENTORING_351_8",),
            papers=("DOC07", "DOC08"),
            notice_days=3,
            source="ТК РФ ст. 351.8 (381-ФЗ от 09.11.2024): письменное согласие, дополнительное соглашение, приказ",
        ),
        "LOCAL_ACT": Demand(
            consents=("MENTORING_LOCAL_ACT",),
            papers=("DOC08",),
            notice_days=0,
            source="письмо Минпросвещения и Профсоюза от 21.12.2021 № АЗ-1128/08: согласие на участие, приказ о парах",
        ),
        "VOLUNTARY": Demand(
            consents=(),
            papers=(),
            notice_days=0,
            source="разовая помощь вне ст. 351.8 ТК РФ: довольно согласия обоих на пару",
        ),
    }
)
CONSENTS = frozenset(purpose for demand in BASES.values() for purpose in demand.consents)
PAPERS = frozenset(kind for demand in BASES.values() for kind in demand.papers)


def consent_requirement(purpose: str, side: str) -> str:
    """The code under which one side's consent is waited for."""
    return f"consent.{purpose}.{side}"


def paper_requirement(kind: str) -> str:
    """The code under which a paper is waited for."""
    return f"paper.{kind}"


def requirements(basis: str) -> tuple[str, ...]:
    """All that a basis demands, as codes."""
    demand = BASES[basis]
    consents = [consent_requirement(purpose, side) for purpose in demand.consents for side in (GIVER, TAKER)]
    return (*consents, *(paper_requirement(kind) for kind in demand.papers))


def missing(basis: str, met: Mapping[str, date], today: date) -> list[str]:
    """What a basis still demands today; `met` says from which day each requirement is met."""
    return [code for code in requirements(basis) if code not in met or met[code] > today]


def ready_on(basis: str, met: Mapping[str, date]) -> date | None:
    """The day on which the last demand of a basis is met; none while one of them is open."""
    wanted = requirements(basis)
    if any(code not in met for code in wanted):
        return None
    return max((met[code] for code in wanted), default=date.min)
