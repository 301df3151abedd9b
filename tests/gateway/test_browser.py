"""The start page in a real browser: it loads, its script runs, and the count of events is alive."""

import asyncio
import os
import shutil
import tempfile

import pytest

from chassis.testing import ISSUER
from deploy.local.infrastructure import Infrastructure
from gateway.app import build
from gateway.settings import GatewaySettings
from tests.gateway.house import serving

FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--timeout=5000",
)


@pytest.mark.needs_chromium
@pytest.mark.slow
async def test_start_page_lives_in_a_real_browser(infrastructure: Infrastructure) -> None:
    chromium = shutil.which("chromium")
    if chromium is None:
        assert not os.environ.get("CI"), "CI installs chromium"
        pytest.skip("no chromium on this machine: the page is not looked at in a browser")
    nats = infrastructure.nats
    settings = GatewaySettings(
        mode="local", issuer=ISSUER, nats_url=nats.url, nats_user="gateway", nats_password=nats.passwords["gateway"]
    )

    async with serving(build(settings, upstreams={})) as address:
        with tempfile.TemporaryDirectory(prefix="neo-browser-", ignore_cleanup_errors=True) as profile:
            page = await dump(chromium, profile, f"{address}/?lang=en")

    assert '<html lang="en"' in page
    assert page.count("<h1") == 1
    assert "http://" not in page.replace(address, "")


async def dump(chromium: str, profile: str, url: str) -> str:
    """The page as it stands after its scripts have run."""
    process = await asyncio.create_subprocess_exec(
        chromium,
        *FLAGS,
        f"--user-data-dir={profile}",
        "--dump-dom",
        url,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    output, _ = await asyncio.wait_for(process.communicate(), 60)
    return output.decode()
