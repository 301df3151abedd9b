"""The outbox without a foreign key."""

from collections.abc import Sequence

from alembic import op

revision: str = "0003"
down_revision: str | None = "0002"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """A fact and its place in the outbox are one statement, and the journal is never deleted from (ADR 0018)."""
    op.drop_constraint("outbox_event_id_fkey", "outbox", type_="foreignkey")
