"""The sign-ins that the start page and `neo up` show: one of each role, all with the development password."""

from deploy.local.folder import Folder
from gateway.app import SignIn

ROLES = (
    ("city.analyst", "sign-in.analyst"),
    ("vyborgsky.coordinator", "sign-in.coordinator"),
    ("spb-693.head", "sign-in.head"),
    ("spb-693.curator", "sign-in.curator"),
    ("spb-693.0001", "sign-in.teacher"),
)


def demo_sign_ins(folder: Folder) -> tuple[SignIn, ...]:
    """Whom a newcomer may be; the demo city knows them all."""
    del folder
    return tuple(SignIn(username=username, role=role) for username, role in ROLES)
