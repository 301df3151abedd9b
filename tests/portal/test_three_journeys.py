"""The three journeys of the portal, by keyboard alone and without any script."""

import re

import aiohttp
import pytest

from deploy.demo.client import Door, Person
from tests.portal.hands import HANDS, Keyboard, NoScript, come_in
from tests.portal.pages import USERNAMES, this_year
from tests.portal.town import Town

pytestmark = [
    pytest.mark.needs_chromium,
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning"),
]
each_hand = pytest.mark.parametrize("kind", HANDS, ids=["keyboard", "no-script"])
ANSWERING, PAIRING, DISTRICT = "spb-112", "spb-540", "vyborgsky"


async def read(town: Town, role: str, address: str) -> object:
    """What somebody of the demo reads from the API at the moment."""
    async with aiohttp.ClientSession() as session:
        return await Person(Door(town.url, session), USERNAMES[role]).get(address)


async def answered(town: Town) -> int:
    forms = await read(town, "teacher-answering", f"/diagnostics/v1/schools/{ANSWERING}/my/forms")
    assert isinstance(forms, list)
    return int(forms[0]["self"]["answered"])


@each_hand
async def test_teacher_goes_on_with_the_questions_and_finds_the_answer_kept(
    town: Town, kind: type[Keyboard] | type[NoScript]
) -> None:
    sheet = f"/schools/{ANSWERING}/forms/{this_year(ANSWERING, 'campaign-1')}/self"
    before = await answered(town)

    async with come_in(town, kind, "teacher-answering") as hand:
        await hand.press(f"main a[href^='{sheet}']")
        await hand.tab.wait_for_url(f"**{sheet}/*")
        question = hand.tab.url
        await hand.press("input[name=level][value='4']")
        await hand.press("button[name=go][value=next]")
        await hand.tab.wait_for_url(lambda url: url != question)

    assert await answered(town) == before + 1


async def asking_for_help(town: Town) -> int:
    address = f"/tracking/v1/schools/{PAIRING}/assignments?cycle_id={this_year(PAIRING, 'cycle')}&limit=500"
    pairs = await read(town, "curator-pairing", address)
    assert isinstance(pairs, dict)
    return sum(bool(one["asks_for_help"]) for one in pairs["items"])


@each_hand
async def test_curator_finds_a_pair_that_asks_for_help_and_says_that_it_was_helped(
    town: Town, kind: type[Keyboard] | type[NoScript]
) -> None:
    before = await asking_for_help(town)

    async with come_in(town, kind, "curator-pairing") as hand:
        await hand.press(f"a[href='/schools/{PAIRING}/health']")
        await hand.tab.wait_for_url("**/health")
        asking = await hand.tab.locator("form[action$='/helped']").count()
        await hand.press("form[action$='/helped'] button")
        await hand.tab.wait_for_url(re.compile(r"/health\?.*said="))
        left = await hand.tab.locator("form[action$='/helped']").count()

    assert (asking, left) == (before, before - 1)
    assert await asking_for_help(town) == before - 1


async def waiting_reports(town: Town) -> list[str]:
    address = f"/reporting/v1/districts/{DISTRICT}/reports?state=SUBMITTED"
    found = await read(town, "coordinator", address)
    assert isinstance(found, dict)
    return [one["report_id"] for one in found["items"]]


@each_hand
async def test_report_goes_from_the_head_to_the_district_and_is_accepted(
    town: Town, kind: type[Keyboard] | type[NoScript]
) -> None:
    waiting = await waiting_reports(town)
    if not waiting:
        waiting = await send_up(town, kind)

    async with come_in(town, kind, "coordinator") as hand:
        await hand.press(f"a[href='/districts/{DISTRICT}/reports']")
        await hand.tab.wait_for_url("**/reports")
        await hand.press(f"#report-{waiting[0]} > form button")
        await hand.tab.wait_for_url(re.compile(r"said="))

    assert waiting[0] not in await waiting_reports(town)


async def send_up(town: Town, kind: type[Keyboard] | type[NoScript]) -> list[str]:
    """The head reads the report that waits, signs it and sends it up."""
    async with come_in(town, kind, "head") as hand:
        await hand.press(f"main a[href^='/schools/{PAIRING}/desk/reports/']")
        await hand.tab.wait_for_url("**/desk/reports/*")
        await hand.press("form:has(input[value=sign]) button")
        await hand.tab.wait_for_selector("form:has(input[value=submit]) button")
        await hand.press("form:has(input[value=submit]) button")
        await hand.tab.wait_for_selector("form:has(input[value=submit]) button", state="detached")
    return await waiting_reports(town)
