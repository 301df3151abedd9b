"""Sessions of browsers: what a cookie stands for, its tokens renewed by one request while the others wait.

A session that was found is believed for a few seconds: a request then costs no query, and a session that ended
elsewhere is honoured by every gateway within that time. That beats LISTEN/NOTIFY, which would need a connection of
its own and this very limit for the moments when it is lost; the access token itself lives a hundred times longer.
"""

import asyncio
import json
import time
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from chassis.database import Database
from chassis.refusals import Unavailable
from gateway import store
from gateway.issuer import Issuer, IssuerAway, NotAccepted, Tokens
from gateway.secret import LENGTH, Secret, hash_of
from gateway.watch import End, Watch

# As the realm: an idle session ends after an hour, any session after ten.
IDLE, LONGEST = timedelta(hours=1), timedelta(hours=10)
BELIEVED_SECONDS = 3.0
MOST_BELIEVED = 10_000
SEEN_SECONDS = 60.0
# A token that ends this soon is renewed first; a renewal that takes longer than it was lent for is another's to try.
MARGIN_SECONDS = 30.0
LENT = timedelta(seconds=15)
LOOK_SECONDS, PATIENCE_SECONDS = 0.1, 15.0
MARK_LETTERS = 32


@dataclass(frozen=True, slots=True)
class Session:
    """A running session as this gateway knows it."""

    secret: Secret = field(repr=False)
    kept: store.Kept = field(repr=False)
    tokens: Tokens = field(repr=False)
    username: str

    @property
    def person_id(self) -> UUID | None:
        """Whose session it is, as the registry knows that person."""
        return self.kept.person_id

    @property
    def known_as(self) -> str:
        """Whose session it is for a log: an opaque id."""
        return str(self.kept.person_id or self.kept.subject)

    def form_token(self) -> str:
        """What this session's forms carry."""
        return self.secret.form_token(self.kept.csrf)

    def signed_form(self, token: str) -> bool:
        """Is it one of this session's forms?"""
        return self.secret.signed_form(token, self.kept.csrf)


@dataclass(frozen=True, slots=True)
class Arrival:
    """Somebody who has just signed in; `person_id` comes from the access token, the rest from the identity token."""

    tokens: Tokens
    person_id: UUID | None
    claims: Mapping[str, Any]

    @property
    def subject(self) -> str:
        """Who it is at the issuer."""
        return str(self.claims["sub"])

    @property
    def known_as(self) -> str:
        """Who it is for a log: an opaque id."""
        return str(self.person_id or self.subject)

    @property
    def proof(self) -> str:
        """How the issuer values the proof of who it is (`acr`), and by what it was given (`amr`), where it says so."""
        said = (self.claims.get("acr"), *(self.claims.get("amr") or ()))
        return " ".join(str(one) for one in said if one)

    @property
    def sign_on_id(self) -> str | None:
        """The issuer's own session."""
        sid = self.claims.get("sid")
        return sid if isinstance(sid, str) else None

    @property
    def signed_in_at(self) -> datetime:
        """When the person last proved who they are."""
        return datetime.fromtimestamp(float(self.claims["auth_time"]), UTC)


class Sessions:
    """All sessions of the house, with those that this gateway has just met at hand."""

    def __init__(self, db: Database, issuer: Issuer) -> None:
        self.db = db
        self.issuer = issuer
        self.watch = Watch()
        self.believed: OrderedDict[bytes, tuple[float, Session]] = OrderedDict()
        self.renewing: dict[bytes, asyncio.Task[Session | None]] = {}

    async def find(self, secret: Secret) -> Session | None:
        """The session behind a cookie, its tokens good for the next call; nothing when it has ended."""
        session = self._at_hand(secret) or await self._look_up(secret)
        if session is None or not self._is_due(session):
            return session
        task = self.renewing.get(secret.hashed)
        if task is None:
            task = self.renewing[secret.hashed] = asyncio.create_task(self._renew(session))
            task.add_done_callback(lambda _: self.renewing.pop(secret.hashed, None))
        # A caller who hangs up must not take the renewal away from those who wait for it.
        return await asyncio.shield(task)

    async def begin(self, arrival: Arrival, *, former: Secret | None) -> Session | None:
        """A new session under a new secret, the former one ended; nothing when it was revoked before it began."""
        secret = Secret.new()
        async with self.db.transaction() as tx:
            if await self._is_revoked(tx, arrival):
                return None
            rotated_from = former.hashed if former and await store.end_session(tx, former.hashed) else None
            kept = _kept(secret, arrival, now=tx.now, rotated_from=rotated_from)
            await store.add_session(tx, kept)
        if former is not None:
            self.forget(former.hashed)
        if rotated_from is not None:
            self.watch.went(End.ROTATED)
        return _session(secret, kept)

    async def end(self, session: Session, reason: End = End.SIGNED_OUT) -> None:
        """End this one session."""
        async with self.db.transaction() as tx:
            has_ended = await store.end_session(tx, session.kept.session_id)
        self.forget(session.kept.session_id)
        self.watch.went(reason, who=session.known_as, count=int(has_ended))

    async def end_visit(self, session: Session, mark: str) -> bool:
        """End another session of the same person, named by its mark; false when there is none such."""
        async with self.db.transaction() as tx:
            visits = await store.visits_of(tx, session.kept.subject, idle=IDLE)
            meant = [one.session_id for one in visits if mark_of(one.session_id) == mark]
            ended = [one for one in meant if await store.end_session(tx, one)]
        for one in ended:
            self.forget(one)
        self.watch.went(End.ONE_BY_ONE, who=session.known_as, count=len(ended))
        return bool(ended)

    async def end_everywhere(self, session: Session) -> None:
        """End every session of this person; whoever comes back must prove anew who they are."""
        async with self.db.transaction() as tx:
            count = await store.end_sessions_of_sign_on(tx, sign_on_id=None, subject=session.kept.subject)
            await store.revoke(tx, _subject(session.kept.subject), at=tx.now, lives=LONGEST)
        self.believed.clear()
        self.watch.went(End.EVERYWHERE, who=session.known_as, count=count)

    async def hear_logout(self, claims: Mapping[str, Any]) -> None:
        """The issuer says that one of its sessions, or everything of a subject, has ended; the same token once only."""
        sid, subject = claims.get("sid"), str(claims.get("sub"))
        async with self.db.transaction() as tx:
            # Valid for as long as the token is, and a clock's difference.
            if not await store.revoke(tx, hash_of(f"jti {claims['jti']}"), at=_heard_at(claims), lives=LONGEST):
                return
            if isinstance(sid, str):
                count = await store.end_sessions_of_sign_on(tx, sign_on_id=sid, subject=None)
                await store.revoke(tx, _sign_on(sid), at=tx.now, lives=LONGEST)
            else:
                count = await store.end_sessions_of_sign_on(tx, sign_on_id=None, subject=subject)
                await store.revoke(tx, _subject(subject), at=_heard_at(claims), lives=LONGEST)
        self.believed.clear()
        self.watch.went(End.ISSUER, count=count)

    async def visits(self, session: Session) -> list[store.Visit]:
        """Where else the same person is signed in."""
        async with self.db.transaction() as tx:
            return await store.visits_of(tx, session.kept.subject, idle=IDLE)

    async def sweep(self) -> None:
        """Delete what has run out."""
        async with self.db.transaction() as tx:
            count = await store.sweep_sessions(tx, idle=IDLE)
            await store.sweep_sign_ins(tx)
        self.watch.went(End.EXPIRED, count=count)

    def forget(self, session_id: bytes) -> None:
        """Believe nothing of a session any more."""
        self.believed.pop(session_id, None)

    async def _is_revoked(self, tx: Any, arrival: Arrival) -> bool:
        if arrival.sign_on_id and await store.revoked_at(tx, _sign_on(arrival.sign_on_id)):
            return True
        since = await store.revoked_at(tx, _subject(arrival.subject))
        return since is not None and arrival.signed_in_at < since.replace(microsecond=0)

    def _at_hand(self, secret: Secret) -> Session | None:
        found = self.believed.get(secret.hashed)
        if found is None or time.monotonic() >= found[0]:
            return None
        return found[1]

    async def _look_up(self, secret: Secret) -> Session | None:
        async with self.db.transaction() as tx:
            kept = await store.find_session(tx, secret.hashed, idle=IDLE)
            if kept is not None and (tx.now - kept.last_seen_at).total_seconds() >= SEEN_SECONDS:
                await store.see_session(tx, kept.session_id)
        session = _session(secret, kept) if kept else None
        if session is None:
            self.forget(secret.hashed)
            return None
        return self._believe(session)

    def _believe(self, session: Session) -> Session:
        self.believed[session.kept.session_id] = (time.monotonic() + BELIEVED_SECONDS, session)
        self.believed.move_to_end(session.kept.session_id)
        if len(self.believed) > MOST_BELIEVED:
            self.believed.popitem(last=False)
        return session

    def _is_due(self, session: Session) -> bool:
        return session.kept.is_stale or session.tokens.until - time.time() < MARGIN_SECONDS

    async def _renew(self, session: Session) -> Session | None:
        """One gateway renews; the others see the new revision as soon as it is written."""
        waits_until = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < waits_until:
            known = session.kept
            async with self.db.transaction() as tx:
                is_ours = await store.lend_renewal(tx, known.session_id, revision=known.revision, lent=LENT)
            if is_ours:
                return await self._renew_alone(session)
            await asyncio.sleep(LOOK_SECONDS)
            found = await self._look_up(session.secret)
            if found is None or found.kept.revision != known.revision:
                return found
        raise IssuerAway

    async def _renew_alone(self, session: Session) -> Session | None:
        known = session.kept
        try:
            tokens = await self.issuer.renew(session.tokens)
        except NotAccepted:
            await self.end(session, End.NOT_RENEWED)
            return None
        except Unavailable:
            async with self.db.transaction() as tx:
                await store.release_renewal(tx, known.session_id)
            if session.tokens.until > time.time():
                # The token in hand is still good; a right that was taken away ends with it.
                return session
            raise
        renewal = store.Renewal(
            known.session_id, _sealed(session.secret, tokens, session.username), _moment(tokens.until), known.revision
        )
        async with self.db.transaction() as tx:
            await store.renew_session(tx, renewal)
        return await self._look_up(session.secret)


def mark_of(session_id: bytes) -> str:
    """How a page names a session, so that it can be ended there; the page learns no key of the database."""
    return hash_of(f"visit {session_id.hex()}").hex()[:MARK_LETTERS]


def _session(secret: Secret, kept: store.Kept) -> Session | None:
    content = secret.unseal(kept.sealed)
    if content is None:
        return None
    said = json.loads(content)
    return Session(secret, kept, Tokens(**said["tokens"]), said["username"])


def _kept(secret: Secret, arrival: Arrival, *, now: datetime, rotated_from: bytes | None) -> store.Kept:
    username = str(arrival.claims.get("preferred_username") or "")
    return store.Kept(
        session_id=secret.hashed,
        person_id=arrival.person_id,
        subject=arrival.subject,
        sign_on_id=arrival.sign_on_id,
        sealed=_sealed(secret, arrival.tokens, username),
        csrf=Secret.new().raw[:LENGTH],
        token_until=_moment(arrival.tokens.until),
        is_stale=False,
        created_at=now,
        last_seen_at=now,
        ends_at=now + LONGEST,
        revision=1,
        rotated_from=rotated_from,
    )


def _sealed(secret: Secret, tokens: Tokens, username: str) -> bytes:
    return secret.seal(json.dumps({"tokens": asdict(tokens), "username": username}).encode())


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _heard_at(claims: Mapping[str, Any]) -> datetime:
    return _moment(float(claims["iat"]))


def _sign_on(sid: str) -> bytes:
    return hash_of(f"sid {sid}")


def _subject(subject: str) -> bytes:
    return hash_of(f"sub {subject}")
