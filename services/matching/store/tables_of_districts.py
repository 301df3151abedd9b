"""The tables of pairs across schools: the place tree, and pairs that wait for both curators."""

from sqlalchemy import Column, Date, DateTime, Index, Integer, String, Table, Text, Uuid, text

from chassis.database import tenant_table
from services.matching.store.tables import metadata

# The tree is nobody's own and public: outside row-level security, like the city's map.
places = Table(
    "places",
    metadata,
    Column("place_id", Text, primary_key=True),
    Column("revision", Integer, primary_key=True),
    Column("kind", String(20), nullable=False),
    Column("parent", Text),
    Column("valid_from", Date, nullable=False),
    Column("valid_to", Date),
    Index("places_by_parent", "parent"),
)

crossings = tenant_table(
    "crossings",
    metadata,
    Column("crossing_id", Uuid, primary_key=True),
    Column("run_id", Uuid, nullable=False),
    Column("giver_id", Uuid, nullable=False),
    Column("taker_id", Uuid, nullable=False),
    Column("competency", String(40), nullable=False),
    Column("first_slot", Integer),
    Column("giver_cycle_id", Uuid, nullable=False),
    Column("taker_cycle_id", Uuid, nullable=False),
    Column("state", String(20), nullable=False),
    Column("giver_agreed_by", Uuid),
    Column("taker_agreed_by", Uuid),
    Column("asked_at", DateTime(timezone=True), nullable=False),
    Column("settled_at", DateTime(timezone=True)),
    Index("crossings_by_giver_school", "giver_school", "crossing_id"),
    Index("crossings_by_taker_school", "taker_school", "crossing_id"),
    Index(
        "crossings_need_asked_once",
        "taker_school",
        "taker_cycle_id",
        "taker_id",
        "competency",
        unique=True,
        postgresql_where=text("state = 'ASKED'"),
    ),
    schools=("giver_school", "taker_school"),
)
