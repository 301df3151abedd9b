"""Which state of a run its reader saw: the version in what was sent, or the run's tag in `If-Match`."""

from collections.abc import Iterator
from contextlib import contextmanager

from chassis.etags import IF_MATCH, Change, tag_of, tags_in
from chassis.refusals import Conflict, MovedOn

CHANGED = "run.changed-meanwhile"
# No run ever has this version.
NONE = -1


@contextmanager
def as_seen(change: Change, version: int | None = None) -> Iterator[int | None]:
    """The version that the caller saw, for what is done with it here.

    Whoever was slower is refused as always, with what changed meanwhile: with 409 by the version, and with 412 by
    `If-Match`, as the standard says it.
    """
    try:
        yield version_seen(change.seen, version)
    except Conflict as late:
        now = late.facts.get("version")
        if change.seen is None or late.slug != CHANGED or not isinstance(now, int):
            raise
        raise MovedOn("state.moved-on", field=IF_MATCH, etag=tag_of(now), **late.facts) from late


def version_seen(seen: str | None, version: int | None = None) -> int | None:
    """The version of a run that a tag or a number names; none for whoever says neither."""
    if seen is None or seen.strip() == "*":
        return version
    # Versions only rise: of several that somebody saw the newest alone can hold now.
    tagged = max(_version_in(tag) for tag in tags_in(seen))
    return tagged if version in (None, tagged) else NONE


def _version_in(tag: str) -> int:
    number = tag[1:-1]
    is_tag = tag.startswith('"') and tag.endswith('"') and number.isascii() and number.isdecimal()
    return int(number) if is_tag and tag == tag_of(int(number)) else NONE
