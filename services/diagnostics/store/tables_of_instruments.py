"""The tables of the instruments: tests, lessons observed by rubric, artefacts and their ratings."""

from sqlalchemy import Boolean, Column, DateTime, Index, Integer, String, Text, Uuid
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from chassis.database import tenant_table
from services.diagnostics.store.tables import metadata

# A person's sitting of a test; `tasks` and `right_count` are written at its end and never before.
test_sittings = tenant_table(
    "test_sittings",
    metadata,
    Column("campaign_id", Uuid, primary_key=True),
    Column("person_id", Uuid, primary_key=True),
    Column("competency", String(12), primary_key=True),
    Column("form", String(4), nullable=False),
    Column("begun_at", DateTime(timezone=True), nullable=False),
    Column("finished_at", DateTime(timezone=True)),
    Column("tasks", Integer),
    Column("right_count", Integer),
)

# `chosen` are positions of options from 0, as in the key of an item; an empty list is "I do not know".
test_answers = tenant_table(
    "test_answers",
    metadata,
    Column("campaign_id", Uuid, primary_key=True),
    Column("person_id", Uuid, primary_key=True),
    Column("competency", String(12), primary_key=True),
    Column("item_id", String(40), primary_key=True),
    Column("form", String(4), nullable=False),
    Column("chosen", ARRAY(Integer), nullable=False),
    Column("is_right", Boolean, nullable=False),
    Column("answered_at", DateTime(timezone=True), nullable=False),
)

# One lesson that an observer saw; `marks` hold by competency the codes of evidence, level by level.
observed_lessons = tenant_table(
    "observed_lessons",
    metadata,
    Column("campaign_id", Uuid, primary_key=True),
    Column("person_id", Uuid, primary_key=True),
    Column("author_id", Uuid, primary_key=True),
    Column("lesson", Integer, primary_key=True),
    Column("marks", JSONB, nullable=False),
    Column("is_final", Boolean, nullable=False),
    Column("changed_at", DateTime(timezone=True), nullable=False),
    Index("observed_lessons_by_author", "author_id", "campaign_id"),
)

# Free words of an observer about a lesson; `given_at` is empty as long as they are the observer's alone.
lesson_notes = tenant_table(
    "lesson_notes",
    metadata,
    Column("campaign_id", Uuid, primary_key=True),
    Column("person_id", Uuid, primary_key=True),
    Column("author_id", Uuid, primary_key=True),
    Column("lesson", Integer, primary_key=True),
    Column("text", Text, nullable=False),
    Column("given_at", DateTime(timezone=True)),
    Column("changed_at", DateTime(timezone=True), nullable=False),
    Index("lesson_notes_about_person", "person_id", "given_at"),
    Index("lesson_notes_by_author", "author_id", "campaign_id"),
)

# What a person hands in, in the person's own words: they go when the person is erased.
artefacts = tenant_table(
    "artefacts",
    metadata,
    Column("artefact_id", Uuid, primary_key=True),
    Column("campaign_id", Uuid, nullable=False),
    Column("person_id", Uuid, nullable=False),
    Column("title", Text, nullable=False),
    Column("link", Text),
    Column("codes", ARRAY(Text), nullable=False),
    Column("handed_in_at", DateTime(timezone=True), nullable=False),
    Index("artefacts_by_person", "campaign_id", "person_id", "artefact_id"),
)

artefact_ratings = tenant_table(
    "artefact_ratings",
    metadata,
    Column("artefact_id", Uuid, primary_key=True),
    Column("author_id", Uuid, primary_key=True),
    Column("campaign_id", Uuid, nullable=False),
    Column("person_id", Uuid, nullable=False),
    Column("marks", JSONB, nullable=False),
    Column("changed_at", DateTime(timezone=True), nullable=False),
    Index("artefact_ratings_by_person", "campaign_id", "person_id"),
    Index("artefact_ratings_by_author", "author_id", "campaign_id"),
)
