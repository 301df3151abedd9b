"""The access log."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from chassis.migrate import protect

revision: str = "0005"
down_revision: str | None = "0004"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Expand; a later revision contracts what nobody reads any more.

    A look is not rewritten: the service may count it once more, and may take away who looked when that person is
    erased. It deletes a look for two reasons only, an erasure and old age.
    """
    op.create_table(
        "looks",
        sa.Column("school_id", sa.Text(), nullable=False),
        sa.Column("look_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("looker_id", sa.Uuid(), nullable=True),
        sa.Column("client", sa.Text(), nullable=True),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("how", sa.Text(), nullable=False),
        sa.Column("looked_on", sa.Date(), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("look_id"),
        info={"tenant": ("school_id",)},
    )
    op.create_index("looks_at_person", "looks", ["school_id", "person_id", "first_at", "look_id"], unique=False)
    op.create_index("looks_in_school", "looks", ["school_id", "first_at", "look_id"], unique=False)
    op.create_index("looks_by_looker", "looks", ["looker_id"], unique=False)
    op.create_table(
        "look_schools",
        sa.Column("school_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("school_id"),
    )
    protect("looks", "school_id")
    op.execute("revoke update on looks from tracking_app")
    op.execute("grant update (look_id, looker_id, times, last_at) on looks to tracking_app")
