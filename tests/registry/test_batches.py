"""Many rows in one statement: each comes back as it was given, whatever stands in it."""

from dataclasses import replace
from datetime import date
from uuid import UUID

from services.registry.domain.people import Membership, Names
from services.registry.store import people
from services.registry.store.batches import array_of
from tests.registry.town import some_id
from tests.stand import Stand

HARD = ('a "b"', "c\\d", "{e,f}", "NULL", "", "ё · 🙂", "g\nh")


def a_membership(place: str, number: int) -> Membership:
    return Membership(
        place_id=place,
        person_id=UUID(int=number + 1),
        roles=("teacher",),
        joined_on=date(2020, 9, 1),
        absent_from=date(2026, 9, 1) if number % 2 else None,
        subjects=HARD if number % 3 else (),
        staff={
            "staff_number": HARD[number % len(HARD)],
            "positions": [{"title": HARD[0], "rate": 0.5}],
            "szd_on": None,
        },
        revision=number + 1,
    )


async def test_rows_of_a_batch_come_back_word_for_word(stand: Stand) -> None:
    registry, place = await stand.service("registry"), some_id("school")
    given = [a_membership(place, number) for number in range(20)]

    async with registry.db.transaction(place) as tx:
        await people.save_memberships(tx, given)
        found = await people.memberships_at(tx, place, [one.person_id for one in given])

    assert list(found.values()) == given


async def test_row_that_is_there_already_is_replaced_and_the_others_stay(stand: Stand) -> None:
    registry, place = await stand.service("registry"), some_id("school")
    stays, moves = a_membership(place, 1), a_membership(place, 2)
    moved = replace(moves, roles=("observer",), subjects=(), revision=9)

    async with registry.db.transaction(place) as tx:
        await people.save_memberships(tx, [stays, moves])
        await people.save_memberships(tx, [moved])
        found = await people.memberships_at(tx, place, [stays.person_id, moves.person_id])

    assert list(found.values()) == [stays, moved]


async def test_names_without_a_patronymic_are_kept_as_such(stand: Stand) -> None:
    registry, place = await stand.service("registry"), some_id("school")
    member = a_membership(place, 777)
    names = Names('О"Нил', "Анна", None)

    async with registry.db.transaction(place) as tx:
        await people.save_memberships(tx, [member])
        await people.save_names(tx, {member.person_id: names})
        found = await people.names_of(tx, member.person_id)

    assert found == names


def test_list_is_written_in_the_words_of_postgresql() -> None:
    assert array_of(['a"b', "c\\d", "", "NULL"]) == '{"a\\"b","c\\\\d","","NULL"}'
    assert array_of([]) == "{}"
