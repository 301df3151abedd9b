"""The tables of appeals, comments and change, and of the city's orders of psychometrics."""

from sqlalchemy import Boolean, Column, DateTime, Index, Integer, String, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB

from chassis.database import tenant_table
from services.diagnostics.store.tables import metadata

# What the owner says of the own level in one competency: for nobody else's eyes.
comments = tenant_table(
    "comments",
    metadata,
    Column("cycle_id", Uuid, primary_key=True),
    Column("person_id", Uuid, primary_key=True),
    Column("competency", String(12), primary_key=True),
    Column("text", Text, nullable=False),
)

# `campaign_id` is the measurement that the owner disputes, `wanted_source` what an upheld appeal waits for.
appeals = tenant_table(
    "appeals",
    metadata,
    Column("appeal_id", Uuid, primary_key=True),
    Column("cycle_id", Uuid, nullable=False),
    Column("campaign_id", Uuid, nullable=False),
    Column("person_id", Uuid, nullable=False),
    Column("competency", String(12), nullable=False),
    Column("state", String(12), nullable=False),
    Column("text", Text, nullable=False),
    Column("is_text_shown", Boolean, nullable=False),
    Column("wanted_source", String(4)),
    Column("filed_at", DateTime(timezone=True), nullable=False),
    Column("changed_at", DateTime(timezone=True), nullable=False),
    Index("appeals_by_owner", "person_id", "cycle_id", "competency"),
    Index("appeals_by_school", "school_id", "cycle_id", "appeal_id"),
)

# How people see their former selves after a cycle; a note beside a change, never part of a level.
then_tests = tenant_table(
    "then_tests",
    metadata,
    Column("campaign_id", Uuid, primary_key=True),
    Column("person_id", Uuid, primary_key=True),
    Column("answers", JSONB, nullable=False),
    Column("changed_at", DateTime(timezone=True), nullable=False),
)

# Of the city: figures about instruments, and how far the work has come; nothing of a school or a person.
psychometric_orders = Table(
    "psychometric_orders",
    metadata,
    Column("order_id", Uuid, primary_key=True),
    Column("state", String(12), nullable=False),
    Column("catalogue_version", String(20), nullable=False),
    Column("schools", Integer, nullable=False),
    Column("schools_done", Integer, nullable=False),
    Column("parts", Integer, nullable=False),
    Column("parts_done", Integer, nullable=False),
    Column("figures", JSONB),
    Column("reason", String(60)),
    Column("ordered_at", DateTime(timezone=True), nullable=False),
    Column("finished_at", DateTime(timezone=True)),
    Column("worker", Uuid),
    Column("beat_at", DateTime(timezone=True)),
    Column("claims", Integer, nullable=False),
)
