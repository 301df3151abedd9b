"""The workshop of matching: a run is begun, watched, cancelled, chosen, changed at a known price, and published."""

import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import httpx
from fastapi import FastAPI

from tests.gateway.house import Setting, a_gateway, visiting
from tests.gateway.test_pages import BROWSER
from tests.matching.school import School, Trio, a_trio
from tests.portal.office import words_of
from tests.stand import Stand


def a_registry(school: School, names: dict[UUID, str]) -> FastAPI:
    """A registry that knows one school by its cycle and its people by name."""
    registry = FastAPI()
    cycle = {"cycle_id": str(school.cycle), "title": "2026/27", "starts_on": "2026-09-01", "state": "MATCHING"}

    @registry.get("/v1/places/{place}")
    async def place() -> dict[str, str]:
        return {"name": "Школа"}

    @registry.get("/v1/schools/{school}/cycles")
    async def cycles() -> dict[str, Any]:
        return {"items": [cycle], "next": None}

    @registry.get("/v1/schools/{school}/people")
    async def people() -> dict[str, Any]:
        return {"items": [], "next": None}

    @registry.post("/v1/schools/{school}/people:resolve")
    async def resolve(asked: dict[str, list[UUID]]) -> list[dict[str, str]]:
        return [{"person_id": str(one), "full_name": names[one]} for one in asked["person_ids"] if one in names]

    return registry


@dataclass(frozen=True)
class Workshop:
    """A curator before the pages, the real matching behind them."""

    trio: Trio
    client: httpx.AsyncClient
    app: FastAPI

    @property
    def school(self) -> School:
        return self.trio.school

    async def ask(self, method: str, path: str = "", role: str = "curator", **request: Any) -> httpx.Response:
        root = f"/schools/{self.school.id}"
        headers = {
            **self.school.stand.tokens.headers(self.school.curator, f"{root}/{role}"),
            **BROWSER,
            "accept-language": "en",
        }
        return await self.client.request(method, f"{root}/workshop{path}", headers=headers, **request)

    async def see(self, path: str = "") -> str:
        answer = await self.ask("GET", path)
        assert answer.status_code == 200, answer.text
        assert answer.text.count("<h1") == 1
        return answer.text

    async def do(self, path: str, **form: Any) -> httpx.Response:
        return await self.ask("POST", path, data=form)

    async def watched(self, path: str) -> list[dict[str, Any]]:
        """What a stream told until its end."""
        headers = self.school.stand.tokens.headers(self.school.curator, f"/schools/{self.school.id}/curator")
        headers |= {"accept-language": "en"}
        answer = await self.client.get(f"/live/schools/{self.school.id}/{path}", headers=headers)
        lines = [line.removeprefix("data: ") for line in answer.text.splitlines() if line.startswith("data: ")]
        return [json.loads(line) for line in lines]


@asynccontextmanager
async def a_workshop(stand: Stand) -> AsyncIterator[Workshop]:
    trio = await a_trio(stand)
    names = {
        trio.anna: "Алова Анна Ивановна",
        trio.boris: "Белов Борис Петрович",
        trio.vera: "Ветрова Вера Олеговна",
        trio.school.curator: "Клюева Клара Кимовна",
    }
    diagnostics = await stand.service("diagnostics")
    upstreams = {
        "registry": a_registry(trio.school, names),
        "diagnostics": diagnostics.app,
        "matching": trio.school.matching.app,
    }
    app = a_gateway(upstreams, Setting(verifier=stand.tokens.verifier()))
    async with visiting(app) as client:
        yield Workshop(trio, client, app)


def hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found is not None, name
    return found[1]


async def test_a_run_is_begun_watched_to_its_end_and_shown_with_its_proof(stand: Stand) -> None:
    async with a_workshop(stand) as shop:
        desk = await shop.see()
        form = {name: hidden(desk, name) for name in ("run", "cycle", "seed")}
        begun = await shop.do("/runs", **form, load="mild")
        told = await shop.watched(f"runs/{form['run']}")
        page = await shop.see(f"/runs/{form['run']}")
        table = words_of(await shop.see(f"/runs/{form['run']}?view=table"))
        left_out = words_of(await shop.see(f"/runs/{form['run']}?view=left-out"))
        run = await shop.school.run(form["run"])

    assert "3 of 3" in words_of(desk)
    assert begun.status_code == 303
    assert told[-1]["is_over"]
    assert told[-1]["words"] == "Done: you can look at the network"
    assert "Proved: there is no better network" in words_of(page)
    assert run["certificate"]["input_hash"] in page
    assert "Алова Анна Ивановна" in table
    assert "3 pairs" in table
    assert "Nobody was left without a pair" in left_out
    assert run["fairness"]["load_costs"] == [50, 150, 300]


async def test_a_change_shows_its_price_and_is_made_and_taken_back(stand: Stand) -> None:
    async with a_workshop(stand) as shop:
        run = (await shop.school.solved())["run_id"]
        pair = f"{shop.trio.anna}/{shop.trio.vera}/D01"
        drawer = words_of(await shop.see(f"/runs/{run}/pairs/{pair}"))
        others = words_of(await shop.see(f"/runs/{run}/pairs/{pair}/alternatives"))
        before = words_of(await shop.see(f"/runs/{run}"))
        asked = {"kind": "ban", "giver": str(shop.trio.anna), "taker": str(shop.trio.vera), "topic": "D01"}
        price = await shop.see(f"/runs/{run}/change?{httpx.QueryParams(asked)}")
        form = {**asked, "edit": hidden(price, "edit"), "version": hidden(price, "version")}
        made = await shop.do(f"/runs/{run}/edits", **form)
        await shop.school.ended(run)
        after = await shop.see(f"/runs/{run}?view=table")
        undone = await shop.do(f"/runs/{run}/edits/{form['edit']}/undo")
        await shop.school.ended(run)
        pairs = await shop.school.proposed(run)

    assert "Pin the pair" in drawer
    assert "Nobody else has opened this topic as a strength" in others
    assert "Nobody else wants to strengthen this topic" in others
    assert "Are left without a pair: Ветрова Вера Олеговна" in words_of(price)
    assert (made.status_code, undone.status_code) == (303, 303)
    assert "2 pairs" in words_of(after)
    assert "Banned in this run: Алова А. И. → Ветрова В. О." in words_of(after)
    assert "Last step: Клюева К. К. — a pair was banned, " in words_of(after)
    assert "Last step" not in before
    assert pairs == shop.trio.best


async def test_another_hand_is_seen_and_never_overwritten(stand: Stand) -> None:
    async with a_workshop(stand) as shop:
        run = await shop.school.solved()
        asked = {"kind": "ban", "giver": str(shop.trio.anna), "taker": str(shop.trio.vera), "topic": "D01"}
        pin = {"giver_id": str(shop.trio.anna), "taker_id": str(shop.trio.boris), "competency": "D01"}
        await shop.school.curate("PUT", f"/runs/{run['run_id']}/edits/{uuid4()}", json={"pin": pin})
        await shop.school.ended(run["run_id"])
        told = await shop.watched(f"runs/{run['run_id']}/changes?version={run['version']}")
        late = await shop.do(f"/runs/{run['run_id']}/edits", **asked, edit=str(uuid4()), version=run["version"])
        pairs = await shop.school.proposed(run["run_id"])

    assert told == [{"words": "Клюева Клара Кимовна: a pair was pinned, just now.", "share": None, "is_over": True}]
    assert late.status_code == 409
    assert "Клюева Клара Кимовна: a pair was pinned" in words_of(late.text)
    assert hidden(late.text, "kind") == "ban"
    assert int(hidden(late.text, "version")) > run["version"]
    assert pairs == shop.trio.best


async def test_a_chosen_end_is_published_and_the_answers_are_followed(stand: Stand) -> None:
    async with a_workshop(stand) as shop:
        run = (await shop.school.solved())["run_id"]
        too_early = await shop.see(f"/runs/{run}/publish")
        await shop.do(
            f"/runs/{run}/choose", variant="dual-first", version=hidden(await shop.see(f"/runs/{run}"), "version")
        )
        causes = await shop.see(f"/runs/{run}/publish")
        wrong = await shop.do(f"/runs/{run}/publish", version=hidden(causes, "version"), answer_days="40")
        done = await shop.do(f"/runs/{run}/publish", version=hidden(causes, "version"), answer_days="5")
        answers = words_of(await shop.see(f"/runs/{run}"))
        fairness = words_of(await shop.see(f"/runs/{run}/fairness"))
        published = await shop.school.run(run)

    assert "It cannot be published now" in too_early
    assert "3 pairs will be proposed" in causes
    assert wrong.status_code == 422
    assert "wrong-answer_days" in wrong.text
    assert done.status_code == 303
    assert "waiting for the person who would learn: 3" in answers
    assert "Share and learn" in fairness
    assert (published["state"], published["answer_days"]) == ("PUBLISHED", 5)


async def test_a_run_is_cancelled_and_a_ban_is_put_and_lifted(stand: Stand) -> None:
    async with a_workshop(stand) as shop:
        run = (await shop.school.solved())["run_id"]
        await shop.do(f"/runs/{run}/cancel")
        page = words_of(await shop.see(f"/runs/{run}"))
        nobody = await shop.do("/bans", giver_id="", taker_id="")
        two = f"{shop.trio.anna}/{shop.trio.boris}"
        await shop.do("/bans", giver_id=str(shop.trio.anna), taker_id=str(shop.trio.boris))
        banned = words_of(await shop.see("/bans"))
        await shop.do(f"/bans/{two}/lift")
        lifted = words_of(await shop.see("/bans"))
        gaps = words_of(await shop.see(f"/gaps?cycle={shop.school.cycle}"))

    assert "Cancelled" in page
    assert nobody.status_code == 422
    assert "Choose both people" in words_of(nobody.text)
    assert "Алова Анна Ивановна → Белов Борис Петрович" in banned
    assert "There are no bans" in lifted
    assert "Nobody has opened anything yet" in gaps


async def test_the_workshop_is_the_curators_alone(stand: Stand) -> None:
    async with a_workshop(stand) as shop:
        run = f"/runs/{uuid4()}"
        paths = ("", run, f"{run}/publish", f"{run}/fairness", "/bans", f"/gaps?cycle={uuid4()}")
        refused = [(await shop.ask("GET", path, role="teacher")).status_code for path in paths]
        posted = await shop.ask("POST", f"{run}/cancel", role="head", data={"version": "1"})
        unknown = await shop.ask("GET", run)

    assert refused == [403] * len(paths)
    assert posted.status_code == 403
    assert unknown.status_code == 404
