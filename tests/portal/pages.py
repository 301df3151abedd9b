"""The pages that are walked through: who looks at which address. A page that exists stands here.

A reader is one of the sign-ins of the demo by its role (`deploy/demo/sign_ins.py`), or nobody.
"""

from dataclasses import dataclass

from deploy.demo.autumn import YEAR
from deploy.demo.sign_ins import ROLES
from deploy.demo.world import demo_id

USERNAMES = {role: username for username, role in ROLES.items()}


# Bytes over the wire at the first visit, fonts and all; the charts' library comes by itself where there is a chart.
HEAVIEST = 100_000


@dataclass(frozen=True, slots=True)
class Page:
    """An address of the portal, who looks at it, the status that it answers with, and what it may weigh in bytes."""

    reader: str | None
    path: str
    status: int = 200
    heaviest: int = HEAVIEST

    @property
    def name(self) -> str:
        """How it is called in reports and files."""
        place = self.path.partition("?")[0].strip("/").replace("/", "-") or "start"
        return f"{self.reader or 'nobody'}-{place}"


def this_year(school: str, what: str) -> str:
    """An id that the demo made in its second autumn: `cycle`, `campaign-1`, `run-1`, `survey`, `import` …"""
    return demo_id(f"{school}/{YEAR}/{what}")


_CAMPAIGN = this_year("spb-112", "campaign-1")
_RUN = this_year("spb-693", "run-1")
_SURVEY = this_year("spb-540", "survey")
_CYCLE = this_year("spb-540", "cycle")
_IMPORT = this_year("spb-693", "import")
_CORRECTED = demo_id("spb-540/corrected")
PAGES = (
    Page(None, "/"),
    Page(None, "/api"),
    Page(None, "/welcome"),
    Page(None, "/styleguide"),
    Page(None, "/styleguide/charts"),
    Page(None, "/no-such-page", status=404),
    Page("teacher-pairing", "/me"),
    Page("operator", "/me"),
    Page("observer", "/schools/spb-112/visits"),
    Page("teacher-pairing", "/schools/spb-540/my-papers"),
    Page("curator-pairing", "/schools/spb-540/papers"),
    Page("curator-pairing", "/search?at=schools/spb-540&as=curator&q=ан"),
    Page("teacher-pairing", "/schools/spb-540/slips/sheet", status=405),
    Page("teacher-pairing", "/schools/spb-540/my-data"),
    Page("auditor", "/access-log"),
    Page("auditor", "/access-log/spb-540"),
    Page("auditor", "/erasures"),
    Page("auditor", "/erasures/archive?at=spb-540"),
    Page("teacher-answering", "/schools/spb-112/my-day"),
    Page("teacher-answering", f"/schools/spb-112/forms/{_CAMPAIGN}/self"),
    Page("teacher-answering", f"/schools/spb-112/forms/{_CAMPAIGN}/tests"),
    Page("teacher-answering", f"/schools/spb-112/forms/{_CAMPAIGN}/artefacts"),
    Page("teacher-answering", "/schools/spb-112/notifications"),
    Page("teacher-pairing", "/schools/spb-540/my-day"),
    Page("teacher-pairing", "/schools/spb-540/my-pairs"),
    Page("teacher-pairing", f"/schools/spb-540/surveys/{_SURVEY}/mentor"),
    Page("teacher-answering", "/schools/spb-112/first-steps"),
    Page("teacher-pairing", "/schools/spb-540/my-pairs/availability"),
    Page("teacher-reviewing", "/schools/spb-693/my-profile"),
    Page("teacher-reviewing", "/schools/spb-693/my-profile/competencies/M02"),
    Page("teacher-reviewing", "/schools/spb-693/my-profile/change"),
    Page("teacher-reviewing", "/schools/spb-693/my-profile/lesson-notes"),
    Page("curator-pairing", "/schools/spb-540/cycle"),
    Page("curator-pairing", "/schools/spb-540/people"),
    Page("curator-pairing", f"/schools/spb-540/cycle/waiting/met?cycle={_CYCLE}"),
    Page("curator-pairing", "/schools/spb-540/people/import"),
    Page("curator-reviewing", f"/schools/spb-693/people/import/{_IMPORT}"),
    Page("curator-pairing", "/schools/spb-540/health"),
    Page("curator-pairing", "/schools/spb-540/health/crossings"),
    Page("curator-answering", "/schools/spb-112/campaign?due=SELF"),
    Page("curator-answering", "/schools/spb-112/campaign/observers"),
    Page("curator-answering", "/schools/spb-112/campaign/appeals"),
    Page("curator-pairing", "/schools/spb-540/campaign/change"),
    Page("curator-pairing", "/schools/spb-540/campaign/surveys"),
    Page("curator-pairing", "/schools/spb-540/report"),
    Page("curator-reviewing", "/schools/spb-693/workshop"),
    Page("curator-reviewing", f"/schools/spb-693/workshop/runs/{_RUN}"),
    Page("curator-reviewing", f"/schools/spb-693/workshop/runs/{_RUN}/publish"),
    Page("curator-reviewing", f"/schools/spb-693/workshop/runs/{_RUN}/fairness"),
    Page("curator-reviewing", "/schools/spb-693/workshop/bans"),
    Page("head", "/schools/spb-540/desk"),
    Page("head", f"/schools/spb-540/desk/reports/{_CORRECTED}"),
    Page("head", "/schools/spb-540/roadmap"),
    Page("head", "/schools/spb-540/totals"),
    Page("coordinator", "/districts/vyborgsky/matrix"),
    Page("coordinator", "/districts/vyborgsky/matrix/picture"),
    Page("coordinator", "/districts/vyborgsky/reports"),
    Page("coordinator", "/districts/vyborgsky/board"),
    Page("analyst", "/city"),
    Page("analyst", "/city/trend"),
    Page("analyst", "/city/publications"),
    Page("analyst", "/city/definitions"),
    Page("analyst", "/city/psychometrics"),
    Page("operator", "/operations"),
)
