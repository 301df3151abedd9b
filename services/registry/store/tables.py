"""Tables of the registry."""

from sqlalchemy import (
    ARRAY,
    Boolean,
    Column,
    Date,
    DateTime,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    Uuid,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from chassis.database import tenant_table
from chassis.outbox import house_tables

metadata = MetaData()
house_tables(metadata)

# Each row is what was said of a place; the past stays as it was said. The tree is public to all roles.
place_versions = Table(
    "place_versions",
    metadata,
    Column("place_id", Text, primary_key=True),
    Column("revision", Integer, primary_key=True),
    Column("kind", String(10), nullable=False),
    Column("parent", Text),
    Column("name", Text, nullable=False),
    Column("zone", String(64), nullable=False),
    Column("valid_from", Date, nullable=False),
    Column("valid_to", Date),
    Column("recorded_at", DateTime(timezone=True), nullable=False),
)

# A person belongs to no school but is seen through memberships: its policy stands in the migration and admits a row
# when a membership visible to the transaction names the person.
people = Table(
    "people",
    metadata,
    Column("person_id", Uuid, primary_key=True),
    Column("family_name", Text, nullable=False),
    Column("given_name", Text, nullable=False),
    Column("patronymic", Text),
)

# `school_id` is the id of the place: officers of a district or of the city are members there.
memberships = tenant_table(
    "memberships",
    metadata,
    Column("person_id", Uuid, primary_key=True),
    Column("roles", ARRAY(Text), nullable=False),
    Column("joined_on", Date, nullable=False),
    Column("left_on", Date),
    Column("role_profiles", ARRAY(Text), nullable=False),
    Column("subjects", ARRAY(Text), nullable=False),
    Column("counts_in_staff", Boolean, nullable=False),
    Column("manager_id", Uuid),
    Column("absent_from", Date),
    Column("absent_to", Date),
    Column("staff", JSONB, nullable=False),
    Column("revision", Integer, nullable=False),
    Index("memberships_by_person", "person_id"),
    is_key=True,
)

# Seen like people, through memberships.
accounts = Table(
    "accounts",
    metadata,
    Column("person_id", Uuid, primary_key=True),
    Column("username", Text, nullable=False, unique=True),
    Column("signed_in_at", DateTime(timezone=True)),
)

# How many usernames with the same beginning were given out; a number is never given twice.
username_numbers = Table(
    "username_numbers",
    metadata,
    Column("stem", Text, primary_key=True),
    Column("taken", Integer, nullable=False),
)

# What the realm is to know of an account, outside row-level security: one worker serves all schools, as the relay does.
# Work is waiting while `version` is above `done_version`; it holds neither names nor contacts.
account_work = Table(
    "account_work",
    metadata,
    Column("person_id", Uuid, primary_key=True),
    Column("username", Text, nullable=False),
    Column("groups", ARRAY(Text), nullable=False),
    Column("version", Integer, nullable=False),
    Column("done_version", Integer, nullable=False, server_default=text("0")),
    Column("realm_user_id", Text),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("not_before", DateTime(timezone=True), nullable=False, server_default=func.to_timestamp(0)),
    Index("account_work_waiting", "not_before", postgresql_where=text("version > done_version")),
)

# `rows` are the parsed people of a checked file, kept until it is applied or outdated; the file itself is never kept.
staff_imports = tenant_table(
    "staff_imports",
    metadata,
    Column("import_id", Uuid, primary_key=True),
    Column("state", String(10), nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("rows_read", Integer, nullable=False),
    Column("head_count", Integer, nullable=False),
    Column("counts", JSONB, nullable=False),
    Column("problems", JSONB, nullable=False),
    Column("rows", JSONB(none_as_null=True)),
    Column("checked_at", DateTime(timezone=True), nullable=False),
    Column("checked_by", Uuid, nullable=False),
    Column("applied_at", DateTime(timezone=True)),
    Index("staff_imports_waiting", "school_id", postgresql_where=text("rows is not null")),
)

cycles = tenant_table(
    "cycles",
    metadata,
    Column("cycle_id", Uuid, primary_key=True),
    Column("title", Text, nullable=False),
    Column("starts_on", Date, nullable=False),
    Column("ends_on", Date, nullable=False),
    Column("state", String(20), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("approved_at", DateTime(timezone=True)),
    Column("approved_by", Uuid),
    Index("cycles_by_school", "school_id", "cycle_id"),
)

# What was heard of a cycle, whether the cycle is known yet or not.
cycle_facts = tenant_table(
    "cycle_facts",
    metadata,
    Column("cycle_id", Uuid, primary_key=True),
    Column("fact", String(40), primary_key=True),
    is_key=True,
)
