"""Erased members."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0002"
down_revision: str | None = "0001"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

# The planner's statistics quote the values of a column; a text that was erased must not live on in them.
_UNTOLD = ("reflections", "goals")


def upgrade() -> None:
    """Expand; a later revision contracts what nobody reads any more."""
    op.add_column("members", sa.Column("is_erased", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    for table in _UNTOLD:
        op.execute(f"alter table {table} alter column text set statistics 0")
