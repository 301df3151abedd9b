"""Submissions: what September's evening comes to, and the schools that are told before anything is measured."""

import pytest

from bench.samples import Ratio, Verdict
from bench.schools import TEACHERS, a_school
from bench.submissions import SEPTEMBER, september_share
from contracts.registry import CycleOpened, CycleStageChanged, MembershipChanged


def test_september_is_four_sheets_of_each_person_in_the_evening_of_ten_working_days() -> None:
    # 400,000 sheets in 288,000 s, ten times as many in the evening: 13.9 a second of 10 ms each, of two cores.
    assert september_share(10_000) == pytest.approx(6.94, abs=0.01)


@pytest.mark.parametrize(("cpu_us", "verdict"), [(10_000, Verdict.GOAL), (20_000, Verdict.SHORT)])
def test_evening_is_judged_by_a_tenth_of_two_cores(cpu_us: float, verdict: Verdict) -> None:
    assert Ratio(SEPTEMBER, (september_share(cpu_us),)).verdict is verdict


def test_school_is_told_with_its_people_and_an_open_diagnosis() -> None:
    school = a_school()

    told = [type(fact) for fact in school.facts]

    assert told == [MembershipChanged] * (TEACHERS + 1) + [CycleOpened, CycleStageChanged]
    assert {fact.schools for fact in school.facts} == {(school.school,)}
