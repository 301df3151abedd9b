"""The main job from end to end: a school year through the public API of a whole city in one process."""

from pathlib import Path

import pytest

from deploy.demo.run import BEGINNING, Plan, play
from deploy.demo.staff_files import generate, write_csv
from deploy.local.city import running_city, take_port
from deploy.local.folder import hold
from deploy.show import Voice


@pytest.mark.slow
# python-keycloak leaves its idle connections to the collector.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning")
async def test_a_school_lives_through_its_year_and_the_city_reads_its_totals(tmp_path: Path) -> None:
    staff = tmp_path / "spb-777.csv"
    write_csv(staff, generate(24, 5), encoding="windows-1251")
    with take_port(0) as bound, hold(tmp_path / "city") as folder:
        folder.begin_demo(BEGINNING)
        async with running_city(folder, bound, is_durable=False) as city:
            report = await play(city.url, Plan(staff=(staff,), seed=5), Voice(), scratch=tmp_path)

    assert [step["name"] for step in report["steps"]] == [
        "join",
        "diagnose",
        "match",
        "work",
        "diagnose-again",
        "report",
        "autumn",
    ]
    assert report["schools"][0]["formed"] > 0
    counts = {step["name"]: step["counts"] for step in report["steps"]}
    assert counts["match"]["gap"] == 0.0
    assert counts["work"]["held"] > 0
    assert counts["work"]["stalled"] >= 1
    kinds = {cell["kind"] for cell in report["city"]}
    assert {"city", "district", "school"} <= kinds
    assert all(cell["definition"] and cell["definition_version"] for cell in report["city"])
    hidden = [cell for cell in report["city"] if cell["is_hidden"]]
    assert all(cell["n_num"] is None or cell["n_num"] == 0 or cell["n_num"] >= 5 for cell in hidden)
