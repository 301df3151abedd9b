"""The pages that are walked through: who looks at which address. A page that exists stands here.

A reader is one of the sign-ins of the demo by its role (`deploy/demo/sign_ins.py`), or nobody.
"""

from dataclasses import dataclass

from deploy.demo.sign_ins import ROLES

USERNAMES = {role: username for username, role in ROLES.items()}


@dataclass(frozen=True, slots=True)
class Page:
    """An address of the portal, who looks at it, and the status that it answers with."""

    reader: str | None
    path: str
    status: int = 200

    @property
    def name(self) -> str:
        """How it is called in reports and files."""
        place = self.path.partition("?")[0].strip("/").replace("/", "-") or "start"
        return f"{self.reader or 'nobody'}-{place}"


PAGES = (
    Page(None, "/"),
    Page(None, "/api"),
    Page(None, "/welcome"),
    Page(None, "/styleguide"),
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
)
