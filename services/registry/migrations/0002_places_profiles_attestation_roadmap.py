"""Places profiles attestation roadmap."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from chassis.migrate import protect

revision: str = "0002"
down_revision: str | None = "0001"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


# The owner is bound by row security as well: it sees the rows of the places that it names.
_SEE_ALL = """
    select set_config('app.schools', coalesce(string_agg(distinct place_id, ','), ''), true) from place_versions
"""
_SEE_NOTHING = "select set_config('app.schools', '', true)"
_PROFILES_SO_FAR = """
    insert into role_profile_versions
        (school_id, person_id, revision, profiles, valid_from, source, recorded_at, taken_at)
    select school_id, person_id, 1, role_profiles, joined_on, 'FILE', now(), now()
    from memberships where role_profiles <> '{}'
"""
# An old category whose term is five years to the day may have got it from us: it is to be looked at once.
_CATEGORIES_SO_FAR = """
    insert into attestation_records
        (school_id, record_id, person_id, kind, decided_on, valid_until, order_no, source, is_term_guessed, revision,
         recorded_at)
    select school_id, gen_random_uuid(), person_id, category ->> 'level', (category ->> 'decided_on')::date,
           (category ->> 'valid_until')::date, category ->> 'order_no', 'FILE',
           coalesce((category ->> 'valid_until')::date
                    = ((category ->> 'decided_on')::date + interval '5 years')::date, false),
           revision, now()
    from memberships, lateral (select nullif(staff -> 'category', 'null'::jsonb) as category) as told
    where category ->> 'decided_on' is not null
"""
_FITNESS_SO_FAR = """
    insert into attestation_records
        (school_id, record_id, person_id, kind, decided_on, valid_until, source, is_term_guessed, revision, recorded_at)
    select school_id, gen_random_uuid(), person_id, 'SZD', (staff ->> 'szd_on')::date,
           ((staff ->> 'szd_on')::date + interval '5 years')::date, 'FILE', false, revision, now()
    from memberships where staff ->> 'szd_on' is not null
"""


def upgrade() -> None:
    """Expand; a later revision contracts what nobody reads any more."""
    op.create_table(
        "attestation_exemptions",
        sa.Column("school_id", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("school_id", "person_id", "valid_from"),
        info={"tenant": ("school_id",)},
    )
    op.create_table(
        "attestation_records",
        sa.Column("school_id", sa.Text(), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("position", sa.Text(), nullable=True),
        sa.Column("decided_on", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("order_no", sa.Text(), nullable=True),
        sa.Column("source", sa.String(length=10), nullable=False),
        sa.Column("is_term_guessed", sa.Boolean(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_by", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("record_id"),
        info={"tenant": ("school_id",)},
    )
    op.create_index("attestation_records_by_person", "attestation_records", ["school_id", "person_id"], unique=False)
    op.create_index(
        "attestation_records_once",
        "attestation_records",
        ["school_id", "person_id", "kind", "decided_on"],
        unique=True,
        postgresql_where=sa.text("withdrawn_at is null"),
    )
    op.create_table(
        "cycle_moves",
        sa.Column("school_id", sa.Text(), nullable=False),
        sa.Column("cycle_id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("previous", sa.String(length=20), nullable=False),
        sa.Column("stage", sa.String(length=20), nullable=False),
        sa.Column("moved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("fact", sa.String(length=40), nullable=True),
        sa.Column("moved_by", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.String(length=30), nullable=True),
        sa.PrimaryKeyConstraint("cycle_id", "revision"),
        info={"tenant": ("school_id",)},
    )
    op.create_table(
        "place_successions",
        sa.Column("place_id", sa.Text(), nullable=False),
        sa.Column("successor_id", sa.Text(), nullable=False),
        sa.Column("from_day", sa.Date(), nullable=False),
        sa.Column("closes", sa.Boolean(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("carried_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("place_id", "successor_id"),
    )
    op.create_index("place_successions_by_successor", "place_successions", ["successor_id"], unique=False)
    op.create_index(
        "place_successions_waiting",
        "place_successions",
        ["from_day"],
        unique=False,
        postgresql_where=sa.text("closes and carried_at is null"),
    )
    op.create_table(
        "roadmap_plans",
        sa.Column("school_id", sa.Text(), nullable=False),
        sa.Column("cycle_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("owner_ids", sa.ARRAY(sa.Uuid()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("cycle_id", "number"),
        info={"tenant": ("school_id",)},
    )
    op.create_table(
        "role_profile_versions",
        sa.Column("school_id", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("profiles", sa.ARRAY(sa.Text()), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("source", sa.String(length=10), nullable=False),
        sa.Column("assigned_by", sa.Uuid(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("school_id", "person_id", "revision"),
        info={"tenant": ("school_id",)},
    )
    op.create_index(
        "role_profile_versions_waiting",
        "role_profile_versions",
        ["school_id", "valid_from"],
        unique=False,
        postgresql_where=sa.text("taken_at is null"),
    )
    op.add_column("cycle_facts", sa.Column("first_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("cycle_facts", sa.Column("last_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("memberships", sa.Column("counted_to", sa.Date(), nullable=True))
    op.add_column(
        "memberships",
        sa.Column("for_cycle_only", sa.Boolean(), server_default=sa.text("false"), nullable=False),
    )
    protect("attestation_exemptions", "school_id")
    protect("attestation_records", "school_id")
    protect("cycle_moves", "school_id")
    protect("roadmap_plans", "school_id")
    protect("role_profile_versions", "school_id")
    for statement in (_SEE_ALL, _PROFILES_SO_FAR, _CATEGORIES_SO_FAR, _FITNESS_SO_FAR, _SEE_NOTHING):
        op.execute(statement)
