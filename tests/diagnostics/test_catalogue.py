"""The catalogue: what the shipped version holds, what a broken one is told, which targets hold."""

import shutil
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from chassis.refusals import Invalid
from services import diagnostics
from services.diagnostics.domain import Catalogue, load_catalogue, target_for

SHIPPED = Path(str(diagnostics.__file__)).parent / "catalogue" / "2026.1"


@cache
def shipped() -> Catalogue:
    return load_catalogue(SHIPPED)


def test_the_shipped_version_holds_all_competencies_in_both_languages() -> None:
    catalogue = shipped()

    assert catalogue.version == SHIPPED.name
    assert Counter(each.domain for each in catalogue.competencies.values()) == {
        "D": 12, "M": 14, "S": 8, "P": 9, "I": 7, "N": 7,
    }  # fmt: skip
    assert {each.domain for each in catalogue.competencies.values() if each.has_subject} == {"S"}
    assert all(each.has_subject for each in catalogue.competencies.values() if each.domain == "S")
    assert len(catalogue.subjects) == 17
    assert [level.name.ru for level in catalogue.levels] == [
        "Знаком", "Пробует", "Применяет", "Адаптирует", "Передаёт",
    ]  # fmt: skip
    assert catalogue.competencies["D07"].frameworks == ("DC 3.2", "DC 3.3", "DC 3.4")


def test_every_parameter_says_where_it_comes_from() -> None:
    catalogue = shipped()

    assert all(len(source) > 20 for source in catalogue.parameter_sources.values())
    assert catalogue.parameters.self_share == 0.25
    assert (catalogue.parameters.deficit_gap, catalogue.parameters.certainty) == (0.75, 1.28)


@pytest.mark.parametrize(
    ("code", "profiles", "target"),
    [
        ("D08", {"YOUNG_TEACHER"}, 3),
        ("M13", {"YOUNG_TEACHER"}, 1),
        ("P03", {"YOUNG_TEACHER"}, 3),
        ("P04", {"YOUNG_TEACHER"}, 2),
        ("S06.CHE", {"SUBJECT_TEACHER"}, 2),
        ("S01.CHE", {"SUBJECT_TEACHER"}, 4),
        ("M14", {"EXTRA_EDUCATION"}, 4),
        ("I04", {"SUPPORT_SPECIALIST"}, 5),
        ("S01.CHE", {"DEPUTY_HEAD"}, None),
        ("S01.CHE", {"DEPUTY_HEAD", "METHODIST"}, 5),
        ("M09", {"YOUNG_TEACHER", "CLASS_TEACHER"}, 4),
        ("M09", {"METHODIST", "CLASS_TEACHER"}, 5),
        ("P05", {"YOUNG_TEACHER", "CLASS_TEACHER"}, 4),
        ("I01", {"YOUNG_TEACHER", "CLASS_TEACHER"}, 3),
        ("D01", {"YOUNG_TEACHER", "CLASS_TEACHER"}, 3),
        ("D01", {"CLASS_TEACHER"}, None),
    ],
)
def test_the_target_is_the_highest_of_the_profiles(code: str, profiles: set[str], target: int | None) -> None:
    assert target_for(shipped(), code, profiles=profiles) == target


@pytest.mark.parametrize(
    ("code", "slug"),
    [
        ("X01", "catalogue.unknown-code"),
        ("S01", "catalogue.subject-needed"),
        ("D01.CHE", "catalogue.subject-not-allowed"),
        ("S01.XXX", "catalogue.unknown-subject"),
        ("S01.", "catalogue.unknown-subject"),
    ],
)
def test_a_code_outside_the_catalogue_is_refused(code: str, slug: str) -> None:
    with pytest.raises(Invalid) as refused:
        shipped().competency(code)

    assert refused.value.slug == slug


def test_an_unknown_profile_is_refused_by_name() -> None:
    with pytest.raises(Invalid) as refused:
        target_for(shipped(), "D01", profiles={"JANITOR", "METHODIST"})

    assert refused.value.slug == "catalogue.unknown-profile"
    assert refused.value.facts["profiles"] == "JANITOR"


def test_a_goal_of_the_school_weighs_its_domain_more() -> None:
    weights = shipped().weights

    assert weights.of("D", frozenset({"D"})) == 1.25
    assert weights.of("M", frozenset({"D"})) == 1.0


@pytest.mark.parametrize(
    ("file", "was", "becomes", "slug"),
    [
        ("frame.toml", "number = 5", "number = 6", "catalogue.levels-not-five"),
        ("frame.toml", 'version = "2026.1"', "", "catalogue.field-missing"),
        ("frame.toml", 'version = "2026.1"', "version = ", "catalogue.file-unreadable"),
        ("competencies.toml", 'code = "D02"', 'code = "D01"', "catalogue.code-twice"),
        ("competencies.toml", 'domain = "D"', 'domain = "Z"', "catalogue.unknown-domain"),
        ("competencies.toml", '"DC 1.1"', '"ZZ 1.1"', "catalogue.unknown-framework"),
        ("competencies.toml", "has_subject = false", 'has_subject = "no"', "catalogue.field-wrong"),
        ("indicators/D.toml", "level = 5", "level = 0", "catalogue.level-out-of-range"),
        ("indicators/D.toml", '"D08"', '"D99"', "catalogue.unknown-code"),
        ("targets.toml", "M13 = 1", "M13 = 7", "catalogue.level-out-of-range"),
        ("targets.toml", "M13 = 1", "M99 = 1", "catalogue.unknown-code"),
        ("targets.toml", "M13 = 1", "M13 = true", "catalogue.field-wrong"),
        ("targets.toml", "goal = 1.25", "goal = 0", "catalogue.number-out-of-range"),
        ("forms.toml", "size = 20", "size = 14", "catalogue.form-size"),
        ("forms.toml", "size = 20", "size = 200", "catalogue.number-out-of-range"),
        ("forms.toml", '["P06"', '["D01", "P06"', "catalogue.form-without-target"),
        ("forms.toml", 'profile = "CLASS_TEACHER"', 'profile = "JANITOR"', "catalogue.form-for-each-profile"),
        ("forms.toml", 'default_subject = "PRI"', 'default_subject = "XX"', "catalogue.unknown-subject"),
        ("scoring.toml", "[self_error]", "[self_mistake]", "catalogue.parameter-unknown"),
        ("scoring.toml", "value = 0.25", "value = 1", "catalogue.number-out-of-range"),
        ("scoring.toml", "value = 0.8", "value = -0.8", "catalogue.number-out-of-range"),
    ],
)
def test_a_broken_catalogue_is_refused_with_its_place(
    tmp_path: Path, file: str, was: str, becomes: str, slug: str
) -> None:
    folder = Path(shutil.copytree(SHIPPED, tmp_path / "broken"))
    text = (folder / file).read_text(encoding="utf-8")
    assert was in text
    (folder / file).write_text(text.replace(was, becomes, 1), encoding="utf-8")

    with pytest.raises(Invalid) as refused:
        load_catalogue(folder)

    assert refused.value.slug == slug
    assert refused.value.facts["file"] == Path(file).name


def test_a_catalogue_without_one_of_its_files_is_refused(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(SHIPPED, tmp_path / "broken"))
    (folder / "forms.toml").unlink()

    with pytest.raises(Invalid) as refused:
        load_catalogue(folder)

    assert (refused.value.slug, refused.value.facts["file"]) == ("catalogue.file-missing", "forms.toml")
