"""The tables of matching."""

from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Float,
    Identity,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from chassis.database import tenant_table
from chassis.looks import look_tables
from chassis.outbox import house_tables

NOBODY = UUID(int=0)

metadata = MetaData()
house_tables(metadata)
look_tables(metadata)

# Not personal, therefore outside row-level security: a sweep must know for which schools to look.
schools = Table("schools", metadata, Column("school_id", Text, primary_key=True))

members = tenant_table(
    "members",
    metadata,
    Column("person_id", Uuid, primary_key=True),
    Column("is_teacher", Boolean, nullable=False),
    Column("manager_id", Uuid),
    Column("has_left", Boolean, nullable=False),
    Column("is_erased", Boolean, nullable=False),
    Column("subjects", ARRAY(Text), nullable=False, server_default=text("'{}'")),
    Column("absent_from", Date),
    Column("absent_to", Date),
    Column("revision", Integer, nullable=False),
    is_key=True,
)

cycles = tenant_table(
    "cycles",
    metadata,
    Column("cycle_id", Uuid, primary_key=True),
    Column("starts_on", Date),
    Column("ends_on", Date),
    Column("opened_revision", Integer, nullable=False),
    Column("stage", String(20)),
    Column("stage_revision", Integer, nullable=False),
)

diagnosed = tenant_table(
    "diagnosed",
    metadata,
    Column("campaign_id", Uuid, primary_key=True),
    Column("person_id", Uuid, primary_key=True),
    Column("cycle_id", Uuid, nullable=False),
    Column("wave", Integer, nullable=False),
    Column("competencies", Integer, nullable=False),
    Column("revision", Integer, nullable=False),
    Index("diagnosed_by_cycle", "school_id", "cycle_id"),
    is_key=True,
)

# A release stands while `released_revision` is the greater; a strength stands while it is newer than the
# withdrawal. The three facts share one counter of revisions, so they may arrive in any order.
releases = tenant_table(
    "releases",
    metadata,
    Column("cycle_id", Uuid, primary_key=True),
    Column("person_id", Uuid, primary_key=True),
    Column("competency", String(40), primary_key=True),
    Column("released_revision", Integer, nullable=False),
    Column("withdrawn_revision", Integer, nullable=False),
    Column("strength_revision", Integer, nullable=False),
    Column("competency_class", String(30)),
    Column("level10", Integer),
    is_key=True,
)

needs = tenant_table(
    "needs",
    metadata,
    Column("cycle_id", Uuid, primary_key=True),
    Column("person_id", Uuid, primary_key=True),
    Column("competency", String(40), primary_key=True),
    Column("is_declared", Boolean, nullable=False),
    Column("priority1000", Integer, nullable=False),
    Column("revision", Integer, nullable=False),
    is_key=True,
)

offers = tenant_table(
    "offers",
    metadata,
    Column("cycle_id", Uuid, primary_key=True),
    Column("person_id", Uuid, primary_key=True),
    Column("competency", String(40), primary_key=True),
    Column("is_declared", Boolean, nullable=False),
    Column("formats", ARRAY(Text), nullable=False),
    Column("minutes", Integer, nullable=False),
    Column("is_outside_school", Boolean, nullable=False),
    Column("revision", Integer, nullable=False),
    is_key=True,
)

consents = tenant_table(
    "consents",
    metadata,
    Column("person_id", Uuid, primary_key=True),
    Column("purpose", String(40), primary_key=True),
    Column("is_given", Boolean, nullable=False),
    Column("revision", Integer, nullable=False),
    is_key=True,
)

# A pair that asked for another match is not proposed again in that cycle.
misfits = tenant_table(
    "misfits",
    metadata,
    Column("cycle_id", Uuid, primary_key=True),
    Column("giver_id", Uuid, primary_key=True),
    Column("taker_id", Uuid, primary_key=True),
    is_key=True,
)

availability = tenant_table(
    "availability",
    metadata,
    Column("person_id", Uuid, primary_key=True),
    Column("slots", BigInteger, nullable=False),
    Column("give", Integer, nullable=False),
    Column("take", Integer, nullable=False),
    Column("changed_at", DateTime(timezone=True), nullable=False),
    is_key=True,
)

bans = tenant_table(
    "bans",
    metadata,
    Column("giver_id", Uuid, primary_key=True),
    Column("taker_id", Uuid, primary_key=True),
    Column("banned_at", DateTime(timezone=True), nullable=False),
    Column("banned_by", Uuid, nullable=False),
    is_key=True,
)

runs = tenant_table(
    "runs",
    metadata,
    Column("run_id", Uuid, primary_key=True),
    Column("number", BigInteger, Identity(always=True), nullable=False),
    Column("cycle_id", Uuid, nullable=False),
    Column("seed", Integer, nullable=False),
    Column("based_on", Uuid),
    Column("pins", JSONB, nullable=False),
    Column("state", String(20), nullable=False),
    Column("version", Integer, nullable=False),
    Column("step", String(40), nullable=False),
    Column("share", Float, nullable=False),
    Column("instance", Text, nullable=False),
    Column("input_hash", String(64), nullable=False),
    Column("people", Integer, nullable=False),
    Column("supply", Integer, nullable=False),
    Column("demand", Integer, nullable=False),
    Column("dual_first", JSONB),
    Column("coverage_first", JSONB),
    Column("between", JSONB),
    Column("wanted_dual", Integer),
    Column("chosen", String(20)),
    Column("answer_days", Integer, nullable=False, server_default=text("3")),
    Column("options", JSONB, nullable=False, server_default=text("'{}'")),
    Column("reason", String(60)),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("created_by", Uuid, nullable=False),
    Index("runs_by_school", "school_id", "number"),
)

# The curator's edits of a run, in the order in which they were made; one that was taken back stays for the list.
edits = tenant_table(
    "edits",
    metadata,
    Column("run_id", Uuid, primary_key=True),
    Column("edit_id", Uuid, primary_key=True),
    Column("number", BigInteger, Identity(always=True), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("change", JSONB, nullable=False),
    Column("made_at", DateTime(timezone=True), nullable=False),
    Column("made_by", Uuid, nullable=False),
    Column("undone_at", DateTime(timezone=True)),
    Column("undone_by", Uuid),
)

# What changed a run, and who did it: so that whoever was slower can be told.
run_changes = tenant_table(
    "run_changes",
    metadata,
    Column("run_id", Uuid, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("what", String(20), nullable=False),
    Column("edit_id", Uuid),
    Column("changed_at", DateTime(timezone=True), nullable=False),
    Column("changed_by", Uuid),
)

# Which runs are to be solved, and by whom; outside row-level security: a worker serves all schools.
solving = Table(
    "solving",
    metadata,
    Column("run_id", Uuid, primary_key=True),
    Column("school_id", Text, nullable=False),
    Column("worker", Uuid),
    Column("beat_at", DateTime(timezone=True)),
    Column("claims", Integer, nullable=False),
    Column("queued_at", DateTime(timezone=True), nullable=False, server_default=text("clock_timestamp()")),
    Column("is_next_best", Boolean, nullable=False, server_default=text("false")),
)

matches = tenant_table(
    "matches",
    metadata,
    Column("run_id", Uuid, primary_key=True),
    Column("variant", String(20), primary_key=True),
    Column("place", Integer, primary_key=True),
    Column("giver_id", Uuid, nullable=False),
    Column("taker_id", Uuid, nullable=False),
    Column("competency", String(40), nullable=False),
    Column("score", Integer, nullable=False),
    Column("is_pinned", Boolean, nullable=False),
    Column("first_slot", Integer),
)

unmet = tenant_table(
    "unmet",
    metadata,
    Column("run_id", Uuid, primary_key=True),
    Column("variant", String(20), primary_key=True),
    Column("place", Integer, primary_key=True),
    Column("person_id", Uuid, nullable=False),
    Column("competency", String(40), nullable=False),
    Column("rule", String(30), nullable=False),
)

_AWAITS_ANSWER = text("state in ('PROPOSED', 'TAKER_AGREED')")
_IS_OPEN = text("state in ('PROPOSED', 'TAKER_AGREED', 'ACCEPTED', 'FORMED')")

pairings = tenant_table(
    "pairings",
    metadata,
    Column("pairing_id", Uuid, primary_key=True),
    Column("run_id", Uuid, nullable=False),
    Column("cycle_id", Uuid, nullable=False),
    Column("giver_id", Uuid, nullable=False),
    Column("taker_id", Uuid, nullable=False),
    Column("competency", String(40), nullable=False),
    Column("first_slot", Integer),
    Column("state", String(20), nullable=False),
    Column("asked_at", DateTime(timezone=True), nullable=False),
    Column("expires_at", DateTime(timezone=True), nullable=False),
    Column("answer_days", Integer, nullable=False, server_default=text("3")),
    Column("term_from", Date),
    Column("term_to", Date),
    Column("is_completed", Boolean, nullable=False),
    Column("revision", Integer, nullable=False),
    Index("pairings_by_run", "run_id"),
    Index("pairings_by_giver", "giver_id", "pairing_id"),
    Index("pairings_by_taker", "taker_id", "pairing_id"),
    Index("pairings_by_giver_school", "giver_school", "pairing_id"),
    Index("pairings_by_taker_school", "taker_school", "pairing_id"),
    Index("pairings_awaiting", "expires_at", postgresql_where=_AWAITS_ANSWER),
    Index(
        "pairings_need_served_once",
        "taker_school",
        "cycle_id",
        "taker_id",
        "competency",
        unique=True,
        postgresql_where=_IS_OPEN,
    ),
    schools=("giver_school", "taker_school"),
)
