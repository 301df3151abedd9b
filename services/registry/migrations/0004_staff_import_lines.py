"""What a staff file would change, a line per person instead of all of it in one row."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from chassis.migrate import protect

revision: str = "0004"
down_revision: str | None = "0003"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Imports that were checked before must be checked again: what they would change stood in the column that goes."""
    op.create_table(
        "staff_import_lines",
        sa.Column("school_id", sa.Text(), nullable=False),
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("person_ids", sa.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("fields", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=True),
        sa.Column("told", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.PrimaryKeyConstraint("school_id", "import_id", "number"),
        info={"tenant": ("school_id",)},
    )
    protect("staff_import_lines", "school_id")
    # The planner's statistics quote the values of a column; a name that was erased must not live on in them.
    op.execute("alter table staff_import_lines alter column told set statistics 0")
    op.drop_index("staff_imports_waiting", table_name="staff_imports")
    op.drop_column("staff_imports", "rows")
    for column in (
        sa.Column("can_apply", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("digest", sa.String(length=64), server_default="", nullable=False),
        sa.Column("columns", sa.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("decided", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
    ):
        op.add_column("staff_imports", column)
        op.alter_column("staff_imports", column.name, server_default=None)
    op.create_index("staff_imports_by_school", "staff_imports", ["school_id", "checked_at"], unique=False)
