"""The catalogue, for everyone who is signed in."""

from fastapi import Request, Response
from pydantic import BaseModel, Field

from chassis.doors import doors
from chassis.identity import EVERYONE, require
from services.diagnostics import domain

router = doors()


class Words(BaseModel):
    """A code with its words in Russian and English."""

    code: str = Field(examples=["D"])
    ru: str
    en: str


class Level(BaseModel):
    """One of the five behavioural levels with its anchor."""

    number: int
    ru: str
    en: str
    anchor_ru: str
    anchor_en: str


class Indicator(BaseModel):
    """What can be seen of a person at a level."""

    level: int
    ru: str
    en: str


class Competency(Words):
    """A competency; one with a subject is named together with it, as in S03.CHE."""

    code: str = Field(examples=["D01"])
    domain: str
    has_subject: bool
    frameworks: list[str]
    indicators: list[Indicator]
    targets: dict[str, int] = Field(
        description="the target level by role profile; a profile that does not stand here is not asked about it",
        examples=[{"SUBJECT_TEACHER": 4, "YOUNG_TEACHER": 3}],
    )


class Catalogue(BaseModel):
    """One version of the catalogue."""

    version: str
    domains: list[Words]
    subjects: list[Words]
    profiles: list[Words]
    levels: list[Level]
    competencies: list[Competency]


def catalogue_page(catalogue: domain.Catalogue) -> bytes:
    """The answer to everyone who asks for the catalogue, as JSON; it is made once."""
    names = {
        "domains": {code: each.name for code, each in catalogue.domains.items()},
        "subjects": {code: each.name for code, each in catalogue.subjects.items()},
        "profiles": {code: each.name for code, each in catalogue.profiles.items()},
    }
    words = {kind: [_words(code, name) for code, name in found.items()] for kind, found in names.items()}
    page = Catalogue(
        version=catalogue.version,
        domains=words["domains"],
        subjects=words["subjects"],
        profiles=words["profiles"],
        levels=[_level(level) for level in catalogue.levels],
        competencies=[_competency(catalogue, each) for each in catalogue.competencies.values()],
    )
    return page.model_dump_json().encode()


def _words(code: str, name: domain.Bilingual) -> Words:
    return Words(code=code, ru=name.ru, en=name.en)


def _level(level: domain.Level) -> Level:
    return Level(
        number=level.number,
        ru=level.name.ru,
        en=level.name.en,
        anchor_ru=level.anchor.ru,
        anchor_en=level.anchor.en,
    )


def _competency(catalogue: domain.Catalogue, competency: domain.Competency) -> Competency:
    seen = (each for level in domain.LEVELS for each in catalogue.indicators.get((competency.code, level), ()))
    return Competency(
        code=competency.code,
        ru=competency.name.ru,
        en=competency.name.en,
        domain=competency.domain,
        has_subject=competency.has_subject,
        frameworks=list(competency.frameworks),
        indicators=[Indicator(level=each.level, ru=each.words.ru, en=each.words.en) for each in seen],
        targets=catalogue.targets(competency),
    )


@router.get("/catalogue", dependencies=[require(*EVERYONE, anywhere=True)], response_model=Catalogue)
async def get_catalogue(request: Request) -> Response:
    """Competencies with observable indicators, domains, levels, subjects and role profiles in both languages."""
    return Response(request.app.state.catalogue_page, media_type="application/json")
