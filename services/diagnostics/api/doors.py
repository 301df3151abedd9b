"""What every door of diagnostics needs: the database and the catalogue of the app."""

from typing import cast

from fastapi import Request

from chassis.database import Database
from services.diagnostics.domain import Catalogue, Instruments


def db_of(request: Request) -> Database:
    """The service's database."""
    return cast(Database, request.app.state.db)


def catalogue_of(request: Request) -> Catalogue:
    """The catalogue that was read when the app was put together."""
    return cast(Catalogue, request.app.state.catalogue)


def instruments_of(request: Request) -> Instruments:
    """The instruments that were read when the app was put together."""
    return cast(Instruments, request.app.state.instruments)
