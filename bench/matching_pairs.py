"""One-to-one: so many givers, as many takers, one number for each two. Run in an environment that has the rivals.

`python matching_pairs.py WAY FILE`: FILE holds the matrix as JSON; prints seconds and the sum reached. It imports
nothing of the house, so that a throw-away environment is enough.
"""

import json
import sys
import time
from pathlib import Path
from typing import Any


def scipy_assignment(matrix: list[list[int]]) -> tuple[float, int]:
    """The rectangular assignment of scipy; seconds without its import."""
    import numpy as np
    from scipy.optimize import linear_sum_assignment

    scores = np.array(matrix)
    began = time.perf_counter()
    pairs = linear_sum_assignment(scores, maximize=True)
    return time.perf_counter() - began, int(scores[pairs].sum())


def mentor_match(matrix: list[list[int]]) -> tuple[float, int]:
    """The package mentor-match, with one rule that reads the matrix."""
    from matching.mentee import Mentee
    from matching.mentor import Mentor
    from matching.process import process_data

    class Read:
        """The rule: what the matrix says; nothing means never."""

        def apply(self, match: Any) -> int:
            score: int = matrix[match.mentor.grade][match.mentee.grade]
            match.disallowed = score == 0
            return score

    mentors = [Mentor(grade=place, email=f"mentor-{place}") for place in range(len(matrix))]
    mentees = [Mentee(grade=place, email=f"mentee-{place}") for place in range(len(matrix[0]))]
    began = time.perf_counter()
    process_data(mentors, mentees, [[Read()]])
    seconds = time.perf_counter() - began
    return seconds, sum(matrix[mentor.grade][mentee.grade] for mentor in mentors for mentee in mentor.connections)


if __name__ == "__main__":
    given = json.loads(Path(sys.argv[2]).read_text(encoding="utf-8"))
    seconds, reached = {"scipy": scipy_assignment, "mentor-match": mentor_match}[sys.argv[1]](given)
    json.dump({"total": seconds, "score": reached}, sys.stdout)
