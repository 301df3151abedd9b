"""Published figures by indicator: a matrix reads some indicators of some places."""

from collections.abc import Sequence

from alembic import op

revision: str = "0004"
down_revision: str | None = "0003"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Expand."""
    op.create_index(
        "figures_by_indicator", "figures", ["publication_id", "indicator", "place"], unique=False, schema="published"
    )
