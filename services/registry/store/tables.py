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
from chassis.looks import look_tables
from chassis.outbox import house_tables

metadata = MetaData()
house_tables(metadata)
look_tables(metadata)

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

# Which school goes on for which from a day on. After a merge the place `closes` and all its people go over, which is
# done once `carried_at` is set; after a split people go over by name.
place_successions = Table(
    "place_successions",
    metadata,
    Column("place_id", Text, primary_key=True),
    Column("successor_id", Text, primary_key=True),
    Column("from_day", Date, nullable=False),
    Column("closes", Boolean, nullable=False),
    Column("recorded_at", DateTime(timezone=True), nullable=False),
    Column("carried_at", DateTime(timezone=True)),
    Index("place_successions_by_successor", "successor_id"),
    Index("place_successions_waiting", "from_day", postgresql_where=text("closes and carried_at is null")),
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

# `school_id` is the id of the place: officers of a district or of the city are members there. `counted_to` is the last
# day on which a person counted here who counts at a successor of this school now; `for_cycle_only`: the membership ends
# with the cycle that runs here.
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
    Column("counted_to", Date),
    Column("for_cycle_only", Boolean, nullable=False, server_default=text("false")),
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
    Column("is_erased", Boolean, nullable=False, server_default=text("false")),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("not_before", DateTime(timezone=True), nullable=False, server_default=func.to_timestamp(0)),
    Index("account_work_waiting", "not_before", postgresql_where=text("version > done_version")),
)

# A checked file may be applied while `can_apply`; the file itself is never kept. `columns` are those that it has,
# `decided` whom the curator said its rows to be, and `digest` stands for all that it would change.
staff_imports = tenant_table(
    "staff_imports",
    metadata,
    Column("import_id", Uuid, primary_key=True),
    Column("state", String(10), nullable=False),
    Column("can_apply", Boolean, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("rows_read", Integer, nullable=False),
    Column("head_count", Integer, nullable=False),
    Column("columns", ARRAY(Text), nullable=False),
    Column("decided", JSONB, nullable=False),
    Column("counts", JSONB, nullable=False),
    Column("problems", JSONB, nullable=False),
    Column("checked_at", DateTime(timezone=True), nullable=False),
    Column("checked_by", Uuid, nullable=False),
    Column("applied_at", DateTime(timezone=True)),
    # Why applying has failed.
    Column("reason", String(40)),
    # Who has ordered the applying and by which role, for the access log; taken away with the end of the order.
    Column("ordered_by", Uuid),
    Column("ordered_client", Text),
    Column("ordered_role", Text),
    Index("staff_imports_by_school", "school_id", "checked_at"),
)

# Files that are ordered to be applied, outside row security: a worker takes the next one before it knows the school.
# `done` counts the people who are written down in a transaction that is not over yet.
applying = Table(
    "applying",
    metadata,
    Column("import_id", Uuid, primary_key=True),
    Column("school_id", Text, nullable=False),
    Column("worker", Uuid),
    Column("beat_at", DateTime(timezone=True)),
    Column("claims", Integer, nullable=False),
    Column("queued_at", DateTime(timezone=True), nullable=False, server_default=text("clock_timestamp()")),
    Column("step", String(10), nullable=False),
    Column("done", Integer, nullable=False),
)

# What a checked file would change, a line per person, kept until it is applied or outdated, a day at the most. `told`
# is the person as the file tells; none for those who would leave.
staff_import_lines = tenant_table(
    "staff_import_lines",
    metadata,
    Column("import_id", Uuid, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("kind", String(10), nullable=False),
    Column("person_ids", ARRAY(Uuid), nullable=False),
    Column("fields", ARRAY(Text), nullable=False),
    Column("reason", String(40)),
    Column("told", JSONB(none_as_null=True)),
    is_key=True,
)

# Each row is what was said of a person's role profiles from a day on; null means as the staff file tells. Once
# `taken_at` is set the membership follows it.
role_profile_versions = tenant_table(
    "role_profile_versions",
    metadata,
    Column("person_id", Uuid, primary_key=True),
    Column("revision", Integer, primary_key=True),
    Column("profiles", ARRAY(Text)),
    Column("valid_from", Date, nullable=False),
    Column("source", String(10), nullable=False),
    Column("assigned_by", Uuid),
    Column("recorded_at", DateTime(timezone=True), nullable=False),
    Column("taken_at", DateTime(timezone=True)),
    Index("role_profile_versions_waiting", "school_id", "valid_from", postgresql_where=text("taken_at is null")),
    is_key=True,
)

# Decisions of commissions; a mistaken one is withdrawn, never changed. `revision` counts the facts about a person and
# a kind.
attestation_records = tenant_table(
    "attestation_records",
    metadata,
    Column("record_id", Uuid, primary_key=True),
    Column("person_id", Uuid, nullable=False),
    Column("kind", String(10), nullable=False),
    Column("position", Text),
    Column("decided_on", Date, nullable=False),
    Column("valid_until", Date),
    Column("order_no", Text),
    Column("source", String(10), nullable=False),
    Column("is_term_guessed", Boolean, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("recorded_at", DateTime(timezone=True), nullable=False),
    Column("recorded_by", Uuid),
    Column("withdrawn_at", DateTime(timezone=True)),
    Column("withdrawn_by", Uuid),
    Index("attestation_records_by_person", "school_id", "person_id"),
    Index(
        "attestation_records_once",
        "school_id",
        "person_id",
        "kind",
        "decided_on",
        unique=True,
        postgresql_where=text("withdrawn_at is null"),
    ),
)

# Somebody need not show fitness for the post up to a day. Why is not kept: a pregnancy is nobody's business here.
attestation_exemptions = tenant_table(
    "attestation_exemptions",
    metadata,
    Column("person_id", Uuid, primary_key=True),
    Column("valid_from", Date, primary_key=True),
    Column("valid_to", Date, nullable=False),
    Column("recorded_by", Uuid, nullable=False),
    Column("recorded_at", DateTime(timezone=True), nullable=False),
    is_key=True,
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

# What was heard of a cycle, whether the cycle is known yet or not, and in business time when it was so first and last.
cycle_facts = tenant_table(
    "cycle_facts",
    metadata,
    Column("cycle_id", Uuid, primary_key=True),
    Column("fact", String(40), primary_key=True),
    Column("first_at", DateTime(timezone=True)),
    Column("last_at", DateTime(timezone=True)),
    is_key=True,
)

# Every move of a cycle: by a fact, or by a person, with a reason where a rule asks for one.
cycle_moves = tenant_table(
    "cycle_moves",
    metadata,
    Column("cycle_id", Uuid, primary_key=True),
    Column("revision", Integer, primary_key=True),
    Column("previous", String(20), nullable=False),
    Column("stage", String(20), nullable=False),
    Column("moved_at", DateTime(timezone=True), nullable=False),
    Column("fact", String(40)),
    Column("moved_by", Uuid),
    Column("reason", String(30)),
)

# What the head decided of a stage of a roadmap; the rest follows the usual plan.
roadmap_plans = tenant_table(
    "roadmap_plans",
    metadata,
    Column("cycle_id", Uuid, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("due_on", Date),
    Column("owner_ids", ARRAY(Uuid), nullable=False, server_default=text("'{}'")),
    Column("decided_by", Uuid, nullable=False),
    Column("decided_at", DateTime(timezone=True), nullable=False),
)
