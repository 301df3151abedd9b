"""The sign-ins that the start page and `neo up` show: one of each role, all with the development password."""

from chassis.texts import Texts
from gateway.portal.city import Wording
from gateway.portal.start import DemoSignIn

ROLES = {
    "city.analyst": "analyst",
    "vyborgsky.coordinator": "coordinator",
    "spb-693.head": "head",
    "spb-693.curator": "curator",
    "spb-693.0001": "teacher",
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
