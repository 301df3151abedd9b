"""What a staff file tells of a person, as JSON and back: kept with the membership, and with a file that waits."""

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from typing import Any

from services.registry.domain.people import Names
from services.registry.staff_file import Category, Employment, Position, StaffMember


def told(member: StaffMember) -> dict[str, Any]:
    """A person of a file with the names and the rows."""
    names = {
        "family_name": member.family_name,
        "given_name": member.given_name,
        "patronymic": member.patronymic,
        "rows": list(member.rows),
    }
    return {**names, **facts_of(member)}


def facts_of(member: StaffMember) -> dict[str, Any]:
    """A person of a file without the names: what the membership keeps of the last file."""
    return {
        "staff_number": member.staff_number,
        "positions": [_told_position(one) for one in member.positions],
        "hired_on": _written(member.hired_on),
        "teaching_years": member.teaching_years,
        "category": _told_category(member.category),
        "szd_on": _written(member.szd_on),
        "is_class_teacher": member.is_class_teacher,
        "email": member.email,
        "leave_from": _written(member.leave_from),
        "leave_to": _written(member.leave_to),
    }


def member_of(facts: Mapping[str, Any]) -> StaffMember:
    """The person of a file that `told` wrote down."""
    return member_called(Names(facts["family_name"], facts["given_name"], facts["patronymic"]), facts)


def member_called(names: Names, facts: Mapping[str, Any]) -> StaffMember:
    """A person with these names and what the last file told; nothing for somebody whom no file names."""
    return StaffMember(
        staff_number=facts.get("staff_number"),
        family_name=names.family_name,
        given_name=names.given_name,
        patronymic=names.patronymic,
        positions=tuple(_position(one) for one in facts.get("positions", ())),
        hired_on=day_of(facts.get("hired_on")),
        teaching_years=facts.get("teaching_years"),
        category=category_of(facts.get("category")),
        szd_on=day_of(facts.get("szd_on")),
        is_class_teacher=facts.get("is_class_teacher", False),
        email=facts.get("email"),
        leave_from=day_of(facts.get("leave_from")),
        leave_to=day_of(facts.get("leave_to")),
        rows=tuple(facts.get("rows", ())),
    )


def posts_of(facts: Mapping[str, Any]) -> tuple[str, ...]:
    """The titles of the posts that the last file told, each once; none for somebody whom no file names."""
    return tuple(dict.fromkeys(str(one["title"]) for one in facts.get("positions", ())))


def category_of(told_of: Any) -> Category | None:
    """The category that was written down."""
    if not told_of:
        return None
    return Category(
        level=told_of["level"],
        decided_on=day_of(told_of["decided_on"]),
        valid_until=day_of(told_of["valid_until"]),
        order_no=told_of["order_no"],
        is_term_guessed=told_of.get("is_term_guessed", False),
    )


def day_of(told_of: Any) -> date | None:
    """The day that was written down."""
    return _day(told_of) if told_of else None


def _told_position(position: Position) -> dict[str, Any]:
    return {
        "title": position.title,
        "subjects": list(position.subjects),
        "rate": position.rate,
        "employment": position.employment.value,
    }


def _told_category(category: Category | None) -> dict[str, Any] | None:
    if category is None:
        return None
    return {
        "level": category.level,
        "decided_on": _written(category.decided_on),
        "valid_until": _written(category.valid_until),
        "order_no": category.order_no,
        "is_term_guessed": category.is_term_guessed,
    }


def _position(told_of: Mapping[str, Any]) -> Position:
    return _one_position(told_of["title"], tuple(told_of["subjects"]), told_of["rate"], told_of["employment"])


# A school has a few dozen posts and many people in each: equal ones are kept once.
@lru_cache(maxsize=4096)
def _one_position(title: str, subjects: tuple[str, ...], rate: float | None, employment: str) -> Position:
    return Position(title, subjects, rate, Employment(employment))


@lru_cache(maxsize=16384)
def _day(written: str) -> date:
    return date.fromisoformat(written)


def _written(day: date | None) -> str | None:
    return day.isoformat() if day else None
