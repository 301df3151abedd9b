"""The tables of the gateway. None belongs to a school: a session crosses schools, as its person does.

What a browser holds stands here as a hash only, and tokens are sealed with what the browser holds: whoever reads
this database can neither take a session over nor use a token.
"""

from sqlalchemy import Boolean, Column, DateTime, Index, Integer, LargeBinary, MetaData, String, Table, Text, Uuid

from chassis.outbox import house_tables

metadata = MetaData()
house_tables(metadata)

sessions = Table(
    "sessions",
    metadata,
    Column("session_id", LargeBinary, primary_key=True),
    Column("person_id", Uuid),
    Column("subject", Text, nullable=False),
    Column("sign_on_id", Text),
    Column("sealed", LargeBinary, nullable=False),
    Column("csrf", LargeBinary, nullable=False),
    Column("token_until", DateTime(timezone=True), nullable=False),
    Column("is_stale", Boolean, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("last_seen_at", DateTime(timezone=True), nullable=False),
    Column("ends_at", DateTime(timezone=True), nullable=False),
    Column("renewing_until", DateTime(timezone=True)),
    Column("revision", Integer, nullable=False),
    Column("rotated_from", LargeBinary),
    Index("sessions_by_person", "person_id"),
    Index("sessions_by_subject", "subject"),
    Index("sessions_by_sign_on", "sign_on_id"),
    Index("sessions_by_end", "ends_at"),
)

sign_ins = Table(
    "sign_ins",
    metadata,
    Column("state", LargeBinary, primary_key=True),
    Column("browser", LargeBinary, nullable=False),
    Column("nonce", String(100), nullable=False),
    Column("verifier", String(128), nullable=False),
    Column("return_to", Text, nullable=False),
    Column("until", DateTime(timezone=True), nullable=False),
    Index("sign_ins_by_end", "until"),
)

revocations = Table(
    "revocations",
    metadata,
    Column("about", LargeBinary, primary_key=True),
    Column("revoked_at", DateTime(timezone=True), nullable=False),
    Column("until", DateTime(timezone=True), nullable=False),
    Index("revocations_by_end", "until"),
)

rates = Table(
    "rates",
    metadata,
    Column("caller", LargeBinary, primary_key=True),
    Column("window_at", DateTime(timezone=True), primary_key=True),
    Column("spent", Integer, nullable=False),
    Index("rates_by_window", "window_at"),
)
