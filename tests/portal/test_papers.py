"""Papers in words: which consents wait, what a pair is missing, what a form of a new paper asks the API."""

from email.parser import BytesParser
from email.policy import HTTP

from gateway.portal.papers.register import NewPaper, content_of, one_file
from gateway.portal.papers.wording import PURPOSES, awaited_in, consents_of, waits_in_words
from gateway.portal.words import day
from tests.portal.office import an_office, words_of
from tests.registry.cycle import a_draft
from tests.stand import Stand

WAITING = [{"waits_for": ["consent.MENTORING_LOCAL_ACT.taker", "paper.DOC08"]}]


def test_consent_that_a_pair_waits_for_stands_first() -> None:
    given = [{"purpose": "PD_PLATFORM", "is_given": True, "changed_at": "2027-09-01T22:30:00+00:00"}]

    shown = consents_of(given, awaited_in(WAITING), "ru")

    assert (shown[0].purpose, shown[0].is_awaited, shown[0].is_given) == ("MENTORING_LOCAL_ACT", True, False)
    assert [(one.is_given, one.since) for one in shown if one.purpose == "PD_PLATFORM"] == [(True, "2 сентября 2027")]
    assert sorted(one.purpose for one in shown) == sorted(PURPOSES)


def test_withdrawn_consent_says_since_when() -> None:
    shown = consents_of(
        [{"purpose": "SURVEY_NAMED", "is_given": False, "changed_at": "2027-09-01T10:00:00+00:00"}], frozenset(), "en"
    )

    assert [(one.is_given, one.since) for one in shown if one.purpose == "SURVEY_NAMED"] == [
        (False, day("2027-09-01", "en"))
    ]


def test_what_a_pair_waits_for_is_a_sentence_each() -> None:
    def say(slug: str, **facts: object) -> str:
        return f"{slug}{sorted(map(str, facts.values()))}" if facts else slug

    assert waits_in_words(WAITING[0]["waits_for"], say) == [
        "papers.waits-consent['consent.mentoring-local-act.name']",
        "papers.waits-paper['paper.doc08']",
    ]


def test_paper_of_the_whole_school_names_no_pairs() -> None:
    typed = NewPaper(paper_id="1", kind="DOC01", pairing_ids=["a"], signed_on="2027-09-01")

    assert content_of(typed)["pairing_ids"] == []
    assert content_of(typed.model_copy(update={"kind": "DOC08"}))["pairing_ids"] == ["a"]
    assert content_of(typed)["in_force_from"] is None


def test_scan_travels_as_it_is() -> None:
    body, kind = one_file("scan", b"%PDF-1.7\r\n--\x00\xff")

    parsed = BytesParser(policy=HTTP).parsebytes(b"Content-Type: " + kind.encode() + b"\r\n\r\n" + body)
    part = next(iter(parsed.iter_parts()))
    assert part.get_param("name", header="content-disposition") == "scan"
    assert part.get_payload(decode=True) == b"%PDF-1.7\r\n--\x00\xff"


async def test_paper_is_registered_once_a_cycle_was_approved_and_until_then_it_is_said_what_comes_first(
    stand: Stand,
) -> None:
    async with an_office(stand, ("registry", "tracking", "documents")) as office:
        draft = await a_draft(office.school)
        curator, head = [await office.ask("GET", "/papers", role=role) for role in ("curator", "head")]
        await office.school.call("head", "POST", f"/cycles/{draft}/approve")
        opened = await office.see("/papers")

    assert [(one.status_code, 'name="cycle_id"' in one.text) for one in (curator, head)] == [(200, False)] * 2
    assert "Сначала составьте его" in words_of(curator.text)
    assert f'href="{office.root}/cycle">Цикл</a>' in curator.text
    assert "Составляет его куратор, утверждаете вы" in words_of(head.text)
    assert f'href="{office.root}/desk">На подпись</a>' in head.text
    assert f'<option value="{draft}"' in opened
    assert "утверждённого цикла" not in words_of(opened)
