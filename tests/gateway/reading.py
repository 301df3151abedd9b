"""A client that reads pages as people do: for the eye, a space that does not break is a space."""

from typing import Any

import httpx

_SETTINGS = (("\u00a0".encode(), b" "), ("\u2011".encode(), b"-"))
_PACKED = ("content-encoding", "content-length")


class Reading(httpx.AsyncClient):
    """What the typesetter did to a page (gateway/portal/typeset.py) is taken back; everything else comes as it came."""

    async def send(self, request: httpx.Request, **wishes: Any) -> httpx.Response:
        """The answer with plain spaces and hyphens, if it is a page."""
        answer = await super().send(request, **wishes)
        if not answer.headers.get("content-type", "").startswith("text/html"):
            return answer
        words = await answer.aread()
        for mark, plain in _SETTINGS:
            words = words.replace(mark, plain)
        kept = [(name, value) for name, value in answer.headers.multi_items() if name not in _PACKED]
        return httpx.Response(
            answer.status_code, headers=kept, content=words, request=answer.request, history=answer.history
        )
