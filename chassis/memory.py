"""What a process has loaded when it is ready stays until it ends: the garbage collector need not look through it."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

# A page leaves some five hundred objects behind. By Python's own numbers one page in a hundred waits a tenth of a
# second for a full collection; with these the usual one takes a few milliseconds, and a full one comes very seldom.
OBJECTS, YOUNG, FULL = 2_000, 25, 40


def settle() -> None:
    """Take everything that is there now out of the collector's sight; said once, when a process is ready.

    Otherwise a full collection walks through half a million objects of code, statements and templates, and whoever
    asks for a page in that moment waits for it. What comes later is looked through seldom.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(OBJECTS, YOUNG, FULL)


@contextmanager
def settled() -> Iterator[None]:
    """The same for a part of a process that ends before it: what is no longer needed can go afterwards."""
    usual = gc.get_threshold()
    settle()
    try:
        yield
    finally:
        gc.set_threshold(*usual)
        gc.unfreeze()
