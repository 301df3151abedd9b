"""Refusals: the ways in which a rule of the domain says no.

A refusal carries a stable slug (also the key of its text in `texts/*.po`), the name of the offending
field where there is one, and facts for the answer. It never carries personal data.
"""

from typing import ClassVar

Fact = str | int | float | bool | None | list[str] | list[int] | list[dict[str, str]]


class Refusal(Exception):
    """A rule says no; the edge turns it into an RFC 9457 problem in the caller's language."""

    status: ClassVar[int] = 400

    def __init__(self, slug: str, *, field: str | None = None, **facts: Fact) -> None:
        super().__init__(slug)
        self.slug = slug
        self.field = field
        self.facts = facts


class Invalid(Refusal):
    """What was sent cannot be understood or breaks a stated limit."""

    status = 422


class Missing(Refusal):
    """There is no such thing, or it is not the caller's to see."""

    status = 404


class Forbidden(Refusal):
    """The caller's role does not allow it."""

    status = 403


class Unauthenticated(Refusal):
    """No token, or a token that does not verify."""

    status = 401


class Conflict(Refusal):
    """The state does not allow it now; `legal` names the steps that it does allow."""

    status = 409


class MovedOn(Refusal):
    """The caller saw an earlier state of a thing that has changed since."""

    status = 412


class TooLarge(Refusal):
    """What was sent is larger than the door takes."""

    status = 413


class TooMany(Refusal):
    """The caller has tried too often; later the same call may be repeated."""

    status = 429


class Unavailable(Refusal):
    """Something underneath does not answer; the same call may be repeated."""

    status = 503
