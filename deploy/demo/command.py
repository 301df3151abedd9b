"""`neo demo`: the main job on a throw-away data folder, with its figures at the end."""

import asyncio
import json
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

from deploy.demo.run import BEGINNING, DemoFailed, Plan, play
from deploy.local.city import running_city, take_port
from deploy.local.folder import hold
from deploy.show import Voice


async def demo(plan: Plan, json_file: Path | None, voice: Voice) -> int:
    """Play; returns the exit code. Raises ServerTrouble when the city cannot start."""
    with (
        tempfile.TemporaryDirectory(prefix="neo-demo-", ignore_cleanup_errors=True) as scratch,
        take_port(0) as bound,
        hold(Path(scratch) / "city") as folder,
    ):
        voice.say("demo.starting")
        folder.begin_demo(BEGINNING)
        async with running_city(folder, bound) as city:
            try:
                report = await play(city.url, plan, voice, scratch=Path(scratch))
            except DemoFailed as failed:
                voice.trouble("demo.failed", reason=str(failed))
                return 1
            _show(report, voice)
    if json_file is not None:
        text = json.dumps(report, ensure_ascii=False, indent=1)
        with suppress(BrokenPipeError):
            await asyncio.to_thread(json_file.write_text, text, encoding="utf-8")
        voice.say("demo.written", path=str(json_file))
    return 0


def _show(report: dict[str, Any], voice: Voice) -> None:
    voice.say("demo.city")
    for cell in report["city"]:
        if cell["kind"] == "city" and "." not in cell["indicator"]:
            voice.say(f"demo.cell-{_shape(cell)}", **_facts(cell))
    events = sum(step["events"] for step in report["steps"])
    voice.say("demo.end", seconds=report["seconds"], events=events, calls=report["calls"])
    voice.say("demo.last", seconds=report["last_command_to_city_number"])


def _shape(cell: dict[str, Any]) -> str:
    if cell["is_hidden"]:
        return "hidden"
    return str(cell["unit"]) if cell["value"] is not None else "bound"


def _facts(cell: dict[str, Any]) -> dict[str, Any]:
    """The cell's numbers as they are read: whole counts, shares in percent, means with two decimals."""
    is_share = cell["unit"] == "share"
    told: dict[str, Any] = {"indicator": cell["indicator"], "name": cell["name"], "reason": cell["reason"]}
    for key in ("n_num", "n_den"):
        told[key] = None if cell[key] is None else round(cell[key])
    for key in ("value", "ci_low", "ci_high", "bound"):
        number = cell[key]
        if number is not None:
            told[key] = f"{number * 100:.1f} %" if is_share else f"{number:+.2f}"
    return told
