"""My profile: every level as a band with its meaning; who may know of it, what I want and share, comment, appeal."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID, uuid4

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, Response

from chassis.refusals import Missing
from gateway.portal.catalogue import Catalogue
from gateway.portal.talk import Refused, segment
from gateway.portal.teacher.profile_in_words import (
    FORMATS,
    Measured,
    Telling,
    by_domain,
    cycle_now,
    measured,
    wishes_of,
)
from gateway.portal.teacher.visit import Desk, Visit, or_away

PROFILE = "/schools/{school}/my-profile"
ONE = PROFILE + "/competencies/{code}"
Text = Annotated[str, Form()]


@dataclass(frozen=True, slots=True)
class Standing:
    """The profile as it stands now; `cycle` is the cycle that wishes belong to, None while there is none."""

    found: Sequence[Measured]
    telling: Telling
    cycle: str | None

    @property
    def catalogue(self) -> Catalogue:
        """The names of competencies."""
        return self.telling.catalogue

    def of(self, code: str) -> Measured | None:
        """One competency, if it was measured."""
        return next((one for one in self.found if one.code == code), None)


@dataclass(frozen=True, slots=True)
class Typed:
    """What was typed into a form that the API refused; an appeal keeps its id, so that a repeat is no second one."""

    form: str = ""
    text: str = ""
    minutes: str = "45"
    formats: Sequence[str] = ()
    appeal_id: str = ""
    is_text_shown: bool = False


def doors(desk: Desk) -> APIRouter:
    """The profile, the page of one competency, and all that one may say about it."""
    router = APIRouter(include_in_schema=False)

    @router.get(PROFILE)
    async def show_my_profile(request: Request, school: str) -> HTMLResponse:
        return await _show_all(desk, await desk.open(request, school))

    @router.get(PROFILE + "/competencies")
    async def choose_competency(request: Request, school: str, code: str = "") -> Response:
        visit = await desk.open(request, school)
        return desk.portal.lead(page_of(visit, code) if code else visit.page("my-profile"))

    @router.get(ONE)
    async def show_competency(request: Request, school: str, code: str) -> HTMLResponse:
        return await _show_one(desk, await desk.open(request, school), code)

    _release_doors(router, desk)
    _wish_doors(router, desk)
    _word_doors(router, desk)
    return router


def _release_doors(router: APIRouter, desk: Desk) -> None:
    @router.post(ONE + "/release")
    async def release(
        request: Request, school: str, code: str, cycle_id: Annotated[UUID, Form()], back: Text = ""
    ) -> Response:
        visit = await desk.open(request, school)
        content = {"cycle_id": str(cycle_id), "competencies": [code]}
        try:
            await visit.reader.talk.post(visit.mine("diagnostics", "releases"), content)
        except Refused as refused:
            return await _show_one(desk, visit, code, refused)
        return desk.portal.lead(_back(visit, code, back), "profile-released")

    @router.post(ONE + "/take-back")
    async def take_back(
        request: Request, school: str, code: str, cycle_id: Annotated[UUID, Form()], back: Text = ""
    ) -> Response:
        visit = await desk.open(request, school)
        await visit.reader.talk.delete(visit.mine("diagnostics", f"releases/{cycle_id}/{segment(code)}"))
        return desk.portal.lead(_back(visit, code, back), "profile-taken-back")


def _back(visit: Visit, code: str, back: str) -> str:
    """Where one pressed the switch: in the list, or on the competency's own page."""
    return visit.page("my-profile") if back == "list" else page_of(visit, code)


def _wish_doors(router: APIRouter, desk: Desk) -> None:
    @router.post(ONE + "/need")
    async def need(
        request: Request, school: str, code: str, cycle_id: Annotated[UUID, Form()], wish: Annotated[int, Form()] = 0
    ) -> Response:
        visit = await desk.open(request, school)
        address = visit.mine("diagnostics", f"needs/{cycle_id}/{segment(code)}")
        try:
            if wish:
                await visit.reader.talk.put(address, {"wish": wish})
            else:
                await visit.reader.talk.delete(address)
        except Refused as refused:
            return await _show_one(desk, visit, code, refused, Typed("need"))
        return desk.portal.lead(page_of(visit, code), "profile-need" if wish else "profile-no-need")

    @router.post(ONE + "/offer")
    async def offer(
        request: Request,
        school: str,
        code: str,
        cycle_id: Annotated[UUID, Form()],
        formats: Annotated[tuple[str, ...], Form()] = (),
        minutes: Text = "",
        outside_school: Text = "",
    ) -> Response:
        visit = await desk.open(request, school)
        content = {
            "formats": list(formats),
            "minutes": int(minutes) if minutes.isdecimal() else None,
            "outside_school": bool(outside_school),
        }
        try:
            await visit.reader.talk.put(visit.mine("diagnostics", f"offers/{cycle_id}/{segment(code)}"), content)
        except Refused as refused:
            typed = Typed("offer", minutes=minutes, formats=formats)
            return await _show_one(desk, visit, code, refused, typed)
        return desk.portal.lead(page_of(visit, code), "profile-offer")

    @router.post(ONE + "/no-offer")
    async def no_offer(request: Request, school: str, code: str, cycle_id: Annotated[UUID, Form()]) -> Response:
        visit = await desk.open(request, school)
        await visit.reader.talk.delete(visit.mine("diagnostics", f"offers/{cycle_id}/{segment(code)}"))
        return desk.portal.lead(page_of(visit, code), "profile-no-offer")


def _word_doors(router: APIRouter, desk: Desk) -> None:
    @router.post(ONE + "/comment")
    async def comment(
        request: Request, school: str, code: str, cycle_id: Annotated[UUID, Form()], text: Text = ""
    ) -> Response:
        visit = await desk.open(request, school)
        address = visit.mine("diagnostics", f"comments/{cycle_id}/{segment(code)}")
        try:
            if text.strip():
                await visit.reader.talk.put(address, {"text": text})
            else:
                await visit.reader.talk.delete(address)
        except Refused as refused:
            return await _show_one(desk, visit, code, refused, Typed("comment", text))
        return desk.portal.lead(page_of(visit, code), "profile-comment")

    @router.post(ONE + "/appeal")
    async def appeal(
        request: Request,
        school: str,
        code: str,
        cycle_id: Annotated[UUID, Form()],
        appeal_id: Annotated[UUID, Form()],
        text: Text = "",
        is_text_shown: Text = "",
    ) -> Response:
        visit = await desk.open(request, school)
        content = {
            "cycle_id": str(cycle_id),
            "competency": code,
            "text": text,
            "is_text_shown": bool(is_text_shown),
        }
        try:
            await visit.reader.talk.put(visit.mine("diagnostics", f"appeals/{appeal_id}"), content)
        except Refused as refused:
            typed = Typed("appeal", text, appeal_id=str(appeal_id), is_text_shown=bool(is_text_shown))
            return await _show_one(desk, visit, code, refused, typed)
        return desk.portal.lead(page_of(visit, code), "profile-appeal")

    @router.post(ONE + "/appeals/{appeal_id}/withdraw")
    async def withdraw(request: Request, school: str, code: str, appeal_id: UUID) -> Response:
        visit = await desk.open(request, school)
        try:
            await visit.reader.talk.post(visit.mine("diagnostics", f"appeals/{appeal_id}/withdraw"))
        except Refused as refused:
            return await _show_one(desk, visit, code, refused)
        return desk.portal.lead(page_of(visit, code), "profile-withdrawn")


def page_of(visit: Visit, code: str) -> str:
    """The page of one competency."""
    return visit.page(f"my-profile/competencies/{segment(code)}")


async def standing_of(desk: Desk, visit: Visit) -> Standing:
    """The reader's profile and wishes, asked at the same time."""
    profile, cycles, catalogue = await asyncio.gather(
        visit.get("diagnostics", "profile"), or_away(_cycles(visit)), desk.catalogue(visit)
    )
    cycle = cycle_now(cycles or (), visit.now.date().isoformat()) or next((one["cycle_id"] for one in profile), None)
    wishes = wishes_of(await visit.get("diagnostics", f"wishes/{cycle}") if cycle else None)
    telling = Telling(visit.words, catalogue, wishes)
    return Standing([measured(one, telling) for one in profile], telling, cycle)


async def _cycles(visit: Visit) -> list[Any]:
    return await visit.reader.talk.all_of(f"/api/registry/v1/schools/{segment(visit.school)}/cycles")


async def _show_all(desk: Desk, visit: Visit) -> HTMLResponse:
    standing = await standing_of(desk, visit)
    seen = {one.code for one in standing.found}
    wishes = standing.telling.wishes
    others = sorted({*wishes.needs, *wishes.offers} - seen)
    return desk.show(
        visit,
        "teacher/my_profile.html",
        domains=by_domain(standing.found, standing.catalogue),
        counts={
            "strong": sum(one.kind == "give" for one in standing.found),
            "wanted": sum(one.kind == "take" for one in standing.found),
            "released": sum(one.is_released for one in standing.found),
            "all": len(standing.found),
        },
        others=[(code, standing.catalogue.name(code), code in wishes.needs, code in wishes.offers) for code in others],
        choices=_choices(standing, seen) if standing.cycle else (),
        page_of=lambda code: page_of(visit, code),
    )


def _choices(standing: Standing, seen: set[str]) -> Sequence[tuple[str, Sequence[tuple[str, str]]]]:
    """All further competencies that one may wish or offer, by domain; those of a subject are asked for by subject."""
    catalogue = standing.catalogue
    codes = [code for code in catalogue.names if code not in seen and not catalogue.has_subject(code)]
    return [
        (domain.name, [(code, catalogue.name(code)) for code in found]) for domain, found in catalogue.by_domain(codes)
    ]


async def _show_one(
    desk: Desk, visit: Visit, code: str, wrong: Refused | None = None, typed: Typed | None = None
) -> HTMLResponse:
    standing, appeals = await asyncio.gather(standing_of(desk, visit), visit.get("diagnostics", "appeals"))
    if not standing.catalogue.knows(code):
        raise Missing("http.not-found")
    own = [one for one in appeals if one["competency"] == code]
    wishes = standing.telling.wishes
    return desk.show(
        visit,
        "teacher/competency.html",
        wrong=wrong,
        typed=typed or Typed(),
        code=code,
        name=standing.catalogue.name(code),
        domain=standing.catalogue.domain(code),
        one=standing.of(code),
        cycle=standing.cycle,
        need=wishes.needs.get(code),
        offer=wishes.offers.get(code),
        appeals=[(one, visit.words.day(visit.words.local(one["filed_at"]).date())) for one in own],
        new_appeal=(typed.appeal_id if typed else "") or str(uuid4()),
        formats=[(each, visit.reader.say(f"profile.format.{each}")) for each in FORMATS],
        root=page_of(visit, code),
    )
