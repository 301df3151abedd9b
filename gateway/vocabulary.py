"""What a name means wherever it stands in the API, for its description: parameters in words, fields by an
example (`examples.toml`).

A door or a model that means something narrower says so itself.
"""

import tomllib
from functools import cache
from importlib.resources import files
from typing import TypeGuard

from gateway.everywhere import Document, Json

_ID = "the id of the {}"
# Of what a door makes under an id that the caller has made (docs/door.md).
MADE = "; it is yours to make, and the same one sent again makes nothing new"

PARAMETERS = {
    "appeal_id": _ID.format("appeal"),
    "artefact_id": _ID.format("artefact"),
    "assignment_id": _ID.format("assignment, one pair's work on one competency"),
    "campaign_id": _ID.format("diagnostic campaign"),
    "competency": "the code of a competency in the catalogue, together with a subject where it needs one: D08, S03.CHE",
    "crossing_id": _ID.format("pair that two schools are asked to agree to"),
    "cycle_id": _ID.format("cycle, the school's year of mentoring"),
    "district": "the id of the district in the tree of places",
    "edit_id": _ID.format("edit of a run"),
    "erasure_id": _ID.format("order to erase a person"),
    "giver_id": "the person who gives",
    "goal_id": _ID.format("goal"),
    "import_id": _ID.format("staff file"),
    "indicator": "the code of an indicator in the list of definitions",
    "lesson": "which of the lessons that were observed: 1 for the first",
    "meeting_id": _ID.format("meeting"),
    "notification_id": _ID.format("notification"),
    "number": "which of the seven stages of the roadmap: 1 for the first",
    "observer_id": "the person who observes",
    "order_id": _ID.format("order of figures on the instruments"),
    "pairing_id": _ID.format("pair, from its proposal on"),
    "paper_id": _ID.format("paper"),
    "person_id": "the id of the person",
    "place_id": _ID.format("place, a school, a district or the city, in the tree of places"),
    "publication_id": _ID.format("publication"),
    "purpose": "what the consent is for; each purpose is consented to by itself",
    "record_id": _ID.format("decision of an attestation"),
    "report_id": _ID.format("school's report"),
    "role": "the role in which the caller answers",
    "run_id": _ID.format("run of the matching"),
    "school": "the id of the school in the tree of places",
    "slip_id": _ID.format("sign-in slip"),
    "successor_id": "the place that takes over",
    "survey_id": _ID.format("survey"),
    "taker_id": "the person who takes",
    "valid_from": "the first day on which it holds",
}


def words_of(name: str, *, is_made: bool) -> str:
    """What a parameter is; empty where nothing is known of the name. `is_made` if the door may make what it names."""
    words = PARAMETERS.get(name, "")
    return words + MADE if is_made and words.startswith(_ID.format("")) else words


@cache
def _examples() -> dict[str, str]:
    return tomllib.loads(files("gateway").joinpath("examples.toml").read_text("utf-8"))


def illustrated(operation: Document) -> Document:
    """An operation of which no example, sent or answered, is merely the name of its field where more is known."""
    told: Document = {**operation}
    if isinstance(sent := operation.get("requestBody"), dict):
        told["requestBody"] = _with_examples(sent)
    if isinstance(answers := operation.get("responses"), dict):
        told["responses"] = {code: _with_examples(answer) for code, answer in answers.items()}
    return told


def _with_examples(body: Json) -> Json:
    if not isinstance(body, dict) or not isinstance(content := body.get("content"), dict):
        return body
    told = {kind: {**one, "example": _shown(one["example"])} for kind, one in content.items() if _has_example(one)}
    return {**body, "content": {**content, **told}}


def _has_example(content: Json) -> TypeGuard[Document]:
    return isinstance(content, dict) and "example" in content


def _shown(example: Json, name: str = "") -> Json:
    if isinstance(example, dict):
        return {field: _shown(inner, field) for field, inner in example.items()}
    if isinstance(example, list):
        return [_shown(inner, name) for inner in example]
    words = name.replace("_", " ")
    return _examples().get(name, example) if example in (words, words.removesuffix("s")) else example
