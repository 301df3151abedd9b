"""Assignments meetings surveys."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from chassis.migrate import protect

revision: str = "0001"
down_revision: str | None = None
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Expand; a later revision contracts what nobody reads any more."""
    op.create_table(
        "answers",
        sa.Column("school_id", sa.Text(), nullable=False),
        sa.Column("answer_id", sa.Uuid(), nullable=False),
        sa.Column("survey_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(length=10), nullable=False),
        sa.Column("marks", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("answer_id"),
        info={"tenant": ("school_id",)},
    )
    op.create_index("answers_by_survey", "answers", ["survey_id", "role"], unique=False)
    op.create_table(
        "assignments",
        sa.Column("giver_school", sa.Text(), nullable=False),
        sa.Column("taker_school", sa.Text(), nullable=False),
        sa.Column("assignment_id", sa.Uuid(), nullable=False),
        sa.Column("pairing_id", sa.Uuid(), nullable=False),
        sa.Column("cycle_id", sa.Uuid(), nullable=False),
        sa.Column("giver_id", sa.Uuid(), nullable=False),
        sa.Column("taker_id", sa.Uuid(), nullable=False),
        sa.Column("competency", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("term_from", sa.Date(), nullable=False),
        sa.Column("term_to", sa.Date(), nullable=False),
        sa.Column("basis", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("rests_for", sa.String(length=20), nullable=True),
        sa.Column("reason", sa.String(length=30), nullable=True),
        sa.Column("activated_on", sa.Date(), nullable=True),
        sa.Column("met_on", sa.Date(), nullable=True),
        sa.Column("ready_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("is_rematch_due", sa.Boolean(), nullable=False),
        sa.Column("is_rematch_wished", sa.Boolean(), nullable=False),
        sa.Column("help_asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("stalled_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("assignment_id"),
        sa.UniqueConstraint("pairing_id"),
        info={"tenant": ("giver_school", "taker_school")},
    )
    op.create_index("assignments_by_giver", "assignments", ["giver_id"], unique=False)
    op.create_index("assignments_by_giver_school", "assignments", ["giver_school", "assignment_id"], unique=False)
    op.create_index("assignments_by_taker", "assignments", ["taker_id"], unique=False)
    op.create_index("assignments_by_taker_school", "assignments", ["taker_school", "assignment_id"], unique=False)
    op.create_table(
        "attempts",
        sa.Column("consumer", sa.Text(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("consumer", "event_id"),
    )
    op.create_table(
        "consents",
        sa.Column("school_id", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.String(length=40), nullable=False),
        sa.Column("given_on", sa.Date(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("school_id", "person_id", "purpose"),
        info={"tenant": ("school_id",)},
    )
    op.create_table(
        "cycles",
        sa.Column("school_id", sa.Text(), nullable=False),
        sa.Column("cycle_id", sa.Uuid(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("opened_revision", sa.Integer(), nullable=False),
        sa.Column("stage", sa.String(length=20), nullable=True),
        sa.Column("stage_revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("cycle_id"),
        info={"tenant": ("school_id",)},
    )
    op.create_table(
        "fulfilments",
        sa.Column("giver_school", sa.Text(), nullable=False),
        sa.Column("taker_school", sa.Text(), nullable=False),
        sa.Column("assignment_id", sa.Uuid(), nullable=False),
        sa.Column("requirement", sa.String(length=80), nullable=False),
        sa.Column("met_from", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("assignment_id", "requirement"),
        info={"tenant": ("giver_school", "taker_school")},
    )
    op.create_table(
        "goals",
        sa.Column("giver_school", sa.Text(), nullable=False),
        sa.Column("taker_school", sa.Text(), nullable=False),
        sa.Column("goal_id", sa.Uuid(), nullable=False),
        sa.Column("assignment_id", sa.Uuid(), nullable=False),
        sa.Column("text", sa.String(length=500), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("sign", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("written_by", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("goal_id"),
        info={"tenant": ("giver_school", "taker_school")},
    )
    op.create_index("goals_by_assignment", "goals", ["assignment_id", "goal_id"], unique=False)
    op.create_index("goals_by_writer", "goals", ["written_by"], unique=False)
    op.create_table(
        "inbox",
        sa.Column("consumer", sa.Text(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.PrimaryKeyConstraint("consumer", "event_id"),
    )
    op.create_table(
        "journal",
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("aggregate_id", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("schools", sa.Text(), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("traceparent", sa.Text(), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("event_id"),
    )
    op.create_index("journal_position", "journal", ["position"], unique=True)
    op.create_index("journal_recorded_at", "journal", ["recorded_at"], unique=False)
    op.create_table(
        "meetings",
        sa.Column("giver_school", sa.Text(), nullable=False),
        sa.Column("taker_school", sa.Text(), nullable=False),
        sa.Column("meeting_id", sa.Uuid(), nullable=False),
        sa.Column("assignment_id", sa.Uuid(), nullable=False),
        sa.Column("cycle_id", sa.Uuid(), nullable=False),
        sa.Column("giver_id", sa.Uuid(), nullable=False),
        sa.Column("taker_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("giver_says", sa.Boolean(), nullable=True),
        sa.Column("taker_says", sa.Boolean(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("meeting_id"),
        info={"tenant": ("giver_school", "taker_school")},
    )
    op.create_index("meetings_by_answer", "meetings", ["state", "answered_at"], unique=False)
    op.create_index("meetings_by_assignment", "meetings", ["assignment_id"], unique=False)
    op.create_index("meetings_by_giver", "meetings", ["giver_id", "starts_at"], unique=False)
    op.create_index("meetings_by_taker", "meetings", ["taker_id", "starts_at"], unique=False)
    op.create_table(
        "members",
        sa.Column("school_id", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("is_member", sa.Boolean(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("school_id", "person_id"),
        info={"tenant": ("school_id",)},
    )
    op.create_table(
        "papers",
        sa.Column("school_id", sa.Text(), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("pairing_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=5), nullable=False),
        sa.Column("in_force_from", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("document_id", "pairing_id"),
        info={"tenant": ("school_id",)},
    )
    op.create_index("papers_by_pairing", "papers", ["pairing_id"], unique=False)
    op.create_table(
        "participations",
        sa.Column("school_id", sa.Text(), nullable=False),
        sa.Column("survey_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(length=10), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("survey_id", "role", "person_id"),
        info={"tenant": ("school_id",)},
    )
    op.create_index("participations_by_person", "participations", ["person_id"], unique=False)
    op.create_table(
        "reflections",
        sa.Column("giver_school", sa.Text(), nullable=False),
        sa.Column("taker_school", sa.Text(), nullable=False),
        sa.Column("meeting_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("assignment_id", sa.Uuid(), nullable=False),
        sa.Column("usefulness", sa.SmallInteger(), nullable=True),
        sa.Column("text", sa.String(length=200), nullable=True),
        sa.Column("obstacles", sa.ARRAY(sa.String(length=40)), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("meeting_id", "person_id"),
        info={"tenant": ("giver_school", "taker_school")},
    )
    op.create_index("reflections_by_assignment", "reflections", ["assignment_id", "given_at"], unique=False)
    op.create_index("reflections_by_person", "reflections", ["person_id"], unique=False)
    op.create_table("schools", sa.Column("school_id", sa.Text(), nullable=False), sa.PrimaryKeyConstraint("school_id"))
    op.create_table(
        "surveys",
        sa.Column("school_id", sa.Text(), nullable=False),
        sa.Column("survey_id", sa.Uuid(), nullable=False),
        sa.Column("cycle_id", sa.Uuid(), nullable=False),
        sa.Column("closes_on", sa.Date(), nullable=False),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("survey_id"),
        info={"tenant": ("school_id",)},
    )
    op.create_index("surveys_by_school", "surveys", ["school_id", "is_open", "closes_on"], unique=False)
    op.create_table(
        "tallies",
        sa.Column("school_id", sa.Text(), nullable=False),
        sa.Column("survey_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(length=10), nullable=False),
        sa.Column("invited", sa.Integer(), nullable=False),
        sa.Column("answered", sa.Integer(), nullable=False),
        sa.Column("counts", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.PrimaryKeyConstraint("survey_id", "role"),
        info={"tenant": ("school_id",)},
    )
    op.create_table(
        "outbox",
        sa.Column("number", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("queued_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["event_id"],
            ["journal.event_id"],
        ),
        sa.PrimaryKeyConstraint("number"),
    )
    protect("answers", "school_id")
    protect("assignments", "giver_school", "taker_school")
    protect("consents", "school_id")
    protect("cycles", "school_id")
    protect("fulfilments", "giver_school", "taker_school")
    protect("goals", "giver_school", "taker_school")
    protect("meetings", "giver_school", "taker_school")
    protect("members", "school_id")
    protect("papers", "school_id")
    protect("participations", "school_id")
    protect("reflections", "giver_school", "taker_school")
    protect("surveys", "school_id")
    protect("tallies", "school_id")
