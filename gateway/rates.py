"""How often a caller may call: a count per minute, kept here and shared with the other gateways.

Each gateway decides in memory, so that a request costs no query; about once a second it adds what it counted to the
shared counters and learns what all of them counted. A caller who is far from a limit costs no write at all.
"""

import ipaddress
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from chassis.database import Database
from gateway import store
from gateway.secret import hash_of

MINUTE = 60
# Below this part of a quota a count stays where it was made.
SHARED_FROM = 0.1
MOST_CALLERS = 50_000
# In a request's scope, until its answer has told the caller of the count: a function that gives the headers.
UNTOLD = "neo.rates.untold"


@dataclass(frozen=True, slots=True)
class Policy:
    """So many requests in so many seconds."""

    name: str
    quota: int
    seconds: int = MINUTE

    @property
    def written(self) -> str:
        """As the `RateLimit-Policy` header says it."""
        return f'"{self.name}";q={self.quota};w={self.seconds}'


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is left to a caller, and in how many seconds the count begins anew."""

    policy: Policy
    left: int
    seconds: int
    is_over: bool = False

    @property
    def headers(self) -> list[tuple[bytes, bytes]]:
        """The standard headers (draft-ietf-httpapi-ratelimit-headers-11), with Retry-After for a refusal (RFC 9110).

        Structured fields (RFC 9651): lists with one item, the name as a string, the figures as integers. Retry-After is
        no earlier than the end of the window.
        """
        left = f'"{self.policy.name}";r={self.left};t={self.seconds}'
        said = [(b"ratelimit-policy", self.policy.written.encode()), (b"ratelimit", left.encode())]
        return [*said, (b"retry-after", str(self.seconds).encode())] if self.is_over else said


@dataclass(slots=True)
class _Count:
    """A caller's count: the window it belongs to, what all gateways know of it, and what only this one knows."""

    policy: Policy
    window: int
    together: int = 0
    here: int = 0


class Rates:
    """The counts of all callers; a window begins at the full minute everywhere."""

    def __init__(self) -> None:
        self.counts: dict[tuple[str, str], _Count] = {}

    def spend(self, policy: Policy, who: str, *, now: float) -> Verdict:
        """Count one request; one that is refused is not counted."""
        window = int(now) // policy.seconds * policy.seconds
        count = self.counts.get((policy.name, who))
        if count is None or count.window != window:
            if count is None and len(self.counts) >= MOST_CALLERS:
                self.drop_old(now=now)
            count = self.counts[(policy.name, who)] = _Count(policy, window)
        seconds = max(1, math.ceil(window + policy.seconds - now))
        spent = count.together + count.here
        if spent >= policy.quota:
            return Verdict(policy, 0, seconds, is_over=True)
        count.here += 1
        return Verdict(policy, policy.quota - spent - 1, seconds)

    def drop_old(self, *, now: float) -> None:
        """Forget windows that are over; when all are of this minute, forget everything rather than grow."""
        self.counts = {key: one for key, one in self.counts.items() if one.window + one.policy.seconds > now}
        if len(self.counts) >= MOST_CALLERS:
            self.counts.clear()

    async def share(self, db: Database, *, now: float) -> None:
        """Add what was counted here to the shared counters, and learn what the other gateways counted."""
        self.drop_old(now=now)
        news = [(key, one, one.here) for key, one in self.counts.items() if _is_worth_sharing(one)]
        if not news:
            return
        known = {hash_of(" ".join(key)): (one, sent) for key, one, sent in news}
        async with db.transaction() as tx:
            told = await store.count_together(tx, _as_rows(known))
        for row in told:
            count, sent = known[row.caller]
            count.here -= sent
            count.together = row.spent


def _is_worth_sharing(count: _Count) -> bool:
    return count.here > 0 and count.together + count.here >= count.policy.quota * SHARED_FROM


def _as_rows(known: dict[bytes, tuple[_Count, int]]) -> Sequence[store.Spent]:
    return [
        store.Spent(caller, datetime.fromtimestamp(count.window, UTC), sent) for caller, (count, sent) in known.items()
    ]


async def sweep(db: Database) -> None:
    """Delete shared counters of windows that are over."""
    async with db.transaction() as tx:
        await store.sweep_rates(tx, longest=timedelta(seconds=2 * MINUTE))


def network_of(address: str) -> str:
    """Whom an address stands for: itself, or in IPv6 the network that one household is given."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    return str(ipaddress.ip_network(f"{found}/64", strict=False)) if found.version == 6 else address
