"""The way in and the way out: `/sign-in`, the issuer's answer, `/sign-out`, and the issuer's word that it is over."""

import asyncio
import re
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response

from chassis.identity import LEEWAY_SECONDS
from chassis.refusals import Forbidden, Refusal, Unavailable
from gateway import store
from gateway.issuer import CALLBACK, Asking, Issuer, IssuerAway, NotAccepted
from gateway.portal.pages import language_of
from gateway.porter import Guests, guest_of
from gateway.secret import Secret, hash_of
from gateway.sessions import LONGEST, Arrival, Session, Sessions
from gateway.watch import Outcome

ATTEMPT_LIVES = timedelta(minutes=10)
# How recently somebody must have proved who they are before what is grave (as for a signature).
FRESH = timedelta(minutes=5)
# The first page of whoever signs in, for those who come by the bare address.
HOME = "/home"
LONGEST_PATH = 2000
# Nobody looks at an empty page for longer, however many questions the issuer is slow to answer.
PATIENCE_SECONDS = 15.0
# A path of this house: no host can hide in it, and nothing that a browser would tidy up into one.
_OWN_PATH = re.compile(r"/(?![/\\])[^\\\x00-\x20\x7f]*")
NO_STORE = {"Cache-Control": "no-store"}
# Whom the issuer may expect: only a hint, which proves nothing.
Username = Annotated[str, Query(max_length=64, pattern=r"^[A-Za-z0-9._@-]*$")]


class SignInFailed(Refusal):
    """An answer of the issuer that leads to no session; a new attempt may."""

    status = 400


def own_path(wanted: str) -> str:
    """Where a browser goes after the sign-in: a page of this house, or the start page."""
    is_own = len(wanted) <= LONGEST_PATH and _OWN_PATH.fullmatch(wanted)
    return wanted if is_own and not wanted.startswith(("/sign-in", "/sign-out", "/auth/")) else "/"


def way_to_sign_in(return_to: str, *, is_anew: bool = False) -> str:
    """The address of the way in, from a page and back to it; `is_anew` asks for the password again."""
    return f"/sign-in?return_to={quote(own_path(return_to), safe='/')}{'&anew=true' if is_anew else ''}"


@contextmanager
def _on_the_way_to(return_to: str) -> Iterator[None]:
    """Whoever meets an issuer that is away may try again, and comes to the same page."""
    try:
        yield
    except IssuerAway as away:
        away.facts["return_to"] = return_to
        raise


def is_own_wish(request: Request) -> bool:
    """Did a person set out for this page? Told by the browser (Fetch Metadata); an older one says nothing."""
    site = request.headers.get("sec-fetch-site", "none")
    return site in ("none", "same-origin") or request.headers.get("sec-fetch-user") == "?1"


class Entrance:
    """Begins attempts, takes the issuer's answers, and ends sessions."""

    def __init__(self, guests: Guests, sessions: Sessions, issuer: Issuer) -> None:
        self.guests = guests
        self.sessions = sessions
        self.issuer = issuer
        self.cookies = guests.cookies
        self.watch = sessions.watch
        self.patience = PATIENCE_SECONDS

    async def begin(self, request: Request, return_to: str, *, is_anew: bool = False, who: str = "") -> Response:
        """Send a browser to the issuer, and remember what must come back; `who` is the username to expect."""
        browser = self.cookies.read(request, self.cookies.attempt) or Secret.new()
        state = secrets.token_urlsafe(32)
        attempt = store.Attempt(
            state=hash_of(state),
            browser=browser.hashed,
            nonce=secrets.token_urlsafe(32),
            verifier=secrets.token_urlsafe(64),
            return_to=return_to,
        )
        longest = int(LONGEST.total_seconds())
        with _on_the_way_to(return_to):
            address = await self.issuer.way_in(Asking(attempt, state, language_of(request), longest, is_anew, who))
        async with self.sessions.db.transaction() as tx:
            await store.add_attempt(tx, attempt, lives=ATTEMPT_LIVES)
        response = RedirectResponse(address, 303, NO_STORE)
        self.cookies.give(response, self.cookies.attempt, browser, seconds=int(ATTEMPT_LIVES.total_seconds()))
        return response

    async def take_answer(self, request: Request) -> Response:
        """The issuer's answer becomes a session; raises SignInFailed or Unavailable."""
        said = request.query_params
        async with self.sessions.db.transaction() as tx:
            # Taken whatever comes of it: an answer counts once.
            attempt = await store.take_attempt(tx, hash_of(said.get("state", "")))
        browser = self.cookies.read(request, self.cookies.attempt)
        if attempt is None or browser is None or browser.hashed != attempt.browser:
            self.watch.came(request, Outcome.UNKNOWN)
            raise SignInFailed("sign-in.attempt-unknown")
        with _on_the_way_to(attempt.return_to):
            arrival = await self._arrival(request, attempt)
        session = await self.sessions.begin(arrival, former=self.cookies.read(request, self.cookies.session))
        if session is None:
            self.watch.came(request, Outcome.REVOKED, who=arrival.known_as)
            return await self.begin(request, attempt.return_to, is_anew=True)
        self.watch.came(request, Outcome.SIGNED_IN, who=arrival.known_as, how=arrival.proof)
        # The attempt's cookie stays until it runs out: another tab may be on its way, too.
        response = RedirectResponse(attempt.return_to, 303, NO_STORE)
        self.cookies.give(response, self.cookies.session, session.secret)
        return response

    async def _arrival(self, request: Request, attempt: store.Attempt) -> Arrival:
        """Who the issuer's answer says it is; raises SignInFailed or Unavailable."""
        said, outcome, reason = request.query_params, Outcome.REFUSED, ""
        try:
            if not await self.issuer.is_by_us(said.get("iss")):
                outcome = Outcome.OTHER_ISSUER
            elif said.get("code"):
                return await self._redeemed(said["code"], attempt)
        except NotAccepted as error:
            outcome, reason = Outcome.NOT_ACCEPTED, str(error)
        except Unavailable:
            self.watch.came(request, Outcome.ISSUER_AWAY)
            raise
        self.watch.came(request, outcome, reason=reason)
        raise SignInFailed("sign-in.refused", return_to=attempt.return_to)

    async def _redeemed(self, code: str, attempt: store.Attempt) -> Arrival:
        try:
            async with asyncio.timeout(self.patience):
                tokens, claims = await self.issuer.redeem(code, attempt)
                principal = await self.guests.verifier.verify(tokens.access)
        except (Unavailable, TimeoutError) as error:
            raise IssuerAway from error
        except Refusal as refusal:
            raise NotAccepted("access token") from refusal
        return Arrival(tokens, principal.person_id, claims)

    async def is_fresh(self, session: Session) -> bool:
        """Has this person proved just now who they are, by what the issuer says in the token?"""
        principal = await self.guests.verifier.verify(session.tokens.access)
        return -LEEWAY_SECONDS <= time.time() - principal.authenticated_at <= FRESH.total_seconds()

    async def leave(self, session: Session, *, is_everywhere: bool) -> Response:
        """End the session here or all of this person, then at the issuer."""
        if is_everywhere:
            await self.sessions.end_everywhere(session)
        else:
            await self.sessions.end(session)
        try:
            address = await self.issuer.way_out(session.tokens)
        except Unavailable:
            address = None
        return RedirectResponse(address or "/", 303, NO_STORE)


def sign_in_router(entrance: Entrance) -> APIRouter:
    """The doors of the sign-in."""
    router = APIRouter(include_in_schema=False)
    public_url = entrance.guests.settings.public_url or ""

    @router.get("/sign-in")
    async def sign_in(request: Request, return_to: str = HOME, anew: bool = False, who: Username = "") -> Response:
        path = own_path(return_to)
        if request.headers.get("sec-fetch-dest", "document") != "document":
            # A picture, a frame or a script of some page: nobody asked to be signed in.
            raise Forbidden("sign-in.by-hand")
        if not is_own_wish(request):
            return RedirectResponse("/", 303, NO_STORE)
        if request.url.netloc != public_url.partition("://")[2]:
            # The cookie must belong to the host to which the issuer sends back.
            return RedirectResponse(f"{public_url}{way_to_sign_in(path, is_anew=anew)}", 303, NO_STORE)
        if guest_of(request) is not None and not anew:
            return RedirectResponse(path, 303, NO_STORE)
        return await entrance.begin(request, path, is_anew=anew, who=who)

    @router.get(CALLBACK)
    async def take_answer(request: Request) -> Response:
        return await entrance.take_answer(request)

    return router


def sign_out_router(entrance: Entrance) -> APIRouter:
    """The doors of the sign-out: for the person, and for the issuer."""
    router = APIRouter(include_in_schema=False)

    @router.post("/sign-out")
    async def sign_out(request: Request, everywhere: Annotated[bool, Form()] = False) -> Response:
        session = guest_of(request)
        if session is None:
            return RedirectResponse("/", 303, NO_STORE)
        response = await entrance.leave(session, is_everywhere=everywhere)
        entrance.cookies.take(response, entrance.cookies.session)
        return response

    @router.post("/me/visits/end")
    async def end_visit(request: Request, visit: Annotated[str, Form()] = "") -> Response:
        session = guest_of(request)
        if session is None or not await entrance.is_fresh(session):
            # A stolen session must not be able to drive its owner out.
            return RedirectResponse(way_to_sign_in("/me", is_anew=True), 303, NO_STORE)
        await entrance.sessions.end_visit(session, visit)
        return RedirectResponse("/me", 303, NO_STORE)

    @router.post("/auth/backchannel-logout")
    async def hear_logout(logout_token: Annotated[str, Form()] = "") -> Response:
        try:
            claims = await entrance.issuer.read_logout(logout_token)
        except NotAccepted:
            return JSONResponse({"error": "invalid_request"}, 400, NO_STORE)
        await entrance.sessions.hear_logout(claims)
        return Response(status_code=200, headers=NO_STORE)

    return router
