"""The system's Chromium, for tests that look at pages as people do."""

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.async_api import Browser


@asynccontextmanager
async def a_chromium(*, without: str) -> AsyncIterator["Browser"]:
    """One browser; on a machine that has none the test is skipped, and `without` says what nobody sees then.

    CI has one: a skip there is a failure.
    """
    program = shutil.which("chromium")
    if program is None or find_spec("playwright") is None:
        assert not os.environ.get("CI"), "CI installs chromium and playwright"
        pytest.skip(f"no chromium or no playwright on this machine: {without}")
    from playwright.async_api import async_playwright

    async with async_playwright() as driver:
        browser = await driver.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield browser
        await browser.close()
