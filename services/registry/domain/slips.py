"""Slips: one-time codes for the first sign-in, and for those who have lost theirs.

A code is fifteen signs of an alphabet without look-alikes, 74 bits of chance; only its hash is kept. All times are
real ones: a slip is a credential, and no demonstration's clock makes it older or younger.
"""

import hashlib
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.registry.domain.people import OBSERVER, TEACHER

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
LENGTH, GROUP = 15, 5
LASTS = timedelta(days=14)
# Wrong codes that are borne within an hour, for one beginning of a code and for one address.
WRONG_CODES, WRONG_FROM_ADDRESS = 10, 100
OPEN, USED, EXPIRED, REVOKED = "OPEN", "USED", "EXPIRED", "REVOKED"
NO_SLIP, HAS_SLIP, HAS_PASSWORD = "NO_SLIP", "HAS_SLIP", "HAS_PASSWORD"
NOT_YOURS, NO_ACCOUNT = "NOT_YOURS", "NO_ACCOUNT"

# Capital letters of the Russian keyboard that look like Latin ones: who types by sight means the same sign.
_LOOK_ALIKE = {
    0x410: "A",
    0x412: "B",
    0x415: "E",
    0x41A: "K",
    0x41C: "M",
    0x41D: "H",
    0x420: "P",
    0x421: "C",
    0x422: "T",
    0x423: "Y",
    0x425: "X",
}


def new_code(draw: Callable[[int], int]) -> str:
    """A code; `draw(n)` gives a number below n that nobody can guess."""
    return "".join(ALPHABET[draw(len(ALPHABET))] for _ in range(LENGTH))


def shown(code: str) -> str:
    """The code as it is printed: `ABCDE-FGHJK-MNPQR`."""
    return "-".join(code[place : place + GROUP] for place in range(0, LENGTH, GROUP))


def read(typed: str) -> str | None:
    """The code that somebody typed, whatever the case, the separators and the keyboard; none for what is no code."""
    signs = [sign for sign in typed.upper().translate(_LOOK_ALIKE) if sign.isalnum()]
    code = "".join(signs)
    return code if len(code) == LENGTH and set(code) <= set(ALPHABET) else None


def beginning(code: str) -> str:
    """The first group, under which wrong attempts are counted."""
    return code[:GROUP]


def digest(code: str) -> bytes:
    """What is kept of a code. So much chance needs no slow hash, and a slip lasts two weeks."""
    return hashlib.sha256(b"neo slip " + code.encode()).digest()


def counted_under(kind: str, what: str, hour: datetime) -> str:
    """The name under which wrong attempts of an hour are counted; it tells neither code nor address."""
    return hashlib.sha256(f"neo slip {kind} {hour:%Y-%m-%dT%H} {what}".encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Times:
    """The moments of a slip, in real time."""

    expires_at: datetime
    used_at: datetime | None
    revoked_at: datetime | None

    def state(self, now: datetime) -> str:
        """How the slip stands; `now` is real time."""
        if self.used_at is not None:
            return USED
        if self.revoked_at is not None:
            return REVOKED
        return OPEN if now < self.expires_at else EXPIRED


def standing_of(newest: Times | None, now: datetime) -> str:
    """How far somebody who has not come in has got, by the newest slip; `now` is real time."""
    state = newest.state(now) if newest else EXPIRED
    return {OPEN: HAS_SLIP, USED: HAS_PASSWORD}.get(state, NO_SLIP)


def may_issue(groups: Collection[str], school: str, giveable: Collection[str]) -> bool:
    """May somebody who gives these roles at a school print a slip for a holder of these groups of the realm?

    Whoever holds a slip can become its person. Therefore a curator prints none for a head, none for another curator,
    and none for a teacher who holds an office elsewhere.
    """
    harmless = (TEACHER, OBSERVER)
    own = {f"/schools/{school}/{role}" for role in giveable}
    return all(group in own or group.rpartition("/")[2] in harmless for group in groups)


def schools_in(groups: Collection[str]) -> set[str]:
    """The places behind groups of the realm, as far as they are schools or districts."""
    parts = [group.strip("/").split("/") for group in groups]
    return {part[1] for part in parts if len(part) == 3 and part[0] in ("schools", "districts")}
