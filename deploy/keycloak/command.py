"""`neo keycloak diff` and `neo keycloak apply`: the realm on the server beside the realm file."""

import json
import os
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated

import typer

from deploy.show import Voice

if TYPE_CHECKING:
    from keycloak import KeycloakAdmin

    from deploy.keycloak.changes import Change

REALM = "neo"
REQUEST_SECONDS = 30
SAME, DIFFERS, NOT_READ = 0, 1, 2

keycloak_app = typer.Typer(no_args_is_help=True, help="Keycloak's realm beside the realm file.")
AsJson = Annotated[bool, typer.Option("--json", help="JSON with every difference instead of lines")]


@keycloak_app.callback()
def keycloak() -> None:
    """Keycloak's realm beside the realm file."""


@keycloak_app.command()
def diff(as_json: AsJson = False) -> None:
    """Show what differs between the realm and deploy/keycloak/realm.json, and change nothing.

    Ends with 0 where nothing differs, 1 where something does, 2 where the realm cannot be read.
    """
    _run(os.environ, as_json=as_json, is_applied=False)


@keycloak_app.command()
def apply(as_json: AsJson = False) -> None:
    """Show the differences first, then make the realm what deploy/keycloak/realm.json says.

    Ends with 0 where nothing differs any more, 1 where Keycloak did not take a setting, 2 where it cannot be reached.
    """
    _run(os.environ, as_json=as_json, is_applied=True)


@dataclass(frozen=True, slots=True)
class Administrator:
    """Where Keycloak is administered, and as whom: a client of the realm `master`, or a person there."""

    url: str
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    client: str = "admin-cli"
    secret: str | None = field(default=None, repr=False)

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> "Administrator":
        """From NEO_KEYCLOAK_*; raises VariablesMissing."""
        from deploy.keycloak.wanted import VariablesMissing

        client = env.get("NEO_KEYCLOAK_ADMIN_CLIENT")
        second = "NEO_KEYCLOAK_ADMIN_SECRET" if client else "NEO_KEYCLOAK_ADMIN_PASSWORD"
        needed = ["NEO_KEYCLOAK_URL", second, *([] if client else ["NEO_KEYCLOAK_ADMIN_USER"])]
        if missing := [name for name in needed if not env.get(name)]:
            raise VariablesMissing(missing)
        url = env["NEO_KEYCLOAK_URL"].rstrip("/")
        if client:
            return cls(url, client=client, secret=env[second])
        return cls(url, username=env["NEO_KEYCLOAK_ADMIN_USER"], password=env[second])

    @asynccontextmanager
    async def opened(self) -> AsyncIterator["KeycloakAdmin"]:
        """A connection to the administration; nothing is sent before it is used."""
        from keycloak import KeycloakAdmin, KeycloakOpenIDConnection

        connection = KeycloakOpenIDConnection(
            server_url=f"{self.url}/",
            realm_name="master",
            user_realm_name="master",
            username=self.username,
            password=self.password,
            client_id=self.client,
            client_secret_key=self.secret,
            timeout=REQUEST_SECONDS,
        )
        try:
            yield KeycloakAdmin(connection=connection)
        finally:
            await connection.keycloak_openid.connection.aclose()
            await connection.aclose()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What differed, what still does, and the clients that nobody here knows."""

    changes: tuple["Change", ...]
    left: tuple["Change", ...]
    foreign: tuple[str, ...]

    def as_json(self) -> dict[str, object]:
        """The outcome for a machine."""
        return {
            "realm": REALM,
            "changes": [one.as_json() for one in self.changes],
            "left": [one.as_json() for one in self.left],
            "foreign_clients": list(self.foreign),
        }


async def compare(
    administrator: Administrator, env: Mapping[str, str], *, is_applied: bool, show: Voice | None = None
) -> Outcome:
    """Read the realm, show what differs, and with `is_applied` mend it and read it again."""
    from deploy.keycloak.carry import RealmMender
    from deploy.keycloak.changes import changes_of
    from deploy.keycloak.found import RealmReader
    from deploy.keycloak.wanted import wanted_realm

    wanted = wanted_realm(env)
    async with administrator.opened() as admin:
        reader = RealmReader(admin, REALM, wanted)
        found = await reader.read()
        changes = changes_of(wanted, found)
        for change in changes if show else ():
            print(change.as_line(), file=show.to if show else None)
        if not is_applied or not changes:
            return Outcome(changes, changes, found.foreign)
        await RealmMender(admin, REALM, wanted).mend(changes)
        await admin.a_change_current_realm("master")
        return Outcome(changes, changes_of(wanted, await reader.read()), found.foreign)


def _run(env: Mapping[str, str], *, as_json: bool, is_applied: bool) -> None:
    import asyncio

    from keycloak.exceptions import KeycloakError

    from deploy.keycloak.wanted import VariablesMissing

    voice = Voice()
    try:
        work = compare(Administrator.from_env(env), env, is_applied=is_applied, show=None if as_json else voice)
        outcome = asyncio.run(work)
    except VariablesMissing as missing:
        voice.trouble("keycloak.variables-missing", names=", ".join(missing.names))
        raise typer.Exit(NOT_READ) from None
    except (KeycloakError, OSError) as error:
        status = getattr(error, "response_code", None) or type(error).__name__
        voice.trouble("keycloak.refused", url=env["NEO_KEYCLOAK_URL"], status=str(status))
        raise typer.Exit(NOT_READ) from None
    if as_json:
        json.dump(outcome.as_json(), sys.stdout, ensure_ascii=False, indent=1)
        print()
    else:
        _tell(voice, outcome, is_applied=is_applied)
    raise typer.Exit(DIFFERS if outcome.left else SAME)


def _tell(voice: Voice, outcome: Outcome, *, is_applied: bool) -> None:
    """The last lines: what was done, what was left."""
    if outcome.foreign:
        voice.say("keycloak.foreign", names=", ".join(outcome.foreign))
    if not outcome.changes:
        voice.say("keycloak.same")
    elif not is_applied:
        voice.say("keycloak.differs", count=len(outcome.changes))
    elif outcome.left:
        settings = ", ".join(f"{one.piece.name} {one.setting}".strip() for one in outcome.left)
        voice.trouble("keycloak.not-taken", settings=settings)
    else:
        voice.say("keycloak.applied", count=len(outcome.changes))
