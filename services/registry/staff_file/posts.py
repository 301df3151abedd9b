"""Posts: how a person is employed, what a title says about the work, who is counted as staff."""

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Final

from services.registry.staff_file.wording import key


class Employment(StrEnum):
    """How the school employs the person in one post."""

    MAIN = "MAIN"
    INTERNAL = "INTERNAL"
    EXTERNAL = "EXTERNAL"
    CIVIL_LAW = "CIVIL_LAW"


class RoleProfile(StrEnum):
    """Codes of the role profiles whose target levels a person is measured against."""

    YOUNG_TEACHER = "YOUNG_TEACHER"
    SUBJECT_TEACHER = "SUBJECT_TEACHER"
    PRIMARY_TEACHER = "PRIMARY_TEACHER"
    EXTRA_EDUCATION = "EXTRA_EDUCATION"
    SUPPORT_SPECIALIST = "SUPPORT_SPECIALIST"
    METHODIST = "METHODIST"
    DEPUTY_HEAD = "DEPUTY_HEAD"


@dataclass(frozen=True, slots=True)
class Position:
    """One post of one person; `rate` is the share of a full post (ставка), None when the file is silent."""

    title: str
    subjects: tuple[str, ...]
    rate: float | None
    employment: Employment

    @property
    def is_pedagogical(self) -> bool:
        """Whether the post is pedagogical by the nomenclature of posts (ПП РФ от 21.02.2022 № 225)."""
        return _profile_of(self) not in (None, RoleProfile.DEPUTY_HEAD)

    @property
    def is_counted(self) -> bool:
        """Form ОО-1 leaves out external part-timers and civil-law contracts."""
        return self.is_pedagogical and self.employment in (Employment.MAIN, Employment.INTERNAL)


_YOUNG_YEARS: Final = 3
# The post that counts first: the main one, then as the kinds of employment stand.
_ORDER: Final = {kind: place for place, kind in enumerate(Employment)}

# The first line that fits decides; None is a post outside the nomenclature of pedagogical posts.
_TITLES: Final[tuple[tuple[str, RoleProfile | None], ...]] = (
    (r"\bпомощник|\bмладший воспитатель|\bассистент|\bлаборант|\bсекретар", None),
    (r"\bзам\w* директора\b.*\b(ахр|ахч|хозяйств\w*|административно|безопасности|финанс\w*)\b", None),
    (r"\bзам\w* (директора|руководителя|заведующ\w*)\b", RoleProfile.DEPUTY_HEAD),
    (
        r"\bметодист|\bпредседатель (мо|методического)|\bруководитель (мо|методического)",
        RoleProfile.METHODIST,
    ),
    (r"\bпсихолог|\bсоциальный педагог|\bлогопед|\bдефектолог|\bтьютор", RoleProfile.SUPPORT_SPECIALIST),
    (r"\bпедагог библиотекарь", RoleProfile.SUPPORT_SPECIALIST),
    (r"\bначальных классов|\bначальной школы", RoleProfile.PRIMARY_TEACHER),
    (r"\bтренер преподаватель|\bдополнительного образования", RoleProfile.EXTRA_EDUCATION),
    (r"\bучитель|\bпреподаватель", RoleProfile.SUBJECT_TEACHER),
    (
        r"\bпедагог\b|\bвоспитатель|\bвожат|\bконцертмейстер|\bмузыкальный руководитель",
        RoleProfile.EXTRA_EDUCATION,
    ),
    (r"\bсоветник директора по воспитанию|\bинструктор по (труду|физ)", RoleProfile.EXTRA_EDUCATION),
    (r"\bмастер производственного|\bруководитель физ", RoleProfile.EXTRA_EDUCATION),
)
_EMPLOYMENTS: Final[tuple[tuple[str, Employment], ...]] = (
    (r"\bвнеш", Employment.EXTERNAL),
    (r"\bвнутр|\bсовмещение", Employment.INTERNAL),
    (r"\bгпх\b|\bгпд\b|\bгражданско|\bподряд|\bоказани\w* услуг", Employment.CIVIL_LAW),
    (r"\bосн|\bштат|\bпостоян", Employment.MAIN),
)


def employment_of(text: str) -> Employment | None:
    """The kind of employment that a cell names; None when it names none, or a part-timer of unknown sort."""
    wanted = key(text)
    return next((kind for pattern, kind in _EMPLOYMENTS if re.search(pattern, wanted)), None)


def role_profile(positions: tuple[Position, ...], teaching_years: float | None) -> RoleProfile | None:
    """A guess from the main post on; the curator may change it. None for staff that is not pedagogical."""
    ordered = sorted(positions, key=lambda position: _ORDER[position.employment]) if len(positions) > 1 else positions
    profile = next((found for found in map(_profile_of, ordered) if found), None)
    is_teacher = profile in (RoleProfile.SUBJECT_TEACHER, RoleProfile.PRIMARY_TEACHER)
    if is_teacher and teaching_years is not None and teaching_years <= _YOUNG_YEARS:
        return RoleProfile.YOUNG_TEACHER
    return profile


def _profile_of(position: Position) -> RoleProfile | None:
    profile = _profile_by_title(position.title)
    if profile is RoleProfile.SUBJECT_TEACHER and "PRI" in position.subjects:
        return RoleProfile.PRIMARY_TEACHER
    return profile


@lru_cache(maxsize=4096)
def _profile_by_title(title: str) -> RoleProfile | None:
    wanted = key(title)
    return next((found for pattern, found in _TITLES if re.search(pattern, wanted)), None)
