"""Runs and pairings."""

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
        "availability",
        sa.Column("school_id", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("slots", sa.BigInteger(), nullable=False),
        sa.Column("give", sa.Integer(), nullable=False),
        sa.Column("take", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("school_id", "person_id"),
        info={"tenant": ("school_id",)},
    )
    op.create_table(
        "bans",
        sa.Column("school_id", sa.Text(), nullable=False),
        sa.Column("giver_id", sa.Uuid(), nullable=False),
        sa.Column("taker_id", sa.Uuid(), nullable=False),
        sa.Column("banned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("banned_by", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("school_id", "giver_id", "taker_id"),
        info={"tenant": ("school_id",)},
    )
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
        sa.Column("opened_revision", sa.Integer(), nullable=False),
        sa.Column("stage", sa.String(length=20), nullable=True),
        sa.Column("stage_revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("cycle_id"),
        info={"tenant": ("school_id",)},
    )
    op.create_table(
        "diagnosed",
        sa.Column("school_id", sa.Text(), nullable=False),
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("cycle_id", sa.Uuid(), nullable=False),
        sa.Column("wave", sa.Integer(), nullable=False),
        sa.Column("competencies", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("school_id", "campaign_id", "person_id"),
        info={"tenant": ("school_id",)},
    )
    op.create_index("diagnosed_by_cycle", "diagnosed", ["school_id", "cycle_id"], unique=False)
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
        "matches",
        sa.Column("school_id", sa.Text(), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("variant", sa.String(length=20), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("giver_id", sa.Uuid(), nullable=False),
        sa.Column("taker_id", sa.Uuid(), nullable=False),
        sa.Column("competency", sa.String(length=40), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("is_pinned", sa.Boolean(), nullable=False),
        sa.Column("first_slot", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("run_id", "variant", "place"),
        info={"tenant": ("school_id",)},
    )
    op.create_table(
        "members",
        sa.Column("school_id", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("is_teacher", sa.Boolean(), nullable=False),
        sa.Column("manager_id", sa.Uuid(), nullable=True),
        sa.Column("has_left", sa.Boolean(), nullable=False),
        sa.Column("is_erased", sa.Boolean(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("school_id", "person_id"),
        info={"tenant": ("school_id",)},
    )
    op.create_table(
        "misfits",
        sa.Column("school_id", sa.Text(), nullable=False),
        sa.Column("cycle_id", sa.Uuid(), nullable=False),
        sa.Column("giver_id", sa.Uuid(), nullable=False),
        sa.Column("taker_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("school_id", "cycle_id", "giver_id", "taker_id"),
        info={"tenant": ("school_id",)},
    )
    op.create_table(
        "needs",
        sa.Column("school_id", sa.Text(), nullable=False),
        sa.Column("cycle_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("competency", sa.String(length=40), nullable=False),
        sa.Column("is_declared", sa.Boolean(), nullable=False),
        sa.Column("priority1000", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("school_id", "cycle_id", "person_id", "competency"),
        info={"tenant": ("school_id",)},
    )
    op.create_table(
        "offers",
        sa.Column("school_id", sa.Text(), nullable=False),
        sa.Column("cycle_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("competency", sa.String(length=40), nullable=False),
        sa.Column("is_declared", sa.Boolean(), nullable=False),
        sa.Column("formats", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("is_outside_school", sa.Boolean(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("school_id", "cycle_id", "person_id", "competency"),
        info={"tenant": ("school_id",)},
    )
    op.create_table(
        "pairings",
        sa.Column("giver_school", sa.Text(), nullable=False),
        sa.Column("taker_school", sa.Text(), nullable=False),
        sa.Column("pairing_id", sa.Uuid(), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("cycle_id", sa.Uuid(), nullable=False),
        sa.Column("giver_id", sa.Uuid(), nullable=False),
        sa.Column("taker_id", sa.Uuid(), nullable=False),
        sa.Column("competency", sa.String(length=40), nullable=False),
        sa.Column("first_slot", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("term_from", sa.Date(), nullable=True),
        sa.Column("term_to", sa.Date(), nullable=True),
        sa.Column("is_completed", sa.Boolean(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("pairing_id"),
        info={"tenant": ("giver_school", "taker_school")},
    )
    op.create_index(
        "pairings_awaiting",
        "pairings",
        ["expires_at"],
        unique=False,
        postgresql_where=sa.text("state in ('PROPOSED', 'TAKER_AGREED')"),
    )
    op.create_index("pairings_by_giver", "pairings", ["giver_id", "pairing_id"], unique=False)
    op.create_index("pairings_by_giver_school", "pairings", ["giver_school", "pairing_id"], unique=False)
    op.create_index("pairings_by_run", "pairings", ["run_id"], unique=False)
    op.create_index("pairings_by_taker", "pairings", ["taker_id", "pairing_id"], unique=False)
    op.create_index("pairings_by_taker_school", "pairings", ["taker_school", "pairing_id"], unique=False)
    op.create_index(
        "pairings_need_served_once",
        "pairings",
        ["taker_school", "cycle_id", "taker_id", "competency"],
        unique=True,
        postgresql_where=sa.text("state in ('PROPOSED', 'TAKER_AGREED', 'ACCEPTED', 'FORMED')"),
    )
    op.create_table(
        "releases",
        sa.Column("school_id", sa.Text(), nullable=False),
        sa.Column("cycle_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("competency", sa.String(length=40), nullable=False),
        sa.Column("released_revision", sa.Integer(), nullable=False),
        sa.Column("withdrawn_revision", sa.Integer(), nullable=False),
        sa.Column("strength_revision", sa.Integer(), nullable=False),
        sa.Column("competency_class", sa.String(length=30), nullable=True),
        sa.Column("level10", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("school_id", "cycle_id", "person_id", "competency"),
        info={"tenant": ("school_id",)},
    )
    op.create_table(
        "runs",
        sa.Column("school_id", sa.Text(), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("cycle_id", sa.Uuid(), nullable=False),
        sa.Column("seed", sa.Integer(), nullable=False),
        sa.Column("based_on", sa.Uuid(), nullable=True),
        sa.Column("pins", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("step", sa.String(length=40), nullable=False),
        sa.Column("share", sa.Float(), nullable=False),
        sa.Column("instance", sa.Text(), nullable=False),
        sa.Column("input_hash", sa.String(length=64), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("supply", sa.Integer(), nullable=False),
        sa.Column("demand", sa.Integer(), nullable=False),
        sa.Column("dual_first", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("coverage_first", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("chosen", sa.String(length=20), nullable=True),
        sa.Column("reason", sa.String(length=60), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("run_id"),
        info={"tenant": ("school_id",)},
    )
    op.create_index("runs_by_school", "runs", ["school_id", "number"], unique=False)
    op.create_table("schools", sa.Column("school_id", sa.Text(), nullable=False), sa.PrimaryKeyConstraint("school_id"))
    op.create_table(
        "solving",
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("school_id", sa.Text(), nullable=False),
        sa.Column("worker", sa.Uuid(), nullable=True),
        sa.Column("beat_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("claims", sa.Integer(), nullable=False),
        sa.Column("queued_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.PrimaryKeyConstraint("run_id"),
    )
    op.create_table(
        "unmet",
        sa.Column("school_id", sa.Text(), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("variant", sa.String(length=20), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("competency", sa.String(length=40), nullable=False),
        sa.Column("rule", sa.String(length=30), nullable=False),
        sa.PrimaryKeyConstraint("run_id", "variant", "place"),
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
    protect("availability", "school_id")
    protect("bans", "school_id")
    protect("consents", "school_id")
    protect("cycles", "school_id")
    protect("diagnosed", "school_id")
    protect("matches", "school_id")
    protect("members", "school_id")
    protect("misfits", "school_id")
    protect("needs", "school_id")
    protect("offers", "school_id")
    protect("pairings", "giver_school", "taker_school")
    protect("releases", "school_id")
    protect("runs", "school_id")
    protect("unmet", "school_id")
