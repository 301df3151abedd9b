"""Names of places."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0002"
down_revision: str | None = "0001"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Expand; a later revision contracts what nobody reads any more.

    Places that were known before have no name until something of them changes; pages show their ids till then.
    """
    op.add_column("places", sa.Column("name", sa.Text(), nullable=True), schema="facts")
    op.add_column("figures", sa.Column("place_name", sa.Text(), nullable=True), schema="published")
    op.create_index(
        "figures_by_kind", "figures", ["publication_id", "kind", "position"], unique=False, schema="published"
    )
