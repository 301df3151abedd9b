"""The rooms of the portal: one folder per kind of reader, each with its pages, templates, texts and static files.

A room is a package below this one whose `router(portal)` opens its pages.
"""

import pkgutil
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable


@cache
def rooms() -> tuple[str, ...]:
    """The names of all rooms, in the order of the alphabet."""
    found = pkgutil.iter_modules([str(files(__package__))])
    return tuple(sorted(module.name for module in found if module.ispkg))


def packages() -> tuple[str, ...]:
    """The portal's own package, and those of its rooms."""
    return (__package__, *(f"{__package__}.{room}" for room in rooms()))


def shelf(name: str) -> Iterator[tuple[str, Traversable]]:
    """All files of a folder `name` (`templates`, `static`) of the portal and its rooms.

    A room's templates are called with the room's name in front, `teacher/my_day.html`.
    """
    for package in packages():
        folder = files(package).joinpath(name)
        room = package.removeprefix(__package__).removeprefix(".")
        if folder.is_dir():
            for source in sorted(folder.iterdir(), key=lambda one: one.name):
                yield (f"{room}/{source.name}" if room else source.name), source
