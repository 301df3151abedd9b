"""What a process has loaded when it is ready stays until it ends: the garbage collector need not look through it.

And from then on people wait for it, so that no thread beside the one that serves them keeps it waiting for long.
"""

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager

# A page leaves some five hundred objects behind. By Python's own numbers one page in a hundred waits a tenth of a
# second for a full collection; with these the usual one takes a few milliseconds, and a full one comes very seldom.
OBJECTS, YOUNG, FULL = 2_000, 8, 125
# A page goes on some fifty times; by Python's own 5 ms each time, another thread's work would double its time.
SWITCH_SECONDS = 0.001


def settle() -> None:
    """Take everything that is there now out of the collector's sight; said once, when a process is ready.

    Otherwise a full collection walks through half a million objects of code, statements and templates, and whoever
    asks for a page in that moment waits for it. What comes later is looked through seldom.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(OBJECTS, YOUNG, FULL)
    sys.setswitchinterval(SWITCH_SECONDS)


@contextmanager
def settled() -> Iterator[None]:
    """The same for a part of a process that ends before it: what is no longer needed can go afterwards."""
    usual, interval = gc.get_threshold(), sys.getswitchinterval()
    settle()
    try:
        yield
    finally:
        sys.setswitchinterval(interval)
        gc.set_threshold(*usual)
        gc.unfreeze()
