"""What documents keeps, and the only place here with SQL."""

from services.documents.store import archive, consents, knowledge, papers
from services.documents.store.tables import metadata

__all__ = ["archive", "consents", "knowledge", "metadata", "papers"]
