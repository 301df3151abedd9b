"""Applying a staff file in the background: the queue, and how it ended."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0007"
down_revision: str | None = "0006"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Expand; the queue stands outside row security and holds nothing of a person."""
    op.create_table(
        "applying",
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.Column("school_id", sa.Text(), nullable=False),
        sa.Column("worker", sa.Uuid(), nullable=True),
        sa.Column("beat_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("claims", sa.Integer(), nullable=False),
        sa.Column("queued_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("step", sa.String(length=10), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("import_id"),
    )
    for column in (
        sa.Column("reason", sa.String(length=40), nullable=True),
        sa.Column("ordered_by", sa.Uuid(), nullable=True),
        sa.Column("ordered_client", sa.Text(), nullable=True),
        sa.Column("ordered_role", sa.Text(), nullable=True),
    ):
        op.add_column("staff_imports", column)
