"""Pairs across schools, absences and subjects of people, fairness as an option of a run."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from chassis.migrate import protect

revision: str = "0003"
down_revision: str | None = "0002"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Expand; a later revision contracts what nobody reads any more."""
    op.create_table(
        "places",
        sa.Column("place_id", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("parent", sa.Text(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("place_id", "revision"),
    )
    op.create_index("places_by_parent", "places", ["parent"], unique=False)
    op.create_table(
        "crossings",
        sa.Column("giver_school", sa.Text(), nullable=False),
        sa.Column("taker_school", sa.Text(), nullable=False),
        sa.Column("crossing_id", sa.Uuid(), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("giver_id", sa.Uuid(), nullable=False),
        sa.Column("taker_id", sa.Uuid(), nullable=False),
        sa.Column("competency", sa.String(length=40), nullable=False),
        sa.Column("first_slot", sa.Integer(), nullable=True),
        sa.Column("giver_cycle_id", sa.Uuid(), nullable=False),
        sa.Column("taker_cycle_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("giver_agreed_by", sa.Uuid(), nullable=True),
        sa.Column("taker_agreed_by", sa.Uuid(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("crossing_id"),
        info={"tenant": ("giver_school", "taker_school")},
    )
    op.create_index("crossings_by_giver_school", "crossings", ["giver_school", "crossing_id"], unique=False)
    op.create_index("crossings_by_taker_school", "crossings", ["taker_school", "crossing_id"], unique=False)
    op.create_index(
        "crossings_need_asked_once",
        "crossings",
        ["taker_school", "taker_cycle_id", "taker_id", "competency"],
        unique=True,
        postgresql_where=sa.text("state = 'ASKED'"),
    )
    no_subjects = sa.text("'{}'")
    op.add_column(
        "members", sa.Column("subjects", postgresql.ARRAY(sa.Text()), nullable=False, server_default=no_subjects)
    )
    op.add_column("members", sa.Column("absent_from", sa.Date(), nullable=True))
    op.add_column("members", sa.Column("absent_to", sa.Date(), nullable=True))
    no_options = sa.text("'{}'")
    op.add_column(
        "runs",
        sa.Column("options", postgresql.JSONB(astext_type=sa.Text()), nullable=False, server_default=no_options),
    )
    protect("crossings", "giver_school", "taker_school")
