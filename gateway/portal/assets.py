"""Style, script and icon of the pages: read once, served under an address that changes with their content."""

import gzip
import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from fastapi import APIRouter, Request, Response

from chassis.refusals import Missing
from gateway.portal.rooms import shelf

MEDIA_TYPES = {
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
    "woff2": "font/woff2",
}
# A font is compressed already.
COMPRESSED = frozenset({"css", "js", "svg"})
# All style sheets as one: a page that comes in by script keeps the head that is there. The general ones first.
SHEETS = "pages.css"
_FIRST = ("tokens.css", "portal.css", "welcome.css", "slips.css", "parts.css")
# A style sheet names a font as it stands beside it; its address carries the mark of its content.
_BESIDE = re.compile(rb'url\("([a-z0-9.-]+)"\)')
# What style sheets and scripts tell their writers is no business of a browser, and a page has a limit of weight.
_REMARK = re.compile(rb"/\*.*?\*/\s*", re.DOTALL)
# A whole line of a script of our own; what libraries tell about themselves and their licences stays.
_REMARK_LINE = re.compile(rb"^[ \t]*//.*\n", re.MULTILINE)
FOREVER = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class Asset:
    """One file with the mark of its content; `packed` is the same, compressed once and for all."""

    content: bytes
    packed: bytes | None
    media_type: str
    mark: str


@dataclass(frozen=True, slots=True)
class Assets:
    """All files of `static/`, of the portal and of its rooms, by name."""

    by_name: Mapping[str, Asset]

    @classmethod
    def load(cls) -> "Assets":
        """Read them from the package; fonts before the style sheets that name them."""
        read = {
            source.name: source.read_bytes() for _, source in shelf("static") if _ending(source.name) in MEDIA_TYPES
        }
        read[SHEETS] = b"\n".join(read[name] for name in _sheets(read))
        found: dict[str, Asset] = {}
        for name in sorted(read, key=lambda name: (_ending(name) == "css", name)):
            found[name] = _asset(name, read[name], found)
        return cls(found)

    def address(self, name: str) -> str:
        """Where a page finds the file."""
        return f"/assets/{self.by_name[name].mark}/{name}"


def _sheets(names: Iterable[str]) -> list[str]:
    return [*_FIRST, *sorted(name for name in names if _ending(name) == "css" and name not in _FIRST)]


def _ending(name: str) -> str:
    return name.rpartition(".")[2]


def _asset(name: str, content: bytes, known: Mapping[str, Asset]) -> Asset:
    def beside(found: re.Match[bytes]) -> bytes:
        other = found[1].decode()
        return f'url("/assets/{known[other].mark}/{other}")'.encode()

    if _ending(name) == "css":
        content = _BESIDE.sub(beside, _REMARK.sub(b"", content))
    elif name.endswith(".js") and not name.endswith(".min.js"):
        content = _REMARK_LINE.sub(b"", content)
    packed = _packed(content) if _ending(name) in COMPRESSED else None
    return Asset(content, packed, MEDIA_TYPES[_ending(name)], hashlib.sha256(content).hexdigest()[:12])


@cache
def _packed(content: bytes) -> bytes:
    """The hardest packing takes long, and several gateways of a process have the same files."""
    return gzip.compress(content, 9, mtime=0)


def takes_packed(request: Request) -> bool:
    """Does whoever asks understand gzip?"""
    return "gzip" in request.headers.get("accept-encoding", "")


def assets_router(assets: Assets) -> APIRouter:
    """The door to the files; an address with another mark is answered too, but not kept."""
    router = APIRouter(include_in_schema=False)

    @router.api_route("/assets/{mark}/{name}", methods=["GET", "HEAD"])
    async def get_asset(request: Request, mark: str, name: str) -> Response:
        asset = assets.by_name.get(name)
        if asset is None:
            raise Missing("http.not-found")
        headers = {"Cache-Control": FOREVER if mark == asset.mark else "no-cache", "Vary": "Accept-Encoding"}
        if asset.packed is None or not takes_packed(request):
            return Response(asset.content, media_type=asset.media_type, headers=headers)
        return Response(asset.packed, media_type=asset.media_type, headers={**headers, "Content-Encoding": "gzip"})

    return router
