"""What the garbage collector is told once a part of a process is ready."""

import gc
import sys

from chassis.memory import OBJECTS, SWITCH_SECONDS, settled


def test_collector_looks_seldom_while_settled_and_as_before_afterwards() -> None:
    before = gc.get_threshold()

    with settled():
        within, frozen = gc.get_threshold(), gc.get_freeze_count()

    assert within[0] == OBJECTS
    assert frozen > 0
    assert (gc.get_threshold(), gc.get_freeze_count()) == (before, 0)


def test_threads_hand_over_sooner_while_settled_and_as_before_afterwards() -> None:
    before = sys.getswitchinterval()

    with settled():
        within = sys.getswitchinterval()

    assert abs(within - SWITCH_SECONDS) < SWITCH_SECONDS / 100 < before
    assert sys.getswitchinterval() == before
