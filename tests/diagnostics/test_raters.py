"""Raters and observers: the right number, an even load, nobody oneself, the same for the same seed."""

from collections import Counter
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.refusals import Invalid
from services.diagnostics.domain import Colleague, assign_observers, assign_raters

SUBJECTS = ("CHE", "BIO", "RUS", "MAT", "PRI")


def a_school(*sizes: int) -> list[Colleague]:
    """So many teachers of each subject."""
    subjects = [subject for subject, size in zip(SUBJECTS, sizes, strict=False) for _ in range(size)]
    return [Colleague(UUID(int=number), (subject,)) for number, subject in enumerate(subjects, start=1)]


taught = st.lists(st.sampled_from(SUBJECTS), max_size=2, unique=True).map(tuple)
schools = st.lists(taught, max_size=25).map(
    lambda staff: [Colleague(UUID(int=number), subjects) for number, subjects in enumerate(staff, start=1)]
)
seeds = st.integers(min_value=0, max_value=2**32)


@given(schools, seeds, st.integers(min_value=1, max_value=5))
def test_everyone_is_rated_by_the_right_number_and_rates_as_many(
    people: list[Colleague], seed: int, per_person: int
) -> None:
    raters = assign_raters(people, seed, per_person=per_person)

    expected = max(0, min(per_person, len(people) - 1))
    load = Counter(rater for chosen in raters.values() for rater in chosen)
    assert set(raters) == {person.person_id for person in people}
    assert all(len(set(chosen)) == len(chosen) == expected for chosen in raters.values())
    assert all(person_id not in chosen for person_id, chosen in raters.items())
    assert all(load[person.person_id] == expected for person in people)


@given(schools, seeds)
def test_the_order_of_the_people_does_not_matter(people: list[Colleague], seed: int) -> None:
    shuffled = sorted(people, key=lambda person: person.person_id.int * 7919 % 31)
    observers = [person.person_id for person in people[:4]] or [UUID(int=99)]

    assert list(assign_raters(shuffled, seed).items()) == list(assign_raters(people, seed).items())
    assert assign_observers(shuffled, observers[::-1], seed) == assign_observers(people, observers, seed)


@given(st.lists(st.integers(min_value=4, max_value=9), min_size=1, max_size=5), seeds)
def test_groups_of_four_and_more_are_rated_by_their_own_subject_alone(sizes: list[int], seed: int) -> None:
    people = a_school(*sizes)
    subject = {person.person_id: person.subjects for person in people}

    raters = assign_raters(people, seed)

    assert all(subject[rater] == subject[each] for each, chosen in raters.items() for rater in chosen)


@given(st.integers(min_value=2, max_value=5), st.integers(min_value=1, max_value=3), seeds)
def test_two_of_a_subject_rate_each_other_before_strangers(pairs: int, per_person: int, seed: int) -> None:
    people = a_school(*[2] * pairs)
    subject = {person.person_id: person.subjects for person in people}

    raters = assign_raters(people, seed, per_person=per_person)

    assert all(any(subject[rater] == subject[each] for rater in chosen) for each, chosen in raters.items())


def test_a_second_subject_counts_as_shared_too() -> None:
    chemist, biologist = UUID(int=1), UUID(int=2)
    others = [Colleague(UUID(int=number), (SUBJECTS[number % 3 + 2],)) for number in range(3, 9)]
    people = [Colleague(chemist, ("CHE", "BIO")), Colleague(biologist, ("BIO",)), *others]

    raters = assign_raters(people, 7)

    assert biologist in raters[chemist]
    assert chemist in raters[biologist]


def test_another_seed_draws_other_raters() -> None:
    people = a_school(12)

    assert assign_raters(people, 1) != assign_raters(people, 2)


def test_a_person_listed_twice_is_refused() -> None:
    with pytest.raises(Invalid) as refused:
        assign_raters([*a_school(3), *a_school(1)], 1)

    assert refused.value.slug == "raters.person-twice"


def test_no_raters_at_all_is_refused() -> None:
    with pytest.raises(Invalid) as refused:
        assign_raters(a_school(3), 1, per_person=0)

    assert refused.value.slug == "raters.too-few"


@given(schools, st.sets(st.integers(min_value=1, max_value=30), min_size=1, max_size=8), seeds)
def test_observers_share_the_people_evenly_and_never_watch_themselves(
    people: list[Colleague], watching: set[int], seed: int
) -> None:
    observers = [UUID(int=number) for number in watching]

    pairs = assign_observers(people, observers, seed)

    load = Counter(pairs.values())
    unseen = {person.person_id for person in people} - set(pairs)
    assert all(person_id != observer for person_id, observer in pairs.items())
    assert unseen <= (set(observers) if len(observers) == 1 else set())
    assert max(load[each] for each in observers) - min(load[each] for each in observers) <= 1


def test_the_only_observer_of_a_school_is_not_observed() -> None:
    people = a_school(5)

    pairs = assign_observers(people, [people[0].person_id], 1)

    assert set(pairs) == {person.person_id for person in people[1:]}


def test_a_school_without_observers_is_refused() -> None:
    with pytest.raises(Invalid) as refused:
        assign_observers(a_school(3), [], 1)

    assert refused.value.slug == "observers.nobody"
