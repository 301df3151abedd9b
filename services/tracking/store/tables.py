"""The tables of tracking."""

from sqlalchemy import (
    ARRAY,
    Boolean,
    Column,
    Date,
    DateTime,
    Index,
    Integer,
    MetaData,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from chassis.database import tenant_table
from chassis.looks import look_tables
from chassis.outbox import house_tables

PAIR = ("giver_school", "taker_school")

metadata = MetaData()
house_tables(metadata)
look_tables(metadata)

# Which schools there are: what time brings about is looked for school by school.
schools = Table("schools", metadata, Column("school_id", Text, primary_key=True))

members = tenant_table(
    "members",
    metadata,
    Column("person_id", Uuid, primary_key=True),
    Column("is_member", Boolean, nullable=False),
    Column("is_erased", Boolean, nullable=False, server_default=text("false")),
    # Who was known before roles were heard counts as a teacher until the registry speaks of the person again.
    Column("is_teacher", Boolean, nullable=False, server_default=text("true")),
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

consents = tenant_table(
    "consents",
    metadata,
    Column("person_id", Uuid, primary_key=True),
    Column("purpose", String(40), primary_key=True),
    Column("given_on", Date),
    Column("revision", Integer, nullable=False),
    is_key=True,
)

papers = tenant_table(
    "papers",
    metadata,
    Column("document_id", Uuid, primary_key=True),
    Column("pairing_id", Uuid, primary_key=True),
    Column("kind", String(5), nullable=False),
    Column("in_force_from", Date, nullable=False),
    Index("papers_by_pairing", "pairing_id"),
)

assignments = tenant_table(
    "assignments",
    metadata,
    Column("assignment_id", Uuid, primary_key=True),
    Column("pairing_id", Uuid, nullable=False, unique=True),
    Column("cycle_id", Uuid, nullable=False),
    Column("giver_id", Uuid, nullable=False),
    Column("taker_id", Uuid, nullable=False),
    Column("competency", String(40), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("term_from", Date, nullable=False),
    Column("term_to", Date, nullable=False),
    Column("basis", String(20), nullable=False),
    Column("state", String(20), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("rests_for", String(20)),
    Column("reason", String(30)),
    Column("activated_on", Date),
    Column("met_on", Date),
    Column("ready_on", Date),
    Column("ends_on", Date),
    Column("is_rematch_due", Boolean, nullable=False),
    Column("is_rematch_wished", Boolean, nullable=False),
    Column("help_asked_at", DateTime(timezone=True)),
    Column("stalled_at", DateTime(timezone=True)),
    Index("assignments_by_giver_school", "giver_school", "assignment_id"),
    Index("assignments_by_taker_school", "taker_school", "assignment_id"),
    Index("assignments_by_giver", "giver_id"),
    Index("assignments_by_taker", "taker_id"),
    schools=PAIR,
)

# Which demands an assignment meets, and since when; a consent taken back stays as a row without a day. It is a copy:
# in a pair of two schools each school's fact sees the rows of its own school only.
fulfilments = tenant_table(
    "fulfilments",
    metadata,
    Column("assignment_id", Uuid, primary_key=True),
    Column("requirement", String(80), primary_key=True),
    Column("met_from", Date),
    schools=PAIR,
)

goals = tenant_table(
    "goals",
    metadata,
    Column("goal_id", Uuid, primary_key=True),
    Column("assignment_id", Uuid, nullable=False),
    Column("text", String(500)),
    Column("due_on", Date, nullable=False),
    Column("sign", String(40), nullable=False),
    Column("state", String(20), nullable=False),
    Column("written_by", Uuid, nullable=False),
    Index("goals_by_assignment", "assignment_id", "goal_id"),
    Index("goals_by_writer", "written_by"),
    schools=PAIR,
)

meetings = tenant_table(
    "meetings",
    metadata,
    Column("meeting_id", Uuid, primary_key=True),
    Column("assignment_id", Uuid, nullable=False),
    Column("cycle_id", Uuid, nullable=False),
    Column("giver_id", Uuid, nullable=False),
    Column("taker_id", Uuid, nullable=False),
    Column("kind", String(20), nullable=False),
    Column("starts_at", DateTime(timezone=True), nullable=False),
    Column("minutes", Integer, nullable=False),
    Column("state", String(20), nullable=False),
    Column("giver_says", Boolean),
    Column("taker_says", Boolean),
    Column("answered_at", DateTime(timezone=True)),
    Column("revision", Integer, nullable=False),
    Index("meetings_by_assignment", "assignment_id"),
    Index("meetings_by_giver", "giver_id", "starts_at"),
    Index("meetings_by_taker", "taker_id", "starts_at"),
    Index("meetings_by_answer", "state", "answered_at"),
    schools=PAIR,
)

reflections = tenant_table(
    "reflections",
    metadata,
    Column("meeting_id", Uuid, primary_key=True),
    Column("person_id", Uuid, primary_key=True),
    Column("assignment_id", Uuid, nullable=False),
    Column("usefulness", SmallInteger),
    Column("text", String(200)),
    Column("obstacles", ARRAY(String(40)), nullable=False),
    Column("given_at", DateTime(timezone=True), nullable=False),
    Index("reflections_by_assignment", "assignment_id", "given_at"),
    Index("reflections_by_person", "person_id"),
    schools=PAIR,
)

surveys = tenant_table(
    "surveys",
    metadata,
    Column("survey_id", Uuid, primary_key=True),
    Column("cycle_id", Uuid, nullable=False),
    Column("closes_on", Date, nullable=False),
    Column("is_open", Boolean, nullable=False),
    Index("surveys_by_school", "school_id", "is_open", "closes_on"),
)

# Who answered, and nothing else: no time, no order, no way to the answer.
participations = tenant_table(
    "participations",
    metadata,
    Column("survey_id", Uuid, primary_key=True),
    Column("role", String(10), primary_key=True),
    Column("person_id", Uuid, primary_key=True),
    Index("participations_by_person", "person_id"),
)

# What was answered, and nothing else: no person, no time; the random key gives no order.
answers = tenant_table(
    "answers",
    metadata,
    Column("answer_id", Uuid, primary_key=True),
    Column("survey_id", Uuid, nullable=False),
    Column("role", String(10), nullable=False),
    Column("marks", JSONB, nullable=False),
    Index("answers_by_survey", "survey_id", "role"),
)

tallies = tenant_table(
    "tallies",
    metadata,
    Column("survey_id", Uuid, primary_key=True),
    Column("role", String(10), primary_key=True),
    Column("invited", Integer, nullable=False),
    Column("answered", Integer, nullable=False),
    Column("counts", JSONB),
)

campaigns = tenant_table(
    "campaigns",
    metadata,
    Column("campaign_id", Uuid, primary_key=True),
    Column("wave", SmallInteger, nullable=False),
    Column("opened_at", DateTime(timezone=True)),
    Column("closes_on", Date),
    Column("is_closed", Boolean, nullable=False),
    Index("campaigns_by_school", "school_id", "is_closed"),
)

# Who has completed a campaign's diagnostic, and nothing of how.
completions = tenant_table(
    "completions",
    metadata,
    Column("campaign_id", Uuid, primary_key=True),
    Column("person_id", Uuid, primary_key=True),
    Index("completions_by_person", "person_id"),
)

notifications = tenant_table(
    "notifications",
    metadata,
    Column("notification_id", Uuid, primary_key=True),
    Column("person_id", Uuid, nullable=False),
    Column("kind", String(40), nullable=False),
    Column("about_id", Uuid, nullable=False),
    Column("made_at", DateTime(timezone=True), nullable=False),
    Column("due_at", DateTime(timezone=True), nullable=False),
    Column("read_at", DateTime(timezone=True)),
    UniqueConstraint("school_id", "person_id", "kind", "about_id", name="notifications_once"),
    Index("notifications_by_person", "person_id", "due_at", "notification_id"),
    Index("notifications_by_thing", "about_id"),
)

# Minutes after midnight at the place.
notification_settings = tenant_table(
    "notification_settings",
    metadata,
    Column("person_id", Uuid, primary_key=True),
    Column("quiet_starts", SmallInteger, nullable=False),
    Column("quiet_ends", SmallInteger, nullable=False),
    Column("muted", ARRAY(String(40)), nullable=False),
    is_key=True,
)
