"""What differs between the realm that is wanted and the one that was found; pure."""

from collections.abc import Iterator
from dataclasses import dataclass

from deploy.keycloak.pieces import KINDS, MAPPER, PROFILE, SECRET, USER, Piece, RealmPieces, Settings, flat

ADD, CHANGE, REMOVE = "add", "change", "remove"
# Of these kinds what the file does not name has no business in the realm. All others belong to somebody else too.
WHOLE = (MAPPER, PROFILE)
HIDDEN = "•••"


@dataclass(frozen=True, slots=True)
class Change:
    """One difference: a piece to add or to remove, or one setting of a piece; a secret is never told."""

    do: str
    piece: Piece
    setting: str = ""
    found: object = None
    wanted: object = None

    def as_json(self) -> dict[str, object]:
        """The change for a machine."""
        told: dict[str, object] = {"do": self.do, "kind": self.piece.kind, "name": self.piece.name}
        if self.do == CHANGE:
            told |= {"setting": self.setting, "found": self.found, "wanted": self.wanted}
        return told

    def as_line(self) -> str:
        """The change as one line of text, in the words of Keycloak."""
        sign = {ADD: "+", CHANGE: "~", REMOVE: "-"}[self.do]
        line = f"{sign} {self.piece.kind:8} {self.piece.name}"
        return f"{line:40} {self.setting}: {_said(self.found)} -> {_said(self.wanted)}" if self.setting else line


def changes_of(wanted: RealmPieces, found: RealmPieces) -> tuple[Change, ...]:
    """Everything that has to be done, in the order in which it can be done."""
    listed = [*_added_or_changed(wanted, found), *_removed(wanted, found)]
    return tuple(sorted(listed, key=lambda one: (KINDS.index(one.piece.kind), one.piece.name, one.setting)))


def _added_or_changed(wanted: RealmPieces, found: RealmPieces) -> Iterator[Change]:
    for piece, settings in wanted.pieces.items():
        if piece not in found.pieces:
            yield Change(ADD, piece)
        # A person's account is made once; afterwards it is the person's and the registry's.
        elif piece.kind != USER:
            yield from _settings_of(piece, settings, found.pieces[piece])


def _settings_of(piece: Piece, wanted: Settings, found: Settings) -> Iterator[Change]:
    there = flat(found)
    for setting, value in sorted(flat(wanted).items()):
        seen = there.get(setting)
        if seen != value and not _both_empty(seen, value):
            is_secret = setting == SECRET
            yield Change(CHANGE, piece, setting, HIDDEN if is_secret else seen, HIDDEN if is_secret else value)


def _removed(wanted: RealmPieces, found: RealmPieces) -> Iterator[Change]:
    """A mapper of a client that the file does not know is left alone with its client."""
    clients = {piece.name for piece in wanted.pieces if piece.kind == "client"}
    for piece in found.pieces.keys() - wanted.pieces.keys():
        if piece.kind in WHOLE and (piece.kind != MAPPER or piece.name.partition("/")[0] in clients):
            yield Change(REMOVE, piece)


def _both_empty(one: object, other: object) -> bool:
    """Keycloak forgets what is empty."""
    return one in (None, "", []) and other in (None, "", [])


def _said(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
