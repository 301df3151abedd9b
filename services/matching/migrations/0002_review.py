"""The curator's review: edits with their order, what changed a run, a point of the exchange, days for an answer."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from chassis.migrate import protect

revision: str = "0002"
down_revision: str | None = "0001"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Expand; a later revision contracts what nobody reads any more."""
    op.create_table(
        "edits",
        sa.Column("school_id", sa.Text(), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("edit_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("change", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_by", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("run_id", "edit_id"),
        info={"tenant": ("school_id",)},
    )
    op.create_table(
        "run_changes",
        sa.Column("school_id", sa.Text(), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("what", sa.String(length=20), nullable=False),
        sa.Column("edit_id", sa.Uuid(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("run_id", "version"),
        info={"tenant": ("school_id",)},
    )
    op.add_column("runs", sa.Column("between", postgresql.JSONB(astext_type=sa.Text()), nullable=True))
    op.add_column("runs", sa.Column("wanted_dual", sa.Integer(), nullable=True))
    op.add_column("runs", sa.Column("answer_days", sa.Integer(), nullable=False, server_default=sa.text("3")))
    op.add_column("pairings", sa.Column("answer_days", sa.Integer(), nullable=False, server_default=sa.text("3")))
    op.add_column("solving", sa.Column("is_next_best", sa.Boolean(), nullable=False, server_default=sa.text("false")))
    protect("edits", "school_id")
    protect("run_changes", "school_id")
