"""The instruments of a diagnosis with what they need: the item bank, seconds per item, what an artefact can show."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from math import ceil
from pathlib import Path

from services.diagnostics.domain.catalogue import Catalogue
from services.diagnostics.domain.items import ItemBank, load_items
from services.diagnostics.domain.sheet import Sheet
from services.diagnostics.scoring import SourceKind

SECONDS_OF_MINUTE = 60


class Instrument(StrEnum):
    """What a campaign may use to find out where a person stands (D2.6)."""

    SELF = "SELF"
    COLLEAGUES = "COLLEAGUES"
    OBSERVATION = "OBSERVATION"
    TEST = "TEST"
    ARTEFACT = "ARTEFACT"


# The instruments that ask by sheets, which were laid out for their authors.
ON_SHEETS = {
    SourceKind.SA: Instrument.SELF,
    SourceKind.P360: Instrument.COLLEAGUES,
    SourceKind.OBS: Instrument.OBSERVATION,
}


@dataclass(frozen=True, slots=True)
class Instruments:
    """The instruments of one version of the catalogue."""

    catalogue: Catalogue
    bank: ItemBank
    seconds: Mapping[Instrument, int]
    shown_by_artefacts: frozenset[str]

    def minutes(self, instrument: Instrument, items: int) -> int:
        """The minutes that so many items take, begun ones counted whole."""
        return ceil(items * self.seconds[instrument] / SECONDS_OF_MINUTE)


def load_instruments(folder: Path, catalogue: Catalogue) -> Instruments:
    """Read the instruments of a version from its folder; refused as `catalogue.*` or `items.*` with the place."""
    sheet = Sheet.read(folder / "instruments.toml")
    seconds, artefact = sheet.sheet("seconds"), sheet.sheet("artefact")
    codes = artefact.texts("codes")
    for code in codes:
        if code not in catalogue.competencies:
            raise artefact.refuse("catalogue.unknown-code", "codes", code=code)
    return Instruments(
        catalogue=catalogue,
        bank=load_items(folder / "items", catalogue),
        seconds={each: _seconds(seconds.sheet(each.value)) for each in Instrument},
        shown_by_artefacts=frozenset(codes),
    )


def _seconds(row: Sheet) -> int:
    value = row.whole("value")
    if value <= 0:
        raise row.refuse("catalogue.number-out-of-range", "value")
    row.text("source")
    return value
