"""A form with a file as it goes on to the API, and what somebody decided of unclear rows."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from secrets import token_hex

from starlette.datastructures import UploadFile
from starlette.requests import Request

MOST_BYTES = 24 * 1024 * 1024
SOMEBODY_NEW = "new"
_DECISION = re.compile(r"row-(\d{1,6})")
_UNFIT = re.compile(r'[\r\n"\\]')


@dataclass(frozen=True, slots=True)
class Sent:
    """What came with the form: the file, whose id it is to have, and of which rows it is decided who they are."""

    import_id: str
    filename: str
    content: bytes
    decisions: Mapping[int, str | None]


async def sent_with(request: Request) -> Sent | None:
    """The form of a request; None where no file was chosen."""
    async with request.form(max_files=1, max_fields=2000) as form:
        file = form.get("file")
        if not isinstance(file, UploadFile) or not file.filename:
            return None
        content = await file.read(MOST_BYTES + 1)
        return Sent(str(form.get("import_id", "")), file.filename, content, decisions_in(dict(form)))


def decisions_in(form: Mapping[str, object]) -> dict[int, str | None]:
    """Who the rows tell of, by row: a known person's id, or None for somebody new; rows left open are left out."""
    told = {int(found[1]): str(value) for name, value in form.items() if (found := _DECISION.fullmatch(name)) and value}
    return {row: None if value == SOMEBODY_NEW else value for row, value in told.items()}


def multipart(sent: Sent) -> tuple[bytes, str]:
    """The body of the API's upload, and its content type."""
    boundary = token_hex(16)
    decisions = json.dumps([{"row": row, "person_id": who} for row, who in sent.decisions.items()])
    name = _UNFIT.sub("_", sent.filename)
    lines = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="decisions"\r\n\r\n{decisions}\r\n',
        f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
        "Content-Type: application/octet-stream\r\n\r\n",
    ]
    return "".join(lines).encode() + sent.content + f"\r\n--{boundary}--\r\n".encode(), (
        f"multipart/form-data; boundary={boundary}"
    )
