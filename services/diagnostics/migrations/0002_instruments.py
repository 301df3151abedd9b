"""Instruments."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from chassis.migrate import protect

revision: str = "0002"
down_revision: str | None = "0001"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

# The planner's statistics quote the values of a column; a text that was erased must not live on in them.
_UNTOLD = ("title", "link")
_ALL_INSTRUMENTS = "'{SELF,COLLEAGUES,OBSERVATION,TEST,ARTEFACT}'"


def upgrade() -> None:
    """Expand; a later revision contracts what nobody reads any more."""
    _add_test_tables()
    _add_rubric_tables()
    op.add_column("campaigns", sa.Column("opens_on", sa.Date(), nullable=True))
    op.add_column(
        "campaigns", sa.Column("audience", sa.String(length=10), server_default=sa.text("'ALL'"), nullable=False)
    )
    op.add_column(
        "campaigns",
        sa.Column("role_profiles", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
    )
    op.add_column(
        "campaigns",
        sa.Column("instruments", postgresql.ARRAY(sa.Text()), server_default=sa.text(_ALL_INSTRUMENTS), nullable=False),
    )
    op.add_column("sheets", sa.Column("codes", postgresql.ARRAY(sa.Text()), nullable=True))
    for table in ("test_sittings", "test_answers", "observed_lessons", "artefacts", "artefact_ratings"):
        protect(table, "school_id")
    for column in _UNTOLD:
        op.execute(f"alter table artefacts alter column {column} set statistics 0")


def _add_test_tables() -> None:
    op.create_table(
        "test_sittings",
        sa.Column("school_id", sa.Text(), nullable=False),
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("competency", sa.String(length=12), nullable=False),
        sa.Column("form", sa.String(length=4), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tasks", sa.Integer(), nullable=True),
        sa.Column("right_count", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("campaign_id", "person_id", "competency"),
        info={"tenant": ("school_id",)},
    )
    op.create_table(
        "test_answers",
        sa.Column("school_id", sa.Text(), nullable=False),
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("competency", sa.String(length=12), nullable=False),
        sa.Column("item_id", sa.String(length=40), nullable=False),
        sa.Column("form", sa.String(length=4), nullable=False),
        sa.Column("chosen", postgresql.ARRAY(sa.Integer()), nullable=False),
        sa.Column("is_right", sa.Boolean(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("campaign_id", "person_id", "competency", "item_id"),
        info={"tenant": ("school_id",)},
    )


def _add_rubric_tables() -> None:
    op.create_table(
        "observed_lessons",
        sa.Column("school_id", sa.Text(), nullable=False),
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("lesson", sa.Integer(), nullable=False),
        sa.Column("marks", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("is_final", sa.Boolean(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("campaign_id", "person_id", "author_id", "lesson"),
        info={"tenant": ("school_id",)},
    )
    op.create_index("observed_lessons_by_author", "observed_lessons", ["author_id", "campaign_id"], unique=False)
    op.create_table(
        "artefacts",
        sa.Column("school_id", sa.Text(), nullable=False),
        sa.Column("artefact_id", sa.Uuid(), nullable=False),
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("link", sa.Text(), nullable=True),
        sa.Column("codes", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("handed_in_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("artefact_id"),
        info={"tenant": ("school_id",)},
    )
    op.create_index("artefacts_by_person", "artefacts", ["campaign_id", "person_id", "artefact_id"], unique=False)
    op.create_table(
        "artefact_ratings",
        sa.Column("school_id", sa.Text(), nullable=False),
        sa.Column("artefact_id", sa.Uuid(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("marks", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("artefact_id", "author_id"),
        info={"tenant": ("school_id",)},
    )
    op.create_index("artefact_ratings_by_person", "artefact_ratings", ["campaign_id", "person_id"], unique=False)
    op.create_index("artefact_ratings_by_author", "artefact_ratings", ["author_id", "campaign_id"], unique=False)
