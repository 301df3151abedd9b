"""Tables and queries of the registry: the only place here with SQL."""

from services.registry.store import erasure, slips
from services.registry.store.tables import metadata

__all__ = ["erasure", "metadata", "slips"]
