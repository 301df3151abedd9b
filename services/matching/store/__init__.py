"""Tables and queries of matching: the only place here with SQL.

`knowledge` keeps what other services announce, `supply` reads it as a task, `wishes` keeps what people and curators
enter here, `runs` and `solving` keep the runs and who is solving them, `pairings` the pairs.
"""

from services.matching.store.tables import NOBODY, metadata

__all__ = ["NOBODY", "metadata"]
