"""The staff file of a school: reads an export, says what is wrong with it by row and column, and compares
it with the people that the registry already knows. Pure: bytes in, values out; nothing is stored here and
no problem ever quotes a cell."""

from services.registry.staff_file.changes import (
    Decided,
    KnownPerson,
    MatchedBy,
    StaffChange,
    StaffChanges,
    StaffConflict,
    compare,
)
from services.registry.staff_file.columns import Column
from services.registry.staff_file.people import Category, Problem, StaffFile, StaffMember
from services.registry.staff_file.posts import Employment, Position, RoleProfile
from services.registry.staff_file.reader import read

__all__ = [
    "Category",
    "Column",
    "Decided",
    "Employment",
    "KnownPerson",
    "MatchedBy",
    "Position",
    "Problem",
    "RoleProfile",
    "StaffChange",
    "StaffChanges",
    "StaffConflict",
    "StaffFile",
    "StaffMember",
    "compare",
    "read",
]
