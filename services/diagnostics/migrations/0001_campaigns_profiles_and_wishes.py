"""Campaigns profiles and wishes."""

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
        "attempts",
        sa.Column("consumer", sa.Text(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("consumer", "event_id"),
    )
    op.create_table(
        "campaigns",
        sa.Column("school_id", sa.Text(), nullable=False),
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("cycle_id", sa.Uuid(), nullable=False),
        sa.Column("wave", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("closes_on", sa.Date(), nullable=False),
        sa.Column("catalogue_version", sa.String(length=20), nullable=False),
        sa.Column("invited", sa.Integer(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_by", sa.Uuid(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("campaign_id"),
        info={"tenant": ("school_id",)},
    )
    op.create_index("campaigns_by_cycle", "campaigns", ["cycle_id", "wave"], unique=True)
    op.create_index("campaigns_by_school", "campaigns", ["school_id", "campaign_id"], unique=False)
    op.create_table(
        "consents",
        sa.Column("school_id", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.String(length=40), nullable=False),
        sa.Column("is_given", sa.Boolean(), nullable=False),
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
        sa.Column("stage", sa.String(length=20), nullable=False),
        sa.Column("stage_revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("cycle_id"),
        info={"tenant": ("school_id",)},
    )
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
        "members",
        sa.Column("school_id", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("roles", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("role_profiles", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("subjects", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("counts_in_staff", sa.Boolean(), nullable=False),
        sa.Column("left_on", sa.Date(), nullable=True),
        sa.Column("is_erased", sa.Boolean(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("school_id", "person_id"),
        info={"tenant": ("school_id",)},
    )
    op.create_table(
        "needs",
        sa.Column("school_id", sa.Text(), nullable=False),
        sa.Column("cycle_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("competency", sa.String(length=12), nullable=False),
        sa.Column("is_declared", sa.Boolean(), nullable=False),
        sa.Column("wish", sa.Integer(), nullable=False),
        sa.Column("priority1000", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("cycle_id", "person_id", "competency"),
        info={"tenant": ("school_id",)},
    )
    op.create_table(
        "offers",
        sa.Column("school_id", sa.Text(), nullable=False),
        sa.Column("cycle_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("competency", sa.String(length=12), nullable=False),
        sa.Column("is_declared", sa.Boolean(), nullable=False),
        sa.Column("formats", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("outside_school", sa.Boolean(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("cycle_id", "person_id", "competency"),
        info={"tenant": ("school_id",)},
    )
    op.create_table(
        "participants",
        sa.Column("school_id", sa.Text(), nullable=False),
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("cycle_id", sa.Uuid(), nullable=False),
        sa.Column("codes", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("targets", postgresql.ARRAY(sa.Integer()), nullable=False),
        sa.Column("scored_revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("campaign_id", "person_id"),
        info={"tenant": ("school_id",)},
    )
    op.create_index("participants_by_person", "participants", ["person_id", "campaign_id"], unique=False)
    op.create_table(
        "profiles",
        sa.Column("school_id", sa.Text(), nullable=False),
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("competency", sa.String(length=12), nullable=False),
        sa.Column("cycle_id", sa.Uuid(), nullable=False),
        sa.Column("wave", sa.Integer(), nullable=False),
        sa.Column("level", sa.Double(), nullable=False),
        sa.Column("error", sa.Double(), nullable=False),
        sa.Column("target", sa.Integer(), nullable=False),
        sa.Column("competency_class", sa.String(length=24), nullable=False),
        sa.Column("confidence", sa.String(length=8), nullable=False),
        sa.Column("sources", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("marks", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("campaign_id", "person_id", "competency"),
        info={"tenant": ("school_id",)},
    )
    op.create_index("profiles_by_person", "profiles", ["person_id", "cycle_id", "competency", "wave"], unique=False)
    op.create_table(
        "releases",
        sa.Column("school_id", sa.Text(), nullable=False),
        sa.Column("cycle_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("competency", sa.String(length=12), nullable=False),
        sa.Column("is_released", sa.Boolean(), nullable=False),
        sa.Column("is_announced", sa.Boolean(), nullable=False),
        sa.Column("competency_class", sa.String(length=24), nullable=True),
        sa.Column("level10", sa.Integer(), nullable=True),
        sa.Column("error10", sa.Integer(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("cycle_id", "person_id", "competency"),
        info={"tenant": ("school_id",)},
    )
    op.create_table(
        "schools",
        sa.Column("school_id", sa.Text(), nullable=False),
        sa.Column("next_close", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("school_id"),
    )
    op.create_index("schools_by_next_close", "schools", ["next_close"], unique=False)
    op.create_table(
        "sheets",
        sa.Column("school_id", sa.Text(), nullable=False),
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("source", sa.String(length=4), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("answers", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("lessons", sa.Integer(), nullable=False),
        sa.Column("is_final", sa.Boolean(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("campaign_id", "person_id", "source", "author_id"),
        info={"tenant": ("school_id",)},
    )
    op.create_index("sheets_by_author", "sheets", ["author_id", "campaign_id"], unique=False)
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
    protect("campaigns", "school_id")
    protect("consents", "school_id")
    protect("cycles", "school_id")
    protect("members", "school_id")
    protect("needs", "school_id")
    protect("offers", "school_id")
    protect("participants", "school_id")
    protect("profiles", "school_id")
    protect("releases", "school_id")
    protect("sheets", "school_id")
