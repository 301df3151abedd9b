"""What a staff file would change, line by line, in the order of the file; those who would leave come last."""

from collections.abc import Iterable, Iterator, Mapping
from hashlib import sha256
from itertools import islice
from typing import Any, TypeVar
from uuid import UUID

from services.registry.actions.staff_facts import told
from services.registry.domain.imports import Kind
from services.registry.staff_file import Decided, StaffChange, StaffChanges, StaffMember
from services.registry.store.imports import Line

One = TypeVar("One")
Drawn = tuple[StaffMember, Kind, tuple[UUID, ...], tuple[str, ...], str | None]


def lines_of(changes: StaffChanges) -> Iterator[Line]:
    """A line per person of the file and of those who would leave; one at a time, for each holds all that is told."""
    drawn = sorted(_drawn(changes), key=lambda one: one[0].rows)
    for number, (member, kind, person_ids, fields, reason) in enumerate(drawn, 1):
        yield Line(number, kind, person_ids, fields, reason, told(member))
    for number, known in enumerate(changes.left, len(drawn) + 1):
        yield Line(number, Kind.LEFT, (known.person_id,))


def digest_of(changes: StaffChanges) -> str:
    """A digest of who would be what: equal digests change the same people in the same way."""
    digest = sha256()
    for member, kind, person_ids, fields, _ in sorted(_drawn(changes), key=lambda one: one[0].rows):
        digest.update(repr((member.rows, kind.value, person_ids, fields)).encode())
    for known in changes.left:
        digest.update(known.person_id.bytes)
    return digest.hexdigest()


def in_batches(many: Iterable[One], size: int) -> Iterator[list[One]]:
    """Some at a time."""
    source = iter(many)
    while batch := list(islice(source, size)):
        yield batch


def written(decided: Decided) -> dict[str, Any]:
    """Decisions of a curator as JSON."""
    return {str(row): str(person_id) if person_id else None for row, person_id in sorted(decided.items())}


def decided_in(kept: Mapping[str, Any]) -> Decided:
    """Decisions of a curator that `written` wrote down."""
    return {int(row): UUID(person_id) if person_id else None for row, person_id in kept.items()}


def _drawn(changes: StaffChanges) -> Iterator[Drawn]:
    for member in changes.new:
        yield member, Kind.NEW, (), (), None
    for one in changes.changed:
        yield _known(one, Kind.CHANGED)
    for one in changes.unchanged:
        yield _known(one, Kind.UNCHANGED)
    for conflict in changes.conflicts:
        yield conflict.member, Kind.CONFLICT, conflict.person_ids, (), conflict.slug


def _known(one: StaffChange, kind: Kind) -> Drawn:
    return one.member, kind, (one.person_id,), one.fields, one.matched_by.value
