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

HEADLINES = ("E_ENG_ANY", "E_DUAL", "P_CSAT")


async def demo(plan: Plan, json_file: Path | None, voice: Voice) -> int:
    """Play; returns the exit code. Raises ServerTrouble when the city cannot start."""
    with (
        tempfile.TemporaryDirectory(prefix="neo-demo-", ignore_cleanup_errors=True) as scratch,
        take_port(0) as bound,
        hold(Path(scratch) / "city") as folder,
    ):
        voice.say("demo.starting")
        folder.clock.move_to(BEGINNING)
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
        if cell["place"] not in ("spb", "city"):
            continue
        voice.say("demo.cell-hidden" if cell["is_hidden"] else "demo.cell", **_facts(cell))
    events = sum(step["events"] for step in report["steps"])
    voice.say("demo.end", seconds=report["seconds"], events=events, calls=report["calls"])
    voice.say("demo.last", seconds=report["last_command_to_city_number"])


def _facts(cell: dict[str, Any]) -> dict[str, Any]:
    rounded = {key: round(cell[key], 3) if isinstance(cell[key], float) else cell[key] for key in cell}
    kept = ("indicator", "n_num", "n_den", "value", "ci_low", "ci_high", "reason")
    return {key: rounded.get(key) for key in kept}
