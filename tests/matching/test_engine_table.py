"""Numbers in columns: the quick ways come to what the slow ones do."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from services.matching.engine.table import numbered, places_in_order, whole

FAR = 10**9
columns = st.lists(st.integers(0, 50), max_size=40).map(whole)


@given(columns)
def test_marks_number_keys_as_sorting_does(keys: np.ndarray[tuple[int], np.dtype[np.int64]]) -> None:
    marked, sorted_out = numbered(keys, 51), numbered(keys, FAR)

    assert [column.tolist() for column in marked] == [column.tolist() for column in sorted_out]
    assert marked[0][marked[1]].tolist() == keys.tolist()


@given(columns)
def test_places_come_in_the_order_of_small_and_of_huge_numbers(
    values: np.ndarray[tuple[int], np.dtype[np.int64]],
) -> None:
    expected = sorted(range(len(values)), key=lambda place: (values[place], place))

    assert places_in_order(values).tolist() == expected
    assert places_in_order(values + 2**61).tolist() == expected
