"""Erasures and slips."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from chassis.migrate import protect

revision: str = "0003"
down_revision: str | None = "0002"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

# The planner's statistics quote the values of a column; a name that was erased must not live on in them.
_UNTOLD = {
    "people": ("family_name", "given_name", "patronymic"),
    "memberships": ("staff",),
    "staff_imports": ("rows",),
}


def show_to_bearer(table: str) -> None:
    """Admit the one row whose code the transaction knows: `app.slip` is its hash, written in hexadecimal digits."""
    borne = "code_hash = decode(nullif(current_setting('app.slip', true), ''), 'hex')"
    op.execute(f"create policy bearer_read on {table} for select using ({borne})")
    op.execute(f"create policy bearer_change on {table} for update using ({borne}) with check ({borne})")


def upgrade() -> None:
    """Expand; a later revision contracts what nobody reads any more."""
    op.create_table(
        "erasures",
        sa.Column("erasure_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("place_ids", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("basis", sa.String(length=20), nullable=False),
        sa.Column("request_number", sa.String(length=30), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("ordered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ordered_by", sa.Uuid(), nullable=True),
        sa.Column("account_gone_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("erasure_id"),
    )
    op.create_index("erasures_by_person", "erasures", ["person_id"], unique=True)
    op.create_table(
        "erasure_confirmations",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("service", sa.String(length=20), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("person_id", "service"),
    )
    op.create_table(
        "slips",
        sa.Column("school_id", sa.Text(), nullable=False),
        sa.Column("slip_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("code_hash", sa.LargeBinary(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("issued_by", sa.Uuid(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("claim_id", sa.Uuid(), nullable=True),
        sa.Column("claimed_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("slip_id"),
        sa.UniqueConstraint("code_hash"),
        info={"tenant": ("school_id",)},
    )
    op.create_index("slips_by_school", "slips", ["school_id", "slip_id"], unique=False)
    op.create_index("slips_by_person", "slips", ["person_id", "issued_at"], unique=False)
    op.create_table(
        "slip_attempts",
        sa.Column("counted_under", sa.String(length=64), nullable=False),
        sa.Column("wrong", sa.Integer(), nullable=False),
        sa.Column("forget_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("counted_under"),
    )
    op.create_index("slip_attempts_to_forget", "slip_attempts", ["forget_at"], unique=False)
    op.add_column("account_work", sa.Column("is_erased", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    protect("slips", "school_id")
    show_to_bearer("slips")
    for table, columns in _UNTOLD.items():
        for column in columns:
            op.execute(f"alter table {table} alter column {column} set statistics 0")
