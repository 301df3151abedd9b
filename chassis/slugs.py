"""Which refusals a package knows, read from its own code: every slug that it raises, and the status of its kind."""

import re
from functools import cache
from importlib.resources import files
from pathlib import Path

from chassis import refusals

_RAISED = re.compile(r'\b([A-Z]\w+)\(\s*"([a-z0-9-]+(?:\.[a-z0-9-]+)+)"')
_KIND = re.compile(r'^class (\w+)\(Refusal\):\n(?:    """.*?"""\n)?\s*status = (\d{3})$', re.MULTILINE | re.DOTALL)
_KINDS = {
    name: kind.status
    for name, kind in vars(refusals).items()
    if isinstance(kind, type) and issubclass(kind, refusals.Refusal)
}
# Said by the chassis without a refusal; any door may answer them.
_SAID = {
    "http.not-found": 404,
    "http.method-not-allowed": 405,
    "http.too-large": 413,
    "http.media-type": 415,
    "http.unavailable": 503,
    "http.too-slow": 504,
    "http.surprise": 500,
    "request.invalid": 422,
    "request.missing": 422,
    "request.wrong-kind": 422,
    "request.not-accepted": 422,
    "request.unreadable": 422,
    "request.unkeepable": 422,
}
# No door tells these of itself: they come of the token, of what was sent, or of a failure.
AT_ANY_DOOR = frozenset(
    {
        "identity.bad-token",
        "identity.keys-unknown",
        "identity.no-token",
        "identity.person-only",
        "identity.role-needed",
        *_SAID,
    }
)


@cache
def slugs_of(package: str) -> dict[str, int]:
    """Status by slug, in the order of the slugs."""
    sources = [path.read_text("utf-8") for path in sorted(Path(str(files(package))).rglob("*.py"))]
    own = {name: int(status) for source in sources for name, status in _KIND.findall(source)}
    kinds = {**_KINDS, **own}
    # File by file: while an expression looks through a text, no other thread can work.
    found = {slug: kinds[kind] for source in sources for kind, slug in _RAISED.findall(source) if kind in kinds}
    return dict(sorted({**(_SAID if package == "chassis" else {}), **found}.items()))
