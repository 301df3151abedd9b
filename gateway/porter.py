"""The porter: counts who comes, knows guests by their cookie, and lets a guest's token go on instead of the cookie.

Behind the porter a browser's request looks like any other: it carries a bearer token, and services and pages check
that token and its rights as they always do. The token itself never leaves the house.
"""

import time
from dataclasses import dataclass, field

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chassis.database import TROUBLE
from chassis.identity import Principal, Verifier
from chassis.refusals import Forbidden, Refusal, TooMany, Unavailable
from chassis.refused import notes_of
from gateway.cookies import Cookies, sets
from gateway.forms import SAFE_METHODS, Reader, is_from_here
from gateway.rates import UNTOLD, Policy, Rates, Verdict, network_of
from gateway.sessions import Session, Sessions
from gateway.settings import GatewaySettings

GUEST = "neo.guest"
PROBES = frozenset({"/livez", "/readyz", "/metrics"})
# What a guesser would try.
ENTRIES = frozenset(
    {
        ("GET", "/sign-in"),
        ("GET", "/sign-in/callback"),
        ("POST", "/welcome"),
        ("POST", "/api/registry/v1/slips:redeem"),
    }
)
IMPERSONAL = ("/assets/", "/live/events")


def guest_of(request: Request) -> Session | None:
    """The session of a browser that is signed in."""
    found = request.scope.get(GUEST)
    return found if isinstance(found, Session) else None


@dataclass(frozen=True, slots=True)
class Guests:
    """What the porter knows: the sessions, where browsers may sign in, and how often who may call."""

    settings: GatewaySettings
    verifier: Verifier
    sessions: Sessions | None = None
    rates: Rates = field(default_factory=Rates)

    @property
    def cookies(self) -> Cookies:
        """How cookies are named here."""
        return Cookies(is_encrypted=self.settings.is_encrypted)


@dataclass(slots=True)
class _Visit:
    """One request on its way in: what it may still spend, who it is, and whether its cookie is worth nothing."""

    verdict: Verdict
    session: Session | None = None
    is_cookie_dead: bool = False


class Porter:
    """Stands before everything but the probes."""

    def __init__(self, app: ASGIApp, guests: Guests) -> None:
        self.app = app
        self.guests = guests
        self.cookies = guests.cookies
        limits = guests.settings.limits
        self.of_address = Policy("address", limits.address)
        self.of_entry = Policy("entry", limits.entry)
        self.of_person = Policy("person", limits.person)
        self.of_program = Policy("program", limits.program)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or scope["path"] in PROBES:
            await self.app(scope, receive, send)
            return
        request = Request(scope)
        visit = _Visit(self._count_address(request))
        reader = Reader(receive)
        # An answer that is given outside of here, to an error or for want of time, tells the count too.
        scope[UNTOLD] = lambda: visit.verdict.headers

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                scope.pop(UNTOLD, None)
                self._sign(message, visit)
            await send(message)

        try:
            await self._admit(request, visit, reader)
        except Refusal as refusal:
            notes_of(scope).slug = refusal.slug
            response: Response = await request.app.exception_handlers[Refusal](request, refusal)
            await response(scope, receive, answer)
            return
        if visit.session is not None:
            # In the scope itself: what stands outside learns the route from it.
            scope["headers"] = [*scope["headers"], (b"authorization", f"Bearer {visit.session.tokens.access}".encode())]
        await self.app(scope, reader.go_on, answer)

    def _count_address(self, request: Request) -> Verdict:
        who, now = network_of(request.client.host if request.client else "-"), time.time()
        verdict = self.guests.rates.spend(self.of_address, who, now=now)
        if not verdict.is_over and (request.method, request.url.path) in ENTRIES:
            return self.guests.rates.spend(self.of_entry, who, now=now)
        return verdict

    async def _admit(self, request: Request, visit: _Visit, reader: Reader) -> None:
        """Raises a refusal when the request may not come in; otherwise the visit knows who it is."""
        self._check(visit)
        if "authorization" in request.headers:
            await self._count_bearer(request, visit)
        else:
            await self._recognise(request, visit)
        self._check(visit)
        if visit.session is not None and request.method not in SAFE_METHODS:
            await self._check_form(request, visit.session, reader)

    def _check(self, visit: _Visit) -> None:
        if visit.verdict.is_over:
            refusal = TooMany("rate.too-many", seconds=visit.verdict.seconds)
            # A name of the standard's own (draft-ietf-httpapi-ratelimit-headers-11, 5.1).
            refusal.facts["violated-policies"] = [visit.verdict.policy.name]
            raise refusal

    async def _count_bearer(self, request: Request, visit: _Visit) -> None:
        _, _, token = request.headers["authorization"].partition(" ")
        try:
            principal = await self.guests.verifier.verify(token.strip())
        except Refusal:
            # Whoever answers it says what is wrong with the token; until then its address was counted.
            return
        notes_of(request.scope).caller = principal.known_as
        self._count_principal(principal, visit)

    def _count_principal(self, principal: Principal, visit: _Visit) -> None:
        if principal.person_id is not None:
            self._count(self.of_person, str(principal.person_id), visit)
        else:
            self._count(self.of_program, principal.client, visit)

    def _count(self, policy: Policy, who: str, visit: _Visit) -> None:
        visit.verdict = self.guests.rates.spend(policy, who, now=time.time())

    async def _recognise(self, request: Request, visit: _Visit) -> None:
        if self.guests.sessions is None or request.url.path.startswith(IMPERSONAL):
            return
        name = self.cookies.session
        if name not in request.cookies:
            return
        secret = self.cookies.read(request, name)
        try:
            visit.session = await self.guests.sessions.find(secret) if secret else None
        except TROUBLE as error:
            raise Unavailable("http.unavailable") from error
        visit.is_cookie_dead = visit.session is None
        if visit.session is not None:
            # A page that refuses still says who is signed in.
            request.scope[GUEST] = visit.session
            notes_of(request.scope).caller = visit.session.known_as
            self._count(self.of_person, visit.session.known_as, visit)

    async def _check_form(self, request: Request, session: Session, reader: Reader) -> None:
        if not is_from_here(request, self.guests.settings.public_url or ""):
            raise Forbidden("form.from-elsewhere")
        if not session.signed_form(await reader.token(request)):
            raise Forbidden("form.not-signed")

    def _sign(self, message: Message, visit: _Visit) -> None:
        # On every answer, so it is done without looking at headers more often than needed.
        told = message.get("headers", ())
        if visit.verdict.is_over:
            # The refusal says it too.
            told = [pair for pair in told if pair[0] != b"retry-after"]
        raw = [*told, *visit.verdict.headers]
        if visit.session is not None and not any(key == b"cache-control" for key, _ in raw):
            raw.append((b"cache-control", b"no-store"))
        if visit.is_cookie_dead:
            name = self.cookies.session
            if not any(key == b"set-cookie" and sets(value, name) for key, value in raw):
                raw.append((b"set-cookie", self.cookies.taken(name)))
        message["headers"] = raw
