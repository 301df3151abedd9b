"""Notifications."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from chassis.migrate import protect

revision: str = "0004"
down_revision: str | None = "0003"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Expand; a later revision contracts what nobody reads any more."""
    op.add_column("members", sa.Column("is_teacher", sa.Boolean(), server_default=sa.text("true"), nullable=False))
    op.create_table(
        "campaigns",
        sa.Column("school_id", sa.Text(), nullable=False),
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("wave", sa.SmallInteger(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closes_on", sa.Date(), nullable=True),
        sa.Column("is_closed", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("campaign_id"),
        info={"tenant": ("school_id",)},
    )
    op.create_index("campaigns_by_school", "campaigns", ["school_id", "is_closed"], unique=False)
    op.create_table(
        "completions",
        sa.Column("school_id", sa.Text(), nullable=False),
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("campaign_id", "person_id"),
        info={"tenant": ("school_id",)},
    )
    op.create_index("completions_by_person", "completions", ["person_id"], unique=False)
    op.create_table(
        "notifications",
        sa.Column("school_id", sa.Text(), nullable=False),
        sa.Column("notification_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("about_id", sa.Uuid(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("notification_id"),
        sa.UniqueConstraint("school_id", "person_id", "kind", "about_id", name="notifications_once"),
        info={"tenant": ("school_id",)},
    )
    columns = ["person_id", "due_at", "notification_id"]
    op.create_index("notifications_by_person", "notifications", columns, unique=False)
    op.create_index("notifications_by_thing", "notifications", ["about_id"], unique=False)
    op.create_table(
        "notification_settings",
        sa.Column("school_id", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("quiet_starts", sa.SmallInteger(), nullable=False),
        sa.Column("quiet_ends", sa.SmallInteger(), nullable=False),
        sa.Column("muted", sa.ARRAY(sa.String(length=40)), nullable=False),
        sa.PrimaryKeyConstraint("school_id", "person_id"),
        info={"tenant": ("school_id",)},
    )
    for table in ("campaigns", "completions", "notifications", "notification_settings"):
        protect(table, "school_id")
