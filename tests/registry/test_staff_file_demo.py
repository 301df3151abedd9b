"""The shipped staff files, and schools that are made to order."""

import re
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deploy.demo import staff_files
from deploy.demo.staff_files import HEADER, Staff, generate, ship, with_full_names, write_csv, write_xlsx
from services.registry.staff_file import RoleProfile, StaffFile, StaffMember, read
from tests.registry.staff_exports import as_csv

SHIPPED = Path(staff_files.__file__).parent / "staff"


def shipped(name: str) -> StaffFile:
    return read((SHIPPED / name).read_bytes(), name)


def holds_category(member: StaffMember, day: date) -> bool:
    category = member.category
    if not member.counts_in_staff or category is None or category.decided_on is None:
        return False
    return category.decided_on <= day and (category.valid_until is None or day <= category.valid_until)


@pytest.mark.parametrize(
    ("name", "encoding", "counted", "rows"),
    [("spb-693.csv", "cp1251", 77, 85), ("spb-112.csv", "utf-8", 48, 53), ("spb-540.xlsx", None, 52, 57)],
)
def test_shipped_file_is_read_without_errors(name: str, encoding: str | None, counted: int, rows: int) -> None:
    file = shipped(name)

    assert (file.errors, file.encoding, file.rows_read) == ((), encoding, rows)
    assert sum(member.counts_in_staff for member in file.people) == counted
    assert sorted(len(member.positions) for member in file.people)[-2:] == [1, 2]
    assert [problem.slug for problem in file.warnings] == ["staff-file.namesakes"]


@pytest.mark.parametrize("day", [date(2025, 9, 20), date(2026, 9, 20)])
def test_school_693_has_43_of_77_with_a_category(day: date) -> None:
    assert sum(holds_category(member, day) for member in shipped("spb-693.csv").people) == 43


def test_school_693_has_all_kinds_of_people() -> None:
    profiles = {member.role_profile for member in shipped("spb-693.csv").people}

    assert profiles >= {
        None,
        RoleProfile.YOUNG_TEACHER,
        RoleProfile.SUBJECT_TEACHER,
        RoleProfile.PRIMARY_TEACHER,
        RoleProfile.SUPPORT_SPECIALIST,
        RoleProfile.EXTRA_EDUCATION,
        RoleProfile.DEPUTY_HEAD,
    }


def test_shipped_files_are_made_anew_byte_for_byte(tmp_path: Path) -> None:
    ship(tmp_path)

    made = {file.name: file.read_bytes() for file in tmp_path.iterdir()}

    assert made == {file.name: file.read_bytes() for file in SHIPPED.iterdir()}


def test_shipped_files_hold_nothing_that_is_not_needed() -> None:
    for name in ("spb-693.csv", "spb-112.csv"):
        text = (SHIPPED / name).read_bytes().decode("cp1251" if "693" in name else "utf-8")

        assert not re.search(r"\d{3}-\d{3}-\d{3}|\+7|СНИЛС|рождения", text)
        assert set(re.findall(r"@\w+\.([\w.]+)", text)) == {"example.org"}


def test_names_agree_in_gender() -> None:
    for row in generate(60, 5)[1:]:
        family, patronymic = row[1], row[3]
        is_woman = patronymic.endswith("на")

        assert family.endswith(("а", "ая", "ко", "ук", "их")) or not is_woman
        assert is_woman or not family.endswith(("ова", "ева", "ина", "ая"))


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    teachers=st.integers(0, 40),
    seed=st.integers(0, 10**6),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "cp1251"]),
    separator=st.sampled_from([";", ",", "\t"]),
    is_full_name=st.booleans(),
)
def test_generated_school_is_read_back_whole(
    teachers: int, seed: int, encoding: str, separator: str, is_full_name: bool
) -> None:
    rows = generate(teachers, seed, Staff(external=1, others=1))
    told = with_full_names(rows) if is_full_name else rows

    file = read(as_csv([["Список", ""], *told], encoding, separator), "staff.csv")

    assert file.errors == ()
    assert sum(member.counts_in_staff for member in file.people) == teachers
    assert {names(member) for member in file.people} == {tuple(row[:4]) for row in rows[1:]}
    assert generate(teachers, seed, Staff(external=1, others=1)) == rows


def test_written_csv_and_xlsx_tell_the_same(tmp_path: Path) -> None:
    rows = generate(30, 8)
    write_csv(tmp_path / "a.csv", rows)
    write_xlsx(tmp_path / "a.xlsx", rows)

    people = [read(file.read_bytes(), file.name).people for file in sorted(tmp_path.iterdir())]

    assert people[0] == people[1]
    assert len(HEADER) == 18


def names(member: StaffMember) -> tuple[str, ...]:
    return (member.staff_number or "", member.family_name, member.given_name, member.patronymic or "")
