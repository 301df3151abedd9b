"""Tables and queries of reporting: the only place here with SQL."""

from services.reporting.store.tables import metadata

__all__ = ["metadata"]
