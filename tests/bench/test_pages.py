"""Which pages are timed: the entries of the navigation of each sign-in of the demo."""

from bench.pages import Timed, pages_of, table_of


def test_teacher_and_observer_of_one_school_read_their_own_entries() -> None:
    assert pages_of("spb-112.0001", "teacher-answering")[0] == "/schools/spb-112/my-day"
    assert pages_of("spb-112.0002", "observer")[0] == "/schools/spb-112/visits"


def test_officers_read_the_pages_of_their_district_and_of_the_city() -> None:
    assert pages_of("vyborgsky.coordinator", "coordinator")[0] == "/districts/vyborgsky/matrix"
    assert pages_of("city.operator", "operator") == ["/operations"]
    assert pages_of("city.analyst", "analyst")[0] == "/city"


def test_slowest_page_stands_first_in_the_table() -> None:
    quick = Timed("head", "/quick", 200, median_ms=1.0, p95_ms=2.0, to_bare=1.0)
    slow = Timed("head", "/slow", 200, median_ms=9.0, p95_ms=11.0, to_bare=9.0)

    assert [line.split()[0] for line in table_of([quick, slow]).splitlines()] == ["page", "/slow", "/quick"]
