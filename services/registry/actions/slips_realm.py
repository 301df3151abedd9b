"""Credentials in the realm: a password that somebody chose with a slip.

Imported only by a service that was given the realm's secret: the client library is heavy.
"""

import asyncio
import json
import logging
import re
from uuid import UUID

from keycloak import KeycloakAdmin
from keycloak.exceptions import KeycloakError

from chassis.refusals import Invalid, Unavailable
from services.registry.actions.realm import REFUSALS, RealmDoor

SECONDS = 25.0
REFUSED = 400
# What Keycloak calls the rules of a realm, in our words; the number of the first two stands in its description.
RULES = {
    "invalidPasswordMinLengthMessage": "password.too-short",
    "invalidPasswordMaxLengthMessage": "password.too-long",
    "invalidPasswordHistoryMessage": "password.used-before",
    "invalidPasswordNotUsernameMessage": "password.like-username",
    "invalidPasswordNotContainsUsernameMessage": "password.like-username",
    "invalidPasswordBlacklistedMessage": "password.too-common",
    "invalidPasswordMinDigitsMessage": "password.needs-digits",
    "invalidPasswordMinLowerCaseCharsMessage": "password.needs-letters",
    "invalidPasswordMinUpperCaseCharsMessage": "password.needs-letters",
    "invalidPasswordMinSpecialCharsMessage": "password.needs-signs",
}

log = logging.getLogger("neo.registry.slips")


class RealmCredentials:
    """Sets passwords through the realm's administration, as the client that keeps the accounts."""

    def __init__(self, door: RealmDoor) -> None:
        self.door = door

    async def choose_password(self, realm_user_id: str, person_id: UUID, password: str) -> None:
        """Set a lasting password, let the account in, end the sessions that run.

        Raises Invalid when the realm's rules refuse the password, Unavailable when the realm is away.
        """
        try:
            async with asyncio.timeout(SECONDS), self.door.opened() as admin:
                await _set(admin, realm_user_id, person_id, password)
        except (*REFUSALS, TimeoutError) as error:
            # The realm's answer is not passed on: it may quote the password.
            status = getattr(error, "response_code", None)
            log.warning("password was not set", extra={"reason": type(error).__name__, "status": status})
            raise Unavailable("slip.realm-away") from None


async def _set(admin: KeycloakAdmin, user_id: str, person_id: UUID, password: str) -> None:
    try:
        await admin.a_set_user_password(user_id, password, temporary=False)
    except KeycloakError as error:
        if error.response_code == REFUSED:
            raise _by_rule(error.response_body) from None
        raise
    await admin.a_update_user(user_id, {"enabled": True, "attributes": {"person_id": [str(person_id)]}})
    await admin.a_user_logout(user_id)


def _by_rule(body: bytes | None) -> Invalid:
    try:
        told = json.loads(body or b"{}")
    except ValueError:
        told = {}
    rule = RULES.get(str(told.get("error")), "password.not-accepted")
    number = re.search(r"\d+", str(told.get("error_description", "")))
    return Invalid(rule, field="new_password", number=int(number[0]) if number else 0)
