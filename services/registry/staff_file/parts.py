"""What is packed in a workbook, weighed before anything of it is unpacked."""

from io import BytesIO
from typing import Final
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from chassis.refusals import Invalid, TooLarge

MOST_UNPACKED: Final = 200 * 1024 * 1024
MOST_PARTS: Final = 1000
_ENTRY: Final = b"PK\x01\x02"
_IS_LOCKED: Final = 1


def open_parts(content: bytes) -> ZipFile:
    """The packed parts of a workbook whose parts are few, small, open and without a program.

    Raises TooLarge above the limits, Invalid for what is no workbook of the new kind, for a locked one, and for one
    with macros; BadZipFile for a broken one.
    """
    # Each entry of the list of contents begins with these bytes: a million of them would fill the memory.
    if content.count(_ENTRY) > MOST_PARTS:
        raise TooLarge("staff-file.too-many-parts", field="file", parts=MOST_PARTS)
    source = ZipFile(BytesIO(content))
    if sum(part.file_size for part in source.infolist()) > MOST_UNPACKED:
        raise TooLarge("staff-file.too-large-inside", field="file", megabytes=MOST_UNPACKED // 1024**2)
    _refuse_other_kinds({_plain(part.filename) for part in source.infolist()})
    if any(part.flag_bits & _IS_LOCKED for part in source.infolist()):
        raise Invalid("staff-file.locked", field="file")
    return source


def texts_in(source: ZipFile) -> dict[str, ZipInfo]:
    """The parts that a table is made of, by name; pictures and the like stay packed."""
    parts = {part.filename: part for part in source.infolist() if part.filename.endswith((".xml", ".rels"))}
    if any(part.compress_type not in (ZIP_STORED, ZIP_DEFLATED) for part in parts.values()):
        raise Invalid("staff-file.not-a-table", field="file")
    return parts


def _refuse_other_kinds(names: set[str]) -> None:
    if any(name.startswith(("xl/vbaproject", "xl/macrosheets/")) for name in names):
        raise Invalid("staff-file.macros", field="file")
    if "xl/workbook.xml" in names:
        return
    if "xl/workbook.bin" in names:
        raise Invalid("staff-file.old-workbook", field="file")
    if "content.xml" in names:
        raise Invalid("staff-file.open-document", field="file")
    if "[content_types].xml" in names:
        raise Invalid("staff-file.document", field="file")
    raise Invalid("staff-file.archive", field="file")


def _plain(name: str) -> str:
    return name.replace("\\", "/").lstrip("/").casefold()
