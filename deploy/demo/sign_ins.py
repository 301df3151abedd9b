"""The sign-ins that the start page and `neo up` show: people with something to do, all with one password."""

from chassis.texts import Texts
from gateway.portal.city import Wording
from gateway.portal.start import DemoSignIn

ROLES = {
    "spb-112.0001": "teacher-answering",
    "spb-112.0002": "observer",
    "spb-112.curator": "curator-answering",
    "spb-540.0001": "teacher-pairing",
    "spb-540.curator": "curator-pairing",
    "spb-540.head": "head",
    "spb-693.0001": "teacher-reviewing",
    "spb-693.curator": "curator-reviewing",
    "vyborgsky.coordinator": "coordinator",
    "city.analyst": "analyst",
    "city.auditor": "auditor",
    "city.operator": "operator",
}


def demo_sign_ins() -> tuple[DemoSignIn, ...]:
    """Whom a newcomer may be; the demo city knows them all."""
    texts = Texts.load("deploy")

    def wording(slug: str) -> Wording:
        return Wording(ru=texts.say(slug, "ru"), en=texts.say(slug, "en"))

    return tuple(
        DemoSignIn(
            who=wording(f"sign-in.{role}"),
            username=username,
            password_note=wording("sign-in.password"),
            what_to_try=wording(f"sign-in.{role}.try"),
        )
        for username, role in ROLES.items()
    )
