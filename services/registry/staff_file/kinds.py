"""What a file is by its first bytes, whatever its name says; what is no table is refused with its own sentence."""

from typing import Final

from chassis.refusals import Invalid, TooLarge

# With what stands around it in a request it passes the gateway, which takes 25 MiB; a hundred thousand rows fit.
MOST_BYTES: Final = 24 * 1024 * 1024
ZIP: Final = b"PK\x03\x04"
# The container of .xls and .doc, and of an .xlsx that is locked with a password.
_OLE: Final = b"\xd0\xcf\x11\xe0"
_LOCKED: Final = "EncryptedPackage".encode("utf-16-le")
_TEXT_DOCUMENT: Final = "WordDocument".encode("utf-16-le")
_DOCUMENTS: Final = (b"%PDF", b"{\\rtf", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"II*\0", b"MM\0*")
_ARCHIVES: Final = (b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b", b"BZh", b"PK\x05\x06")
_UTF16: Final = (b"\xff\xfe", b"\xfe\xff")
_WORKBOOK_NAMES: Final = (".xlsx", ".xlsm", ".xls", ".xlsb", ".ods")


def refuse_size(size: int) -> None:
    """Refuse a file of so many bytes; to be asked before anything of it is read."""
    if size > MOST_BYTES:
        raise TooLarge("staff-file.too-large", field="file", megabytes=MOST_BYTES // 1024**2)


def refuse_other_kinds(content: bytes, filename: str) -> None:
    """Refuse what is neither a table of text nor a workbook of the new kind."""
    start = content[:1024].lstrip(b"\xef\xbb\xbf \r\n\t")
    if not content.strip():
        raise Invalid("staff-file.empty", field="file")
    if content.startswith(_OLE):
        _refuse_container(content)
    if start.startswith(_DOCUMENTS):
        raise Invalid("staff-file.document", field="file")
    if content.startswith(_ARCHIVES):
        raise Invalid("staff-file.archive", field="file")
    if start.startswith(b"<"):
        raise Invalid("staff-file.web-page", field="file")
    if not content.startswith(ZIP):
        _refuse_no_text(content, filename)


def _refuse_container(content: bytes) -> None:
    if _LOCKED in content:
        raise Invalid("staff-file.locked", field="file")
    if _TEXT_DOCUMENT in content:
        raise Invalid("staff-file.document", field="file")
    raise Invalid("staff-file.old-workbook", field="file")


def _refuse_no_text(content: bytes, filename: str) -> None:
    if filename.casefold().endswith(_WORKBOOK_NAMES):
        raise Invalid("staff-file.not-a-table", field="file")
    if b"\0" in content and not content.startswith(_UTF16):
        raise Invalid("staff-file.null-bytes", field="file")
