"""The tool that moves the system clock of one process: the time of day goes wrong, durations stay right."""

import os
import subprocess
import sys
import time

import pytest

from tests.faults.processes import clock_library, wrong_time

HOUR = 3600


@pytest.mark.needs_faketime
@pytest.mark.parametrize("hours", [1, -1])
def test_wrong_system_clock_moves_the_time_of_day_and_no_duration(hours: int) -> None:
    library = clock_library()
    if library is None:
        assert not os.environ.get("CI"), "CI installs libfaketime"
        pytest.skip("no libfaketime on this machine: no service lives with a wrong system clock")

    program = [sys.executable, "-c", "import time; print(time.time(), time.monotonic())"]
    env = {**os.environ, **wrong_time(library, hours)}
    said = subprocess.run(program, env=env, capture_output=True, check=True, text=True).stdout

    time_of_day, running = map(float, said.split())
    assert round((time_of_day - time.time()) / HOUR) == hours
    assert abs(running - time.monotonic()) < HOUR / 2
