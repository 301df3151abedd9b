"""Style, script and icon of the pages: read once, served under an address that changes with their content."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files

from fastapi import APIRouter, Response

from chassis.refusals import Missing

MEDIA_TYPES = {
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
}
FOREVER = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class Asset:
    """One file with the mark of its content."""

    content: bytes
    media_type: str
    mark: str


@dataclass(frozen=True, slots=True)
class Assets:
    """All files of `static/` by name."""

    by_name: Mapping[str, Asset]

    @classmethod
    def load(cls) -> "Assets":
        """Read them from the package."""
        found = {}
        for source in files(__package__).joinpath("static").iterdir():
            media_type = MEDIA_TYPES.get(source.name.rpartition(".")[2])
            if media_type is not None:
                content = source.read_bytes()
                found[source.name] = Asset(content, media_type, hashlib.sha256(content).hexdigest()[:12])
        return cls(found)

    def address(self, name: str) -> str:
        """Where a page finds the file."""
        return f"/assets/{self.by_name[name].mark}/{name}"


def assets_router(assets: Assets) -> APIRouter:
    """The door to the files; an address with another mark is answered too, but not kept."""
    router = APIRouter(include_in_schema=False)

    @router.api_route("/assets/{mark}/{name}", methods=["GET", "HEAD"])
    async def get_asset(mark: str, name: str) -> Response:
        asset = assets.by_name.get(name)
        if asset is None:
            raise Missing("http.not-found")
        keep = FOREVER if mark == asset.mark else "no-cache"
        return Response(asset.content, media_type=asset.media_type, headers={"Cache-Control": keep})

    return router
