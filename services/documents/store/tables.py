"""The tables of documents."""

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Text,
    Uuid,
    text,
)

from chassis.database import tenant_table
from chassis.looks import look_tables
from chassis.outbox import house_tables

metadata = MetaData()
house_tables(metadata)
look_tables(metadata)

members = tenant_table(
    "members",
    metadata,
    Column("person_id", Uuid, primary_key=True),
    Column("is_member", Boolean, nullable=False),
    Column("is_erased", Boolean, nullable=False, server_default=text("false")),
    Column("revision", Integer, nullable=False),
    is_key=True,
)

cycles = tenant_table("cycles", metadata, Column("cycle_id", Uuid, primary_key=True))

pairings = tenant_table(
    "pairings",
    metadata,
    Column("pairing_id", Uuid, primary_key=True),
    Column("cycle_id", Uuid, nullable=False),
    Column("giver_id", Uuid),
    Column("taker_id", Uuid),
    Index("pairings_by_giver", "giver_id"),
    Index("pairings_by_taker", "taker_id"),
    schools=("giver_school", "taker_school"),
)

consents = tenant_table(
    "consents",
    metadata,
    Column("person_id", Uuid, primary_key=True),
    Column("purpose", String(40), primary_key=True),
    Column("is_given", Boolean, nullable=False),
    Column("changed_at", DateTime(timezone=True), nullable=False),
    Column("revision", Integer, nullable=False),
    is_key=True,
)

papers = tenant_table(
    "papers",
    metadata,
    Column("paper_id", Uuid, primary_key=True),
    Column("kind", String(5), nullable=False),
    Column("cycle_id", Uuid, nullable=False),
    Column("state", String(20), nullable=False),
    Column("number", String(40), nullable=False),
    Column("basis", Text, nullable=False),
    Column("signed_on", Date, nullable=False),
    Column("in_force_from", Date, nullable=False),
    Column("registered_at", DateTime(timezone=True), nullable=False),
    Column("registered_by", Uuid, nullable=False),
    Column("archived_at", DateTime(timezone=True)),
    Column("retain_until", Date),
    Index("papers_by_school", "school_id", "paper_id"),
    Index("papers_archived", "school_id", "paper_id", postgresql_where=text("archived_at is not null")),
)

paper_pairings = tenant_table(
    "paper_pairings",
    metadata,
    Column("paper_id", Uuid, ForeignKey("papers.paper_id"), primary_key=True),
    Column("pairing_id", Uuid, primary_key=True),
)

scans = tenant_table(
    "scans",
    metadata,
    Column("paper_id", Uuid, ForeignKey("papers.paper_id"), primary_key=True),
    Column("media_type", String(80), nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("content", LargeBinary, nullable=False),
)

# The restricted archive: what was signed by or about somebody who was erased, and must still be kept. Only the
# personal-data officer opens it; the line of the paper (kind, number, days) stays in the school's list.
archived_scans = tenant_table(
    "archived_scans",
    metadata,
    Column("paper_id", Uuid, ForeignKey("papers.paper_id"), primary_key=True),
    Column("archived_at", DateTime(timezone=True), nullable=False),
    Column("media_type", String(80), nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("content", LargeBinary, nullable=False),
)
