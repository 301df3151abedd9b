"""Tables and queries of matching: the only place here with SQL.

`knowledge` keeps what other services announce, `supply` reads it as a task, `wishes` keeps what people and curators
enter here, `runs` and `solving` keep the runs and who is solving them, `edits` the review of a run, `pairings` the
pairs and `losses` what these have lost; `background` is what is known of two people beside their task, `standing`
what a run left, `districts` what crosses schools.
"""

from services.matching.store import tables_of_districts
from services.matching.store.tables import NOBODY, metadata

__all__ = ["NOBODY", "metadata", "tables_of_districts"]
