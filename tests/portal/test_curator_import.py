"""The page of a staff file while it is being applied: a bar that survives a reload, a way back, and what came of it."""

import json

import pytest

from chassis.testing import eventually
from tests.portal.office import Office, an_office, words_of
from tests.registry.halfway import has_come, stuck, three_and_one
from tests.registry.staff_exports import a_row
from tests.registry.town import some_teachers
from tests.stand import Stand

PEOPLE = ("registry",)


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits a second to see whether a file is applied by then."""
    monkeypatch.setattr("gateway.portal.curator.imports.LOOK_SECONDS", 0.0)


async def watched(office: Office, import_id: str) -> list[dict[str, object]]:
    """What the live door of the page tells until it ends."""
    headers = {**office.tokens.headers(office.curator, f"{office.root}/curator"), "accept-language": "ru"}
    answer = await office.client.get(f"/live{office.root}/staff-imports/{import_id}", headers=headers)
    return [json.loads(line[6:]) for line in answer.text.splitlines() if line.startswith("data: ")]


async def test_page_shows_how_far_applying_is_after_a_reload_too_and_then_the_result(stand: Stand) -> None:
    async with an_office(stand, PEOPLE) as office:
        import_id = await three_and_one(office.school)
        page = f"/people/import/{import_id}"
        async with stuck(stand, office.school):
            applying = await office.do(f"{page}/apply")
            first = await office.see(page)
            await eventually(lambda: has_come(office.services["registry"].db, import_id), equals=3)
            again = await office.see(page)
        told = await watched(office, import_id)
        done = words_of(await office.see(page))

    assert (applying.status_code, applying.headers["location"]) == (303, f"{office.root}{page}")
    assert "Файл применяется" in words_of(first)
    assert f'data-stream="/live{office.root}/staff-imports/{import_id}"' in first
    assert f'href="{office.root}{page}" data-onward' in first
    assert 'value="0.75"' in again
    assert f'action="{office.root}{page}/cancel"' in again
    assert told[-1] == {"words": "Файл применён", "share": 1.0, "is_over": True}
    assert "Файл применён" in done


async def test_cancelled_file_can_be_applied_again(stand: Stand) -> None:
    async with an_office(stand, PEOPLE) as office:
        import_id = await three_and_one(office.school)
        page = f"/people/import/{import_id}"
        async with stuck(stand, office.school):
            await office.do(f"{page}/apply")
            cancelled = await office.do(f"{page}/cancel")
        shown = await office.see(page)
        people = len(await office.school.people())

    assert cancelled.headers["location"] == f"{office.root}{page}?said=import-cancelled"
    assert f'action="{office.root}{page}/apply"' in shown
    assert people == 1


async def test_late_cancelling_says_that_the_file_is_applied(stand: Stand) -> None:
    async with an_office(stand, PEOPLE) as office:
        applied = await office.school.take_in(*some_teachers(1))

        late = await office.do(f"/people/import/{applied['import_id']}/cancel")

    assert late.status_code == 409
    assert "Файл уже применён" in words_of(late.text)


async def test_file_that_the_staff_has_overtaken_says_so_and_offers_another_upload(stand: Stand) -> None:
    async with an_office(stand, PEOPLE) as office:
        checked = await office.school.check(a_row(family="Орлова", given="Анна", patronymic="Ильинична"))
        await office.school.add()
        page = f"/people/import/{checked['import_id']}"

        await office.do(f"{page}/apply")
        await office.school.over(checked["import_id"])
        shown = await office.see(page)

    assert "С тех пор как файл проверен, состав школы изменился" in words_of(shown)
    assert f"{page}/apply" not in shown
    assert "Загрузить ещё раз" in words_of(shown)
