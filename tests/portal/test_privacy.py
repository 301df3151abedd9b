"""«Мои данные» and the office of the personal-data officer: who looked, all in one file, an erasure with care."""

import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp

from chassis.testing import TokenFactory
from chassis.texts import LANGUAGES, Texts
from gateway.portal.privacy import export
from gateway.portal.privacy.erasures import is_confirmed
from gateway.portal.privacy.looked import AT_ONCE, SERVICES, line_of, looks
from gateway.portal.rooms import packages
from gateway.portal.talk import Talk
from tests.architecture.test_doors import routes_of
from tests.architecture.test_looks import KEEPERS, whats_of
from tests.gateway.house import Setting, a_gateway, visiting
from tests.registry.staff_exports import a_row
from tests.registry.town import School, a_school
from tests.stand import Stand

PAGE = {"Accept": "text/html", "Accept-Language": "ru"}
TEXTS = Texts.load(*packages())
MY = "/v1/schools/{school}/my/"


def say_in(language: str) -> Any:
    return lambda slug, **facts: TEXTS.say(slug, language, **facts)


def a_look(**changes: Any) -> dict[str, Any]:
    found = {
        "look_id": str(uuid4()),
        "person_id": str(uuid4()),
        "looker_id": "c0ffee00-0000-4000-8000-000000000001",
        "client": None,
        "role": "curator",
        "what": "diagnostics.released",
        "how": "saw",
        "looked_on": "2027-05-12",
        "times": 3,
        "first_at": "2027-05-12T08:00:00Z",
        "last_at": "2027-05-12T12:04:00Z",
    }
    return {**found, **changes}


NAMES = {"c0ffee00-0000-4000-8000-000000000001": "Иванова Анна Петровна"}


@pytest.mark.parametrize(
    ("language", "changes", "sentence"),
    [
        ("ru", {}, "Куратор Иванова Анна Петровна: просмотр — открытые результаты"),
        ("en", {}, "Curator Иванова Анна Петровна saw the opened results"),
        ("ru", {"looker_id": None}, "Куратор, чьё имя уже удалено: просмотр — открытые результаты"),
        (
            "ru",
            {"looker_id": None, "client": "school-portal"},
            "Программа school-portal: просмотр — открытые результаты",
        ),
        (
            "ru",
            {"looker_id": str(uuid4()), "role": "coordinator"},
            "Координатор района: просмотр — открытые результаты",
        ),
        (
            "en",
            {"how": "exported", "what": "documents.scans"},
            "Curator Иванова Анна Петровна exported the scan",
        ),
    ],
)
def test_look_is_told_as_a_sentence(language: str, changes: Mapping[str, Any], sentence: str) -> None:
    line = line_of(a_look(**changes), NAMES, language=language, say=say_in(language))

    assert line.sentence.startswith(sentence)


def test_times_and_clock_of_a_look_are_those_of_the_place() -> None:
    line = line_of(a_look(), NAMES, language="ru", say=say_in("ru"))

    assert (line.times, line.clock) == ("3 раза", "15:04")
    assert line.when == "3 раза · последний раз в 15:04"


def test_what_was_looked_at_once_has_no_last_time() -> None:
    line = line_of(a_look(times=1), NAMES, language="ru", say=say_in("ru"))

    assert line.when == "один раз, в 15:04"


@pytest.mark.parametrize("language", LANGUAGES)
def test_everything_that_can_be_looked_at_has_a_name(language: str) -> None:
    unnamed = {
        word
        for service in KEEPERS
        for word in whats_of(service)
        if not TEXTS.knows(f"look.what.{word.value}", language)
    }

    assert set(SERVICES) == set(KEEPERS)
    assert unnamed == set()


def test_file_holds_every_door_that_tells_of_oneself() -> None:
    told = {
        (service, str(route.path).removeprefix(MY))
        for service in KEEPERS
        for route in routes_of(service)
        if "GET" in (route.methods or ()) and str(route.path).startswith(MY)
    }

    taken = {
        (service, door) for doors in (export.WHOLE, export.PAGED) for service, list_ in doors.items() for door in list_
    }
    taken |= {("diagnostics", door) for door in (*export.BY_CAMPAIGN, *export.BY_CYCLE)}
    assert told - taken == {("diagnostics", door) for door in export.OF_OTHERS}
    assert taken - told == set()


@pytest.mark.parametrize(
    ("typed", "is_right"),
    [("Смирнова", True), (" смирнова ", True), ("Смирнов", False), ("", False), ("Анна", False)],
)
def test_order_is_confirmed_by_the_whole_family_name(typed: str, is_right: bool) -> None:
    assert is_confirmed(typed, "Смирнова Анна Петровна") is is_right


def answering(content: Any, status: int = 200) -> ASGIApp:
    async def answer(scope: Any, receive: Any, send: Any) -> None:
        response: Response = JSONResponse(content, status)
        await response(scope, receive, send)

    return answer


async def test_logs_of_all_services_are_one_list_newest_first_with_one_cursor() -> None:
    many = [a_look(first_at=f"2027-05-{day:02d}T08:00:00Z") for day in range(28, 8, -1)]
    others = [a_look(first_at=f"2027-05-{day:02d}T09:00:00Z") for day in range(28, 8, -1)]
    apps = {service: answering({"items": [], "next": None}) for service in SERVICES}
    apps |= {"registry": answering({"items": many}), "tracking": answering({"items": others})}

    found = await looks(Talk(apps, {}), "/schools/x/my/looks")

    moments = [row["first_at"] for row in found.rows]
    assert moments == sorted(moments, reverse=True)
    assert len(moments) == AT_ONCE
    assert found.next == f"{found.rows[-1]['first_at']}~{found.rows[-1]['look_id']}"
    assert found.away == []


async def test_service_that_is_away_is_named_and_the_others_are_shown() -> None:
    apps = {service: answering({"items": [a_look()], "next": None}) for service in SERVICES}
    apps["matching"] = answering({}, 503)

    found = await looks(Talk(apps, {}), "/schools/x/my/looks")

    assert (len(found.rows), found.next, list(found.away)) == (4, None, ["matching"])


@dataclass(frozen=True, slots=True)
class Portal:
    """The portal before the services that keep a log, with one school, its curator and a teacher."""

    client: httpx.AsyncClient
    tokens: TokenFactory
    school: School
    teacher: UUID

    async def ask(
        self, method: str, path: str, group: str, *, by: UUID | None = None, form: Mapping[str, str] | None = None
    ) -> httpx.Response:
        headers = {**self.tokens.headers(by or uuid4(), group), **PAGE}
        return await self.client.request(method, path, headers=headers, data=form)

    @property
    def name(self) -> str:
        return self.school.school_id


@asynccontextmanager
async def a_portal(stand: Stand, *services: str) -> AsyncIterator[Portal]:
    running = {service: await stand.service(service) for service in services or SERVICES}
    school = await a_school(running["registry"])
    await school.add("head", person_id=school.curator, family_name="Кураторова", roles=["curator"])
    teacher = await school.add(family_name="Учителева", roles=["teacher"])
    app = a_gateway({name: one.app for name, one in running.items()}, Setting(verifier=stand.tokens.verifier()))
    async with visiting(app) as client:
        yield Portal(client, stand.tokens, school, teacher)


def headings(page: str) -> list[str]:
    return re.findall(r"<h1[^>]*>(.*?)</h1>", page)


async def test_person_reads_who_looked_and_takes_everything_in_one_file(stand: Stand) -> None:
    async with a_portal(stand) as portal:
        await portal.school.people()
        group = f"/schools/{portal.name}/teacher"
        address = f"/schools/{portal.name}/my-data"

        page = await portal.ask("GET", address, group, by=portal.teacher)
        file = await portal.ask("GET", f"{address}/file", group, by=portal.teacher)
        stranger = await portal.ask("GET", address, "/schools/elsewhere/teacher", by=portal.teacher)

    assert page.status_code == 200, page.text
    assert headings(page.text) == ["Мои данные"]
    assert "Куратор Кураторова Анна Ильинична: просмотр — строка в списке сотрудников" in page.text
    assert file.headers["content-disposition"] == 'attachment; filename="my-data.json"'
    assert file.json()["registry"]["person"]["family_name"] == "Учителева"
    assert [look["what"] for look in file.json()["registry"]["looks"]].count("registry.people") == 1
    assert stranger.status_code == 403


async def test_officer_finds_a_person_without_a_name_in_any_address_and_reads_the_log(stand: Stand) -> None:
    async with a_portal(stand) as portal:
        await portal.school.people()

        empty = await portal.ask("GET", "/access-log", "/city/auditor")
        found = await portal.ask(
            "POST", "/access-log", "/city/auditor", form={"place_id": portal.name, "family_name": "учителева"}
        )
        (link,) = re.findall(rf'href="(/access-log/{portal.name}/[^"]+)"', found.text)
        log = await portal.ask("GET", link, "/city/auditor")
        wrong_day = await portal.ask("GET", f"{link}?since=yesterday", "/city/auditor")
        curator = await portal.ask("GET", link, f"/schools/{portal.name}/curator")

    assert (empty.status_code, headings(empty.text)) == (200, ["Журнал доступа"])
    assert link == f"/access-log/{portal.name}/{portal.teacher}"
    assert headings(log.text) == ["Учителева Анна Ильинична"]
    assert "куратор Кураторова Анна Ильинична" in log.text
    assert "строка в списке сотрудников" in log.text
    assert (wrong_day.status_code, "wrong-since" in wrong_day.text) == (422, True)
    assert curator.status_code == 403


async def test_namesakes_are_two_on_the_list_on_their_pages_and_where_one_is_erased(stand: Stand) -> None:
    async with a_portal(stand) as portal:
        await portal.school.take_in(
            a_row(number="1", family="Тёзкина", title="Учитель"),
            a_row(number="2", family="Тёзкина", title="Педагог-психолог"),
        )
        sought = {"place_id": portal.name, "family_name": "тезкина"}

        found = await portal.ask("POST", "/access-log", "/city/auditor", form=sought)
        lines = re.findall(
            rf'<li><a href="(/access-log/{portal.name}/[^"]+)".*?<code>([^<]+)</code> (.+?)</span>', found.text
        )
        pages = {
            (path, end): (await portal.ask("GET", f"{path}{end}", "/city/auditor")).text
            for path, _, _ in lines
            for end in ("", "/erase")
        }
        alone = await portal.ask("POST", "/access-log", "/city/auditor", form={**sought, "family_name": "учителева"})

    assert sorted(post for _, _, post in lines) == ["Педагог-психолог", "Учитель"]
    assert len({username for _, username, _ in lines}) == 2
    assert "Здесь есть люди с одинаковым полным именем" in found.text
    assert "с одинаковым полным именем" not in alone.text
    for path, username, post in lines:
        for end in ("", "/erase"):
            told = re.findall(r"<code>([^<]+)</code>", pages[path, end])
            assert (told, f"· {post}" in pages[path, end]) == ([username], True), end


async def test_log_of_a_school_is_chosen_by_name_and_called_by_it(stand: Stand) -> None:
    async with a_portal(stand, "registry") as portal:
        picker = await portal.ask("GET", "/access-log", "/city/auditor")
        chosen = await portal.ask("GET", f"/access-log?at={portal.name}", "/city/auditor")
        own = await portal.ask("GET", f"/schools/{portal.name}/access-log", f"/schools/{portal.name}/auditor")

    assert f'<option value="{portal.name}">a school</option>' in picker.text
    assert (chosen.status_code, chosen.headers["location"]) == (303, f"/access-log/{portal.name}")
    assert f"/schools/{portal.name}/access-log/{portal.name}" in own.text


async def test_officer_of_a_district_finds_people_of_its_schools_and_is_told_who_reads_the_lines(stand: Stand) -> None:
    async with a_portal(stand) as portal:
        root, group = f"/districts/{portal.school.district}", f"/districts/{portal.school.district}/auditor"
        sought = {"place_id": portal.name, "family_name": "учителева"}

        empty = await portal.ask("GET", f"{root}/access-log", group)
        found = await portal.ask("POST", f"{root}/access-log", group, form=sought)
        log = await portal.ask("GET", f"{root}/access-log/{portal.name}/{portal.teacher}", group)
        erase = await portal.ask("GET", f"{root}/access-log/{portal.name}/{portal.teacher}/erase", group)
        ledger = await portal.ask("GET", f"{root}/erasures", group)
        elsewhere = await portal.ask("GET", f"{root}/access-log", "/districts/elsewhere/auditor")

    assert re.findall(r'<option value="([^"]+)"', empty.text) == [portal.name]
    assert f"{root}/access-log/{portal.name}/{portal.teacher}" in found.text
    assert (log.status_code, headings(log.text)) == (200, ["Учителева Анна Ильинична"])
    assert "a school: учитель" in log.text
    assert "Журнал школы читают ответственный за персональные данные" in log.text
    assert [one.status_code for one in (erase, ledger, elsewhere)] == [200, 200, 403]


async def test_erasure_is_ordered_only_when_its_name_was_typed_and_then_stands_in_the_ledger(stand: Stand) -> None:
    async with a_portal(stand, "registry") as portal:
        address = f"/access-log/{portal.name}/{portal.teacher}/erase"
        form = {"erasure_id": str(uuid4()), "basis": "WITHDRAWN", "request_number": "17/2027"}

        asked = await portal.ask("GET", address, "/city/auditor")
        mistyped = await portal.ask("POST", address, "/city/auditor", form={**form, "family_name": "Учителев"})
        still_there = await portal.ask("GET", address, "/city/auditor")
        ordered = await portal.ask("POST", address, "/city/auditor", form={**form, "family_name": "учителева"})
        ledger = await portal.ask("GET", "/erasures?said=erasure.ordered", "/city/auditor")
        gone = await portal.ask("GET", address, "/city/auditor")

    assert headings(asked.text) == ["Удалить данные человека"]
    assert "Вернуть удалённое нельзя." in asked.text
    assert (mistyped.status_code, "wrong-family_name" in mistyped.text) == (422, True)
    assert still_there.status_code == 200
    assert (ordered.status_code, ordered.headers["location"]) == (303, "/erasures?said=erasure.ordered")
    assert "обращение 17/2027" in ledger.text
    assert "Учителева" not in ledger.text
    assert gone.status_code == 404
