"""Appeals and change: comments, appeals, the then-test, and orders of psychometrics."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from chassis.migrate import protect

revision: str = "0003"
down_revision: str | None = "0002"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

# The planner's statistics quote the values of a column; a text that was erased must not live on in them.
_SPOKEN = ("appeals", "comments")


def upgrade() -> None:
    """Expand; a later revision contracts what nobody reads any more."""
    op.create_table(
        "appeals",
        sa.Column("school_id", sa.Text(), nullable=False),
        sa.Column("appeal_id", sa.Uuid(), nullable=False),
        sa.Column("cycle_id", sa.Uuid(), nullable=False),
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("competency", sa.String(length=12), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("is_text_shown", sa.Boolean(), nullable=False),
        sa.Column("wanted_source", sa.String(length=4), nullable=True),
        sa.Column("filed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("appeal_id"),
        info={"tenant": ("school_id",)},
    )
    op.create_index("appeals_by_owner", "appeals", ["person_id", "cycle_id", "competency"], unique=False)
    op.create_index("appeals_by_school", "appeals", ["school_id", "cycle_id", "appeal_id"], unique=False)
    op.create_table(
        "comments",
        sa.Column("school_id", sa.Text(), nullable=False),
        sa.Column("cycle_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("competency", sa.String(length=12), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("cycle_id", "person_id", "competency"),
        info={"tenant": ("school_id",)},
    )
    op.create_table(
        "then_tests",
        sa.Column("school_id", sa.Text(), nullable=False),
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("answers", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("campaign_id", "person_id"),
        info={"tenant": ("school_id",)},
    )
    op.create_table(
        "psychometric_orders",
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("catalogue_version", sa.String(length=20), nullable=False),
        sa.Column("schools", sa.Integer(), nullable=False),
        sa.Column("schools_done", sa.Integer(), nullable=False),
        sa.Column("parts", sa.Integer(), nullable=False),
        sa.Column("parts_done", sa.Integer(), nullable=False),
        sa.Column("figures", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("reason", sa.String(length=60), nullable=True),
        sa.Column("ordered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("worker", sa.Uuid(), nullable=True),
        sa.Column("beat_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("claims", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("order_id"),
    )
    for table in _SPOKEN:
        op.execute(f"alter table {table} alter column text set statistics 0")
    protect("appeals", "school_id")
    protect("comments", "school_id")
    protect("then_tests", "school_id")
