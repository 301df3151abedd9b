"""Notes of observers."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from chassis.migrate import protect

revision: str = "0006"
down_revision: str | None = "0005"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Expand; a later revision contracts what nobody reads any more."""
    op.create_table(
        "lesson_notes",
        sa.Column("school_id", sa.Text(), nullable=False),
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("lesson", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("campaign_id", "person_id", "author_id", "lesson"),
        info={"tenant": ("school_id",)},
    )
    op.create_index("lesson_notes_about_person", "lesson_notes", ["person_id", "given_at"], unique=False)
    op.create_index("lesson_notes_by_author", "lesson_notes", ["author_id", "campaign_id"], unique=False)
    # The planner's statistics quote the values of a column; a text that was erased must not live on in them.
    op.execute("alter table lesson_notes alter column text set statistics 0")
    protect("lesson_notes", "school_id")
