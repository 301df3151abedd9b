"""Facts and published layer."""

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
    op.execute("create schema if not exists facts")
    op.execute("create schema if not exists published")
    op.execute("grant usage on schema facts, published to reporting_app")
    op.create_table(
        "attempts",
        sa.Column("consumer", sa.Text(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("consumer", "event_id"),
    )
    op.create_table(
        "assignment_steps",
        sa.Column("giver_school", sa.Text(), nullable=False),
        sa.Column("taker_school", sa.Text(), nullable=False),
        sa.Column("assignment_id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("cycle_id", sa.Uuid(), nullable=False),
        sa.Column("giver_id", sa.Uuid(), nullable=False),
        sa.Column("taker_id", sa.Uuid(), nullable=False),
        sa.Column("competency", sa.String(length=40), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("assignment_id", "revision", "state"),
        schema="facts",
        info={"tenant": ("giver_school", "taker_school")},
    )
    op.create_index(
        "assignment_steps_by_giver_school",
        "assignment_steps",
        ["giver_school", "cycle_id"],
        unique=False,
        schema="facts",
    )
    op.create_index(
        "assignment_steps_by_taker_school",
        "assignment_steps",
        ["taker_school", "cycle_id"],
        unique=False,
        schema="facts",
    )
    op.create_table(
        "campaigns",
        sa.Column("school_id", sa.Text(), nullable=False),
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("cycle_id", sa.Uuid(), nullable=False),
        sa.Column("wave", sa.SmallInteger(), nullable=False),
        sa.Column("invited", sa.Integer(), nullable=False),
        sa.Column("scored", sa.Integer(), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("school_id", "campaign_id", "revision"),
        schema="facts",
        info={"tenant": ("school_id",)},
    )
    op.create_index("campaigns_by_cycle", "campaigns", ["school_id", "cycle_id"], unique=False, schema="facts")
    op.create_table(
        "closed_gaps",
        sa.Column("school_id", sa.Text(), nullable=False),
        sa.Column("cycle_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("competency", sa.String(length=40), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("school_id", "cycle_id", "person_id", "competency"),
        schema="facts",
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
        sa.PrimaryKeyConstraint("school_id", "cycle_id"),
        schema="facts",
        info={"tenant": ("school_id",)},
    )
    op.create_table(
        "gain_tallies",
        sa.Column("school_id", sa.Text(), nullable=False),
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("domain", sa.String(length=8), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("cycle_id", sa.Uuid(), nullable=False),
        sa.Column("pairs", sa.Integer(), nullable=False),
        sa.Column("total", sa.Double(), nullable=False),
        sa.Column("total_squares", sa.Double(), nullable=False),
        sa.Column("reliable", sa.Integer(), nullable=False),
        sa.Column("missing", sa.Integer(), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("school_id", "campaign_id", "domain", "revision"),
        schema="facts",
        info={"tenant": ("school_id",)},
    )
    op.create_index("gain_tallies_by_cycle", "gain_tallies", ["school_id", "cycle_id"], unique=False, schema="facts")
    op.create_table(
        "meeting_steps",
        sa.Column("giver_school", sa.Text(), nullable=False),
        sa.Column("taker_school", sa.Text(), nullable=False),
        sa.Column("meeting_id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("assignment_id", sa.Uuid(), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("meeting_id", "revision", "state"),
        schema="facts",
        info={"tenant": ("giver_school", "taker_school")},
    )
    op.create_index("meeting_steps_by_assignment", "meeting_steps", ["assignment_id"], unique=False, schema="facts")
    op.create_table(
        "members",
        sa.Column("school_id", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("counts_in_staff", sa.Boolean(), nullable=False),
        sa.Column("roles", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("joined_on", sa.Date(), nullable=False),
        sa.Column("left_on", sa.Date(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("school_id", "person_id"),
        schema="facts",
        info={"tenant": ("school_id",)},
    )
    op.create_table(
        "places",
        sa.Column("place_id", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("parent", sa.Text(), nullable=True),
        sa.Column("zone", sa.String(length=64), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("place_id", "revision"),
        schema="facts",
    )
    op.create_index("places_by_parent", "places", ["parent", "place_id"], unique=False, schema="facts")
    op.create_table(
        "profile_tallies",
        sa.Column("school_id", sa.Text(), nullable=False),
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("domain", sa.String(length=8), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("cycle_id", sa.Uuid(), nullable=False),
        sa.Column("wave", sa.SmallInteger(), nullable=False),
        sa.Column("assessments", sa.Integer(), nullable=False),
        sa.Column("gaps", sa.Integer(), nullable=False),
        sa.Column("strengths", sa.Integer(), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("school_id", "campaign_id", "domain", "revision"),
        schema="facts",
        info={"tenant": ("school_id",)},
    )
    op.create_index(
        "profile_tallies_by_cycle", "profile_tallies", ["school_id", "cycle_id"], unique=False, schema="facts"
    )
    op.create_table(
        "reports",
        sa.Column("school_id", sa.Text(), nullable=False),
        sa.Column("report_id", sa.Uuid(), nullable=False),
        sa.Column("cycle_id", sa.Uuid(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("report_id"),
        sa.UniqueConstraint("school_id", "cycle_id", "as_of", name="reports_one_per_date"),
        schema="facts",
        info={"tenant": ("school_id",)},
    )
    op.create_index("reports_by_school", "reports", ["school_id", "report_id"], unique=False, schema="facts")
    op.create_table(
        "survey_tallies",
        sa.Column("school_id", sa.Text(), nullable=False),
        sa.Column("survey_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(length=40), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("cycle_id", sa.Uuid(), nullable=False),
        sa.Column("invited", sa.Integer(), nullable=False),
        sa.Column("answered", sa.Integer(), nullable=False),
        sa.Column("satisfied", sa.Integer(), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("school_id", "survey_id", "role", "revision"),
        schema="facts",
        info={"tenant": ("school_id",)},
    )
    op.create_index(
        "survey_tallies_by_cycle", "survey_tallies", ["school_id", "cycle_id"], unique=False, schema="facts"
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
        "publications",
        sa.Column("publication_id", sa.Uuid(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=True),
        sa.Column("definition_version", sa.String(length=20), nullable=False),
        sa.Column("schools", sa.Integer(), nullable=False),
        sa.Column("districts", sa.Integer(), nullable=False),
        sa.Column("trouble", sa.String(length=80), nullable=True),
        sa.Column("ordered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("publication_id"),
        sa.UniqueConstraint("as_of", "revision", name="publications_one_per_revision"),
        schema="published",
    )
    op.create_table(
        "report_versions",
        sa.Column("school_id", sa.Text(), nullable=False),
        sa.Column("report_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("computed_by", sa.Uuid(), nullable=False),
        sa.Column("computed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reviewed_by", sa.Uuid(), nullable=True),
        sa.Column("reviewed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("signed_by", sa.Uuid(), nullable=True),
        sa.Column("signed_role", sa.String(length=20), nullable=True),
        sa.Column("signed_sha256", sa.String(length=64), nullable=True),
        sa.Column("signature_kind", sa.String(length=8), nullable=True),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("returned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("return_reason", sa.Text(), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["report_id"],
            ["facts.reports.report_id"],
        ),
        sa.PrimaryKeyConstraint("report_id", "version"),
        schema="facts",
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
    op.create_table(
        "figures",
        sa.Column("publication_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("district", sa.Text(), nullable=True),
        sa.Column("indicator", sa.String(length=60), nullable=False),
        sa.Column("n_num", sa.Double(), nullable=True),
        sa.Column("n_den", sa.Double(), nullable=True),
        sa.Column("value", sa.Double(), nullable=True),
        sa.Column("ci_low", sa.Double(), nullable=True),
        sa.Column("ci_high", sa.Double(), nullable=True),
        sa.Column("is_hidden", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(length=20), nullable=True),
        sa.Column("bound", sa.Double(), nullable=True),
        sa.Column("definition_version", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(
            ["publication_id"],
            ["published.publications.publication_id"],
        ),
        sa.PrimaryKeyConstraint("publication_id", "position"),
        schema="published",
    )
    op.create_index(
        "figures_by_district", "figures", ["publication_id", "district", "position"], unique=False, schema="published"
    )
    op.create_table(
        "rows",
        sa.Column("publication_id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("made_of", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(
            ["publication_id"],
            ["published.publications.publication_id"],
        ),
        sa.PrimaryKeyConstraint("publication_id", "place"),
        schema="published",
    )
    op.create_table(
        "cells",
        sa.Column("publication_id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("counter", sa.String(length=60), nullable=False),
        sa.Column("shown", sa.Double(), nullable=True),
        sa.Column("reason", sa.String(length=20), nullable=True),
        sa.ForeignKeyConstraint(
            ["publication_id", "place"], ["published.rows.publication_id", "published.rows.place"], name="cells_of_row"
        ),
        sa.PrimaryKeyConstraint("publication_id", "place", "counter"),
        schema="published",
    )
    protect("facts.assignment_steps", "giver_school", "taker_school")
    protect("facts.campaigns", "school_id")
    protect("facts.closed_gaps", "school_id")
    protect("facts.cycles", "school_id")
    protect("facts.gain_tallies", "school_id")
    protect("facts.meeting_steps", "giver_school", "taker_school")
    protect("facts.members", "school_id")
    protect("facts.profile_tallies", "school_id")
    protect("facts.reports", "school_id")
    protect("facts.survey_tallies", "school_id")
    protect("facts.report_versions", "school_id")
    # The reader of districts and the city sees the published layer and nothing else.
    op.execute("grant usage on schema published to reporting_published")
    op.execute("grant select on all tables in schema published to reporting_published")
