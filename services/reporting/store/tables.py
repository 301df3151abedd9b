"""The tables of reporting: schema `facts` with the schools' own rows, schema `published` with what anybody may read.

Facts are append only: every revision of a thing is one row, so that a repeated fact changes nothing, a late one finds
its place, and the numbers of any past date can be computed again. Memberships and places say themselves from when to
when they hold.
"""

from collections.abc import Sequence

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    DateTime,
    Double,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.schema import SchemaItem

from chassis.database import TENANT
from chassis.outbox import house_tables

FACTS = "facts"
PUBLISHED = "published"
BOTH_SCHOOLS = ("giver_school", "taker_school")

metadata = MetaData()
house_tables(metadata)


def _fact_table(name: str, *items: SchemaItem, schools: Sequence[str] = ("school_id",), is_key: bool = False) -> Table:
    """A tenant table of schema `facts`; its migration forces row-level security on the school columns."""
    columns = [Column(column, Text, nullable=False, primary_key=is_key) for column in schools]
    return Table(name, metadata, *columns, *items, schema=FACTS, info={TENANT: tuple(schools)})


def _moment(name: str, *, is_optional: bool = False) -> Column[object]:
    return Column(name, DateTime(timezone=True), nullable=is_optional)


# The tree of places is no school's own: the district of a school must be found before any school is named.
places = Table(
    "places",
    metadata,
    Column("place_id", Text, primary_key=True),
    Column("revision", Integer, primary_key=True),
    Column("kind", String(10), nullable=False),
    Column("parent", Text),
    Column("name", Text),
    Column("zone", String(64), nullable=False),
    Column("valid_from", Date, nullable=False),
    Column("valid_to", Date),
    Index("places_by_parent", "parent", "place_id"),
    schema=FACTS,
)

members = _fact_table(
    "members",
    Column("person_id", Uuid, primary_key=True),
    Column("counts_in_staff", Boolean, nullable=False),
    Column("roles", ARRAY(Text), nullable=False),
    Column("joined_on", Date, nullable=False),
    Column("left_on", Date),
    Column("revision", Integer, nullable=False),
    is_key=True,
)

# The stage may be heard of before the cycle itself.
cycles = _fact_table(
    "cycles",
    Column("cycle_id", Uuid, primary_key=True),
    Column("starts_on", Date),
    Column("ends_on", Date),
    Column("opened_revision", Integer, nullable=False),
    Column("stage", String(20)),
    Column("stage_revision", Integer, nullable=False),
    is_key=True,
)

campaigns = _fact_table(
    "campaigns",
    Column("campaign_id", Uuid, primary_key=True),
    Column("revision", Integer, primary_key=True),
    Column("cycle_id", Uuid, nullable=False),
    Column("wave", SmallInteger, nullable=False),
    Column("invited", Integer, nullable=False),
    Column("scored", Integer, nullable=False),
    _moment("occurred_at"),
    Index("campaigns_by_cycle", "school_id", "cycle_id"),
    is_key=True,
)

profile_tallies = _fact_table(
    "profile_tallies",
    Column("campaign_id", Uuid, primary_key=True),
    Column("domain", String(8), primary_key=True),
    Column("revision", Integer, primary_key=True),
    Column("cycle_id", Uuid, nullable=False),
    Column("wave", SmallInteger, nullable=False),
    Column("assessments", Integer, nullable=False),
    Column("gaps", Integer, nullable=False),
    Column("strengths", Integer, nullable=False),
    _moment("occurred_at"),
    Index("profile_tallies_by_cycle", "school_id", "cycle_id"),
    is_key=True,
)

gain_tallies = _fact_table(
    "gain_tallies",
    Column("campaign_id", Uuid, primary_key=True),
    Column("domain", String(8), primary_key=True),
    Column("revision", Integer, primary_key=True),
    Column("cycle_id", Uuid, nullable=False),
    Column("pairs", Integer, nullable=False),
    Column("total", Double, nullable=False),
    Column("total_squares", Double, nullable=False),
    Column("reliable", Integer, nullable=False),
    Column("missing", Integer, nullable=False),
    _moment("occurred_at"),
    Index("gain_tallies_by_cycle", "school_id", "cycle_id"),
    is_key=True,
)

closed_gaps = _fact_table(
    "closed_gaps",
    Column("cycle_id", Uuid, primary_key=True),
    Column("person_id", Uuid, primary_key=True),
    Column("competency", String(40), primary_key=True),
    _moment("occurred_at"),
    is_key=True,
)

survey_tallies = _fact_table(
    "survey_tallies",
    Column("survey_id", Uuid, primary_key=True),
    Column("role", String(40), primary_key=True),
    Column("revision", Integer, primary_key=True),
    Column("cycle_id", Uuid, nullable=False),
    Column("invited", Integer, nullable=False),
    Column("answered", Integer, nullable=False),
    Column("satisfied", Integer, nullable=False),
    _moment("occurred_at"),
    Index("survey_tallies_by_cycle", "school_id", "cycle_id"),
    is_key=True,
)

assignment_steps = _fact_table(
    "assignment_steps",
    Column("assignment_id", Uuid, primary_key=True),
    Column("revision", Integer, primary_key=True),
    Column("state", String(12), primary_key=True),
    Column("cycle_id", Uuid, nullable=False),
    Column("giver_id", Uuid, nullable=False),
    Column("taker_id", Uuid, nullable=False),
    Column("competency", String(40), nullable=False),
    _moment("occurred_at"),
    Index("assignment_steps_by_giver_school", "giver_school", "cycle_id"),
    Index("assignment_steps_by_taker_school", "taker_school", "cycle_id"),
    schools=BOTH_SCHOOLS,
)

meeting_steps = _fact_table(
    "meeting_steps",
    Column("meeting_id", Uuid, primary_key=True),
    Column("revision", Integer, primary_key=True),
    Column("state", String(12), primary_key=True),
    Column("assignment_id", Uuid, nullable=False),
    _moment("occurred_at"),
    Index("meeting_steps_by_assignment", "assignment_id"),
    schools=BOTH_SCHOOLS,
)

reports = _fact_table(
    "reports",
    Column("report_id", Uuid, primary_key=True),
    Column("cycle_id", Uuid, nullable=False),
    Column("as_of", Date, nullable=False),
    Column("version", Integer, nullable=False),
    Column("state", String(12), nullable=False),
    Column("revision", Integer, nullable=False),
    UniqueConstraint("school_id", "cycle_id", "as_of", name="reports_one_per_date"),
    Index("reports_by_school", "school_id", "report_id"),
)

# A correction is a new version and never a rewrite: what was signed once stays as it was signed.
report_versions = _fact_table(
    "report_versions",
    Column("report_id", Uuid, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("content", LargeBinary, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("computed_by", Uuid, nullable=False),
    _moment("computed_at"),
    Column("reviewed_by", Uuid),
    _moment("reviewed_at", is_optional=True),
    Column("signed_by", Uuid),
    Column("signed_role", String(20)),
    Column("signed_sha256", String(64)),
    Column("signature_kind", String(8)),
    _moment("signed_at", is_optional=True),
    _moment("submitted_at", is_optional=True),
    Column("decided_by", Uuid),
    _moment("accepted_at", is_optional=True),
    _moment("returned_at", is_optional=True),
    Column("return_reason", Text),
    _moment("published_at", is_optional=True),
    ForeignKeyConstraint(["report_id"], ["facts.reports.report_id"]),
)

publications = Table(
    "publications",
    metadata,
    Column("publication_id", Uuid, primary_key=True),
    Column("as_of", Date, nullable=False),
    Column("title", String(200), nullable=False),
    Column("state", String(12), nullable=False),
    Column("revision", Integer),
    Column("definition_version", String(20), nullable=False),
    Column("schools", Integer, nullable=False),
    Column("districts", Integer, nullable=False),
    Column("trouble", String(80)),
    _moment("ordered_at"),
    _moment("published_at", is_optional=True),
    UniqueConstraint("as_of", "revision", name="publications_one_per_revision"),
    schema=PUBLISHED,
)

rows = Table(
    "rows",
    metadata,
    Column("publication_id", Uuid, primary_key=True),
    Column("place", Text, primary_key=True),
    Column("made_of", JSONB, nullable=False),
    ForeignKeyConstraint(["publication_id"], ["published.publications.publication_id"]),
    schema=PUBLISHED,
)

cells = Table(
    "cells",
    metadata,
    Column("publication_id", Uuid, primary_key=True),
    Column("place", Text, primary_key=True),
    Column("counter", String(60), primary_key=True),
    Column("shown", Double),
    Column("reason", String(20)),
    ForeignKeyConstraint(
        ["publication_id", "place"], ["published.rows.publication_id", "published.rows.place"], name="cells_of_row"
    ),
    schema=PUBLISHED,
)

figures = Table(
    "figures",
    metadata,
    Column("publication_id", Uuid, primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("place", Text, nullable=False),
    Column("kind", String(10), nullable=False),
    Column("district", Text),
    Column("place_name", Text),
    Column("indicator", String(60), nullable=False),
    Column("n_num", Double),
    Column("n_den", Double),
    Column("value", Double),
    Column("ci_low", Double),
    Column("ci_high", Double),
    Column("is_hidden", Boolean, nullable=False),
    Column("reason", String(20)),
    Column("bound", Double),
    Column("definition_version", String(20), nullable=False),
    ForeignKeyConstraint(["publication_id"], ["published.publications.publication_id"]),
    Index("figures_by_district", "publication_id", "district", "position"),
    Index("figures_by_kind", "publication_id", "kind", "position"),
    Index("figures_by_indicator", "publication_id", "indicator", "place"),
    schema=PUBLISHED,
)
