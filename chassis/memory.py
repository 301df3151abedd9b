"""What a process has loaded when it is ready stays until it ends: the garbage collector need not look through it."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


def settle() -> None:
    """Take everything that is there now out of the collector's sight; said once, when a process is ready.

    Otherwise a full collection walks through half a million objects of code, statements and templates, and whoever
    asks for a page in that moment waits for it.
    """
    gc.collect()
    gc.freeze()


@contextmanager
def settled() -> Iterator[None]:
    """The same for a part of a process that ends before it: what is no longer needed can go afterwards."""
    settle()
    try:
        yield
    finally:
        gc.unfreeze()
