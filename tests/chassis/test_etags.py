"""Whoever says which state they saw is told when it has moved on."""

import pytest

from chassis.etags import check_seen, tag_of
from chassis.refusals import MovedOn


def test_tag_is_the_revision_and_a_digest_of_what_has_none() -> None:
    assert tag_of(7) == '"7"'
    assert tag_of(7, "a") == tag_of(7, "a")
    assert len({tag_of(7), tag_of(8), tag_of(7, "a"), tag_of(7, "b"), tag_of(7, "a", "b")}) == 5


@pytest.mark.parametrize("seen", [None, "*", '"7"', ' "7" ', '"6", "7"'])
def test_who_saw_this_state_or_did_not_say_goes_on(seen: str | None) -> None:
    check_seen(seen, '"7"')


@pytest.mark.parametrize("seen", ['"6"', "7", "", 'W/"7"'])
def test_who_saw_another_state_is_told_what_holds_now(seen: str) -> None:
    with pytest.raises(MovedOn) as refused:
        check_seen(seen, '"7"', state="OPEN")

    assert refused.value.facts == {"etag": '"7"', "state": "OPEN"}


@pytest.mark.parametrize("seen", ['"7"', "*"])
def test_what_is_not_there_was_seen_by_nobody(seen: str) -> None:
    with pytest.raises(MovedOn) as refused:
        check_seen(seen, None)

    assert refused.value.facts == {"etag": None}
    check_seen(None, None)


def test_empty_place_answers_to_its_own_tag_and_not_to_the_star() -> None:
    check_seen('"0"', '"0"', is_there=False)
    with pytest.raises(MovedOn) as refused:
        check_seen("*", '"0"', is_there=False)

    assert refused.value.facts == {"etag": '"0"'}
