"""Figures as a matrix of places and indicators, and one figure through all publications."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, bindparam, case, desc, func, or_, select
from sqlalchemy.dialects.postgresql import distinct_on

from chassis.database import Row, Tx
from services.reporting.domain.tree import CITY, DISTRICT, OTHERS
from services.reporting.store.tables import figures, publications

# What a reader types may hold the signs of a pattern.
_ESCAPE = str.maketrans({"%": r"\%", "_": r"\_", "\\": r"\\"})
_MOST_PUBLICATIONS = 200
_cells = [
    figures.c[name]
    for name in ("indicator", "n_num", "n_den", "value", "ci_low", "ci_high", "is_hidden", "reason", "bound")
]
_scope = and_(
    figures.c.publication_id == bindparam("publication"),
    figures.c.kind.in_(bindparam("kinds", expanding=True)),
    or_(bindparam("district", type_=figures.c.district.type).is_(None), figures.c.district == bindparam("district")),
)
_named = or_(
    bindparam("wanted", type_=figures.c.place.type) == "",
    figures.c.place_name.ilike(bindparam("pattern"), escape="\\"),
    figures.c.place.ilike(bindparam("pattern"), escape="\\"),
)
_others_last = case((figures.c.kind == OTHERS, 1), else_=0)


def _places(*order: ColumnElement[object]) -> Select[tuple[object, ...]]:
    """The places of a scope in an order; each has a figure of the indicator that sorts."""
    return (
        select(
            figures.c.place,
            figures.c.place_name,
            figures.c.kind,
            figures.c.district,
            func.count().over().label("total"),
        )
        .where(_scope, _named, figures.c.indicator == bindparam("by"))
        .order_by(*order, _others_last, figures.c.place_name, figures.c.place)
        .limit(bindparam("limit"))
        .offset(bindparam("after"))
    )


_ORDERS = {
    "name": _places(),
    "up": _places(figures.c.value.asc().nulls_last()),
    "down": _places(desc(figures.c.value).nulls_last()),
}
_CELLS = select(figures.c.place, *_cells).where(
    figures.c.publication_id == bindparam("publication"),
    figures.c.indicator.in_(bindparam("indicators", expanding=True)),
    figures.c.place.in_(bindparam("places", expanding=True)),
)
_ABOVE = select(figures.c.place, figures.c.place_name, figures.c.kind, figures.c.district).where(
    figures.c.publication_id == bindparam("publication"),
    figures.c.indicator == bindparam("by"),
    or_(
        figures.c.kind == CITY,
        and_(figures.c.kind == DISTRICT, figures.c.district == bindparam("district", type_=figures.c.district.type)),
    ),
)
_MEDIANS = (
    select(
        figures.c.indicator,
        func.percentile_cont(0.5).within_group(figures.c.value).label("median"),
        func.count(figures.c.value).label("places"),
    )
    .where(_scope, figures.c.indicator.in_(bindparam("indicators", expanding=True)))
    .group_by(figures.c.indicator)
)
_TREND = (
    select(
        publications.c.publication_id,
        publications.c.as_of,
        publications.c.revision,
        publications.c.title,
        publications.c.definition_version,
        figures.c.place,
        figures.c.place_name,
        *_cells,
    )
    .select_from(publications.join(figures, figures.c.publication_id == publications.c.publication_id))
    .where(
        publications.c.state == "PUBLISHED",
        figures.c.indicator == bindparam("indicator"),
        or_(
            and_(bindparam("place", type_=figures.c.place.type) == "", figures.c.kind == CITY),
            figures.c.place == bindparam("place"),
        ),
        or_(
            bindparam("district", type_=figures.c.district.type).is_(None),
            figures.c.district == bindparam("district"),
        ),
    )
    .order_by(publications.c.as_of, desc(publications.c.revision))
    .limit(_MOST_PUBLICATIONS)
    .ext(distinct_on(publications.c.as_of))
)


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose rows: kinds of places in a publication, of one district or of the whole city."""

    publication: UUID
    kinds: tuple[str, ...]
    district: str | None = None

    @property
    def asked(self) -> Row:
        """As the statements ask for it."""
        return {"publication": self.publication, "kinds": list(self.kinds), "district": self.district}


@dataclass(frozen=True, slots=True)
class Reading:
    """In which order, and from which row on: `by` an indicator `up` or `down`, or by `name`.

    `wanted` is a part of the place's name or id.
    """

    by: str
    order: str
    wanted: str
    after: int
    limit: int


async def places(tx: Tx, scope: Scope, reading: Reading) -> Sequence[Row]:
    """Places with how many there are in all, a page and one more; a place without a value stands last."""
    asked = {
        "by": reading.by,
        "wanted": reading.wanted,
        "pattern": f"%{reading.wanted.translate(_ESCAPE)}%",
        "after": reading.after,
        "limit": reading.limit + 1,
    }
    return await tx.rows(_ORDERS[reading.order], {**scope.asked, **asked})


async def above(tx: Tx, scope: Scope, by: str) -> Sequence[Row]:
    """What the rows are parts of: the city, and their district where it is one district's matrix."""
    asked = {"publication": scope.publication, "district": scope.district, "by": by}
    return await tx.rows(_ABOVE, asked)


async def cells(tx: Tx, publication: UUID, indicators: Sequence[str], of_places: Sequence[str]) -> Sequence[Row]:
    """The figures of some indicators at some places."""
    if not indicators or not of_places:
        return []
    asked = {"publication": publication, "indicators": list(indicators), "places": list(of_places)}
    return await tx.rows(_CELLS, asked)


async def medians(tx: Tx, scope: Scope, indicators: Sequence[str]) -> Sequence[Row]:
    """The median over the places whose value is shown, by indicator."""
    if not indicators:
        return []
    return await tx.rows(_MEDIANS, {**scope.asked, "indicators": list(indicators)})


async def trend(tx: Tx, indicator: str, place: str, district: str | None) -> Sequence[Row]:
    """A place's figure in the last revision of each publication, the oldest first; the city's where none is named."""
    return await tx.rows(_TREND, {"indicator": indicator, "place": place, "district": district})
