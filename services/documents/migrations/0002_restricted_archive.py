"""Restricted archive."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from chassis.migrate import protect

revision: str = "0002"
down_revision: str | None = "0001"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Expand; a later revision contracts what nobody reads any more.

    Pairs that were known before say nothing of their people; a replay of matching tells it.
    """
    op.create_table(
        "archived_scans",
        sa.Column("school_id", sa.Text(), nullable=False),
        sa.Column("paper_id", sa.Uuid(), nullable=False),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("media_type", sa.String(length=80), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["paper_id"], ["papers.paper_id"]),
        sa.PrimaryKeyConstraint("paper_id"),
        info={"tenant": ("school_id",)},
    )
    op.add_column("members", sa.Column("is_erased", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.add_column("pairings", sa.Column("giver_id", sa.Uuid(), nullable=True))
    op.add_column("pairings", sa.Column("taker_id", sa.Uuid(), nullable=True))
    op.add_column("papers", sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("papers", sa.Column("retain_until", sa.Date(), nullable=True))
    op.create_index("pairings_by_giver", "pairings", ["giver_id"], unique=False)
    op.create_index("pairings_by_taker", "pairings", ["taker_id"], unique=False)
    op.create_index(
        "papers_archived",
        "papers",
        ["school_id", "paper_id"],
        unique=False,
        postgresql_where=sa.text("archived_at is not null"),
    )
    protect("archived_scans", "school_id")
