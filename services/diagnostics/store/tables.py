"""The tables of diagnostics."""

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    DateTime,
    Double,
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

metadata = MetaData()
house_tables(metadata)
look_tables(metadata)

# Outside row security: the sweep asks here which schools it has to look into, and nothing else stands here.
schools = Table(
    "schools",
    metadata,
    Column("school_id", Text, primary_key=True),
    Column("next_close", Date),
    Index("schools_by_next_close", "next_close"),
)

members = tenant_table(
    "members",
    metadata,
    Column("person_id", Uuid, primary_key=True),
    Column("roles", ARRAY(Text), nullable=False),
    Column("role_profiles", ARRAY(Text), nullable=False),
    Column("subjects", ARRAY(Text), nullable=False),
    Column("counts_in_staff", Boolean, nullable=False),
    Column("left_on", Date),
    Column("is_erased", Boolean, nullable=False),
    Column("revision", Integer, nullable=False),
    is_key=True,
)

cycles = tenant_table(
    "cycles",
    metadata,
    Column("cycle_id", Uuid, primary_key=True),
    Column("starts_on", Date),
    Column("ends_on", Date),
    Column("stage", String(20), nullable=False),
    Column("stage_revision", Integer, nullable=False),
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

campaigns = tenant_table(
    "campaigns",
    metadata,
    Column("campaign_id", Uuid, primary_key=True),
    Column("cycle_id", Uuid, nullable=False),
    Column("wave", Integer, nullable=False),
    Column("state", String(10), nullable=False),
    Column("closes_on", Date, nullable=False),
    Column("catalogue_version", String(20), nullable=False),
    Column("invited", Integer, nullable=False),
    Column("opened_at", DateTime(timezone=True), nullable=False),
    Column("opened_by", Uuid, nullable=False),
    Column("closed_at", DateTime(timezone=True)),
    Column("opens_on", Date),
    Column("audience", String(10), nullable=False, server_default=text("'ALL'")),
    Column("role_profiles", ARRAY(Text), nullable=False, server_default=text("'{}'")),
    Column(
        "instruments",
        ARRAY(Text),
        nullable=False,
        server_default=text("'{SELF,COLLEAGUES,OBSERVATION,TEST,ARTEFACT}'"),
    ),
    Index("campaigns_by_cycle", "cycle_id", "wave", unique=True),
    Index("campaigns_by_school", "school_id", "campaign_id"),
)

# A person's part in a campaign: the form and its targets, frozen at the opening.
participants = tenant_table(
    "participants",
    metadata,
    Column("campaign_id", Uuid, primary_key=True),
    Column("person_id", Uuid, primary_key=True),
    Column("cycle_id", Uuid, nullable=False),
    Column("codes", ARRAY(Text), nullable=False),
    Column("targets", ARRAY(Integer), nullable=False),
    Column("scored_revision", Integer, nullable=False),
    Index("participants_by_person", "person_id", "campaign_id"),
)

# One row for everyone who is asked about a person: the person, the colleagues, the observers. `codes` are what an
# observer was assigned; without them the whole form of the person is asked.
sheets = tenant_table(
    "sheets",
    metadata,
    Column("campaign_id", Uuid, primary_key=True),
    Column("person_id", Uuid, primary_key=True),
    Column("source", String(4), primary_key=True),
    Column("author_id", Uuid, primary_key=True),
    Column("answers", JSONB, nullable=False),
    Column("lessons", Integer, nullable=False),
    Column("is_final", Boolean, nullable=False),
    Column("changed_at", DateTime(timezone=True)),
    Column("codes", ARRAY(Text)),
    Index("sheets_by_author", "author_id", "campaign_id"),
)

profiles = tenant_table(
    "profiles",
    metadata,
    Column("campaign_id", Uuid, primary_key=True),
    Column("person_id", Uuid, primary_key=True),
    Column("competency", String(12), primary_key=True),
    Column("cycle_id", Uuid, nullable=False),
    Column("wave", Integer, nullable=False),
    Column("level", Double, nullable=False),
    Column("error", Double, nullable=False),
    Column("target", Integer, nullable=False),
    Column("competency_class", String(24), nullable=False),
    Column("confidence", String(8), nullable=False),
    Column("sources", ARRAY(Text), nullable=False),
    Column("marks", JSONB, nullable=False),
    Index("profiles_by_person", "person_id", "cycle_id", "competency", "wave"),
)

# `is_released` is the owner's will, `is_announced` what others know: an open question is never announced.
releases = tenant_table(
    "releases",
    metadata,
    Column("cycle_id", Uuid, primary_key=True),
    Column("person_id", Uuid, primary_key=True),
    Column("competency", String(12), primary_key=True),
    Column("is_released", Boolean, nullable=False),
    Column("is_announced", Boolean, nullable=False),
    Column("competency_class", String(24)),
    Column("level10", Integer),
    Column("error10", Integer),
    Column("revision", Integer, nullable=False),
)

needs = tenant_table(
    "needs",
    metadata,
    Column("cycle_id", Uuid, primary_key=True),
    Column("person_id", Uuid, primary_key=True),
    Column("competency", String(12), primary_key=True),
    Column("is_declared", Boolean, nullable=False),
    Column("wish", Integer, nullable=False),
    Column("priority1000", Integer, nullable=False),
    Column("revision", Integer, nullable=False),
)

offers = tenant_table(
    "offers",
    metadata,
    Column("cycle_id", Uuid, primary_key=True),
    Column("person_id", Uuid, primary_key=True),
    Column("competency", String(12), primary_key=True),
    Column("is_declared", Boolean, nullable=False),
    Column("formats", ARRAY(Text), nullable=False),
    Column("minutes", Integer, nullable=False),
    Column("outside_school", Boolean, nullable=False),
    Column("revision", Integer, nullable=False),
)
