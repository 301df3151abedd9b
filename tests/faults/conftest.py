"""The ground is laid once for all rehearsals; what was made and survived is printed even when all is well."""

import shutil
import tempfile
from collections.abc import AsyncIterator, Callable, Iterable
from pathlib import Path

import pytest
import pytest_asyncio

from tests.faults.ground import Ground, lay_ground

Tell = Callable[[Iterable[str]], None]


# Where a machine has room in memory, thousands of files of eighteen databases cost nothing.
MEMORY = Path("/dev/shm")
WANTED = 2 * 2**30


@pytest_asyncio.fixture(scope="session")
async def ground() -> AsyncIterator[Ground]:
    has_room = MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > WANTED
    where = MEMORY if has_room else None
    with tempfile.TemporaryDirectory(prefix="neo-faults-", dir=where, ignore_cleanup_errors=True) as folder:
        laid = await lay_ground(Path(folder))
        try:
            yield laid
        finally:
            laid.infrastructure.stop()


@pytest.fixture
def tell(capsys: pytest.CaptureFixture[str]) -> Tell:
    """Print lines, also where pytest keeps what tests print to itself."""

    def say(lines: Iterable[str]) -> None:
        with capsys.disabled():
            print("\n" + "\n".join(lines))  # noqa: T201

    return say
