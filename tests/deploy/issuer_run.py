"""A development issuer on a free port, as the services meet it, and builders for its tests."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple
from urllib.parse import parse_qs, urlencode, urlsplit
from uuid import uuid4

import httpx
import uvicorn
from authlib.common.security import generate_token
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from joserfc import jwt
from joserfc.jwk import KeySet
from keycloak import KeycloakAdmin, KeycloakOpenID, KeycloakOpenIDConnection

from deploy.local.issuer import IssuerSettings, build_issuer

CLIENTS = ("portal", "registry", "tracking", "documents", "school-portal")
DOORS = "/realms/neo/protocol/openid-connect"
CALLBACK = "http://127.0.0.1:8000/sign-in/done"
SIGNED_OUT = "http://127.0.0.1:8000/"


def issuer_settings(folder: Path, *, base_url: str = "http://127.0.0.1:8000") -> IssuerSettings:
    return IssuerSettings(
        mode="local",
        base_url=base_url,
        data_dir=folder,
        client_secrets={client: f"{client}-secret" for client in CLIENTS},
        portal_redirects=(CALLBACK,),
        portal_logout_redirects=(SIGNED_OUT,),
        school_portal_groups=("/schools/spb-693/head",),
    )


@dataclass(frozen=True, slots=True)
class Running:
    """An issuer behind a real uvicorn, with python-keycloak and a browser pointed at it."""

    address: str
    folder: Path
    admin: KeycloakAdmin
    browser: httpx.Client

    def openid(self, client: str, secret: str | None = None) -> KeycloakOpenID:
        return KeycloakOpenID(
            server_url=f"{self.address}/", realm_name="neo", client_id=client, client_secret_key=secret
        )

    def a_group(self, *names: str) -> str:
        """The id of the group at this path, made where it is absent."""
        parent, path = None, ""
        for name in names:
            path = f"{path}/{name}"
            self.admin.create_group({"name": name}, parent=parent, skip_exists=True)
            parent = self.admin.get_group_by_path(path)["id"]
        return str(parent)

    def a_user(self, *group_ids: str, **wishes: object) -> "User":
        username, person_id = f"user-{uuid4()}", str(uuid4())
        payload = {"username": username, "enabled": True, "attributes": {"person_id": [person_id]}, **wishes}
        user_id = self.admin.create_user(payload)
        for group_id in group_ids:
            self.admin.group_user_add(user_id, group_id)
        return User(user_id, username, person_id)

    def token(self, user: "User") -> dict[str, object]:
        return dict(self.openid("demo").token(user.username, "neo"))

    def claims(self, token: object) -> dict[str, object]:
        keys = KeySet.import_key_set(self.browser.get(f"{DOORS}/certs").json())
        return dict(jwt.decode(str(token), keys, algorithms=["RS256"]).claims)


class User(NamedTuple):
    id: str
    username: str
    person_id: str


@contextmanager
def started(folder: Path) -> Iterator[Running]:
    """An issuer on a free port until the block ends."""
    listening = socket.create_server(("127.0.0.1", 0))
    address = f"http://127.0.0.1:{listening.getsockname()[1]}"
    app = build_issuer(issuer_settings(folder, base_url=address))
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="off"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    connection = KeycloakOpenIDConnection(
        server_url=f"{address}/", realm_name="neo", client_id="registry", client_secret_key="registry-secret"
    )
    try:
        with httpx.Client(base_url=address) as browser:
            yield Running(address, folder, KeycloakAdmin(connection=connection), browser)
    finally:
        server.should_exit = True
        thread.join()
        listening.close()


class Asked(NamedTuple):
    """An authorization request of the portal and the secret half of its proof."""

    query: str
    verifier: str


def asked(**other: str) -> Asked:
    verifier = generate_token(48)
    wanted = {
        "response_type": "code",
        "client_id": "portal",
        "redirect_uri": CALLBACK,
        "scope": "openid",
        "state": "a-state",
        "nonce": "a-nonce",
        "code_challenge": str(create_s256_code_challenge(verifier)),  # type: ignore[no-untyped-call]
        "code_challenge_method": "S256",
    }
    return Asked(urlencode({name: value for name, value in (wanted | other).items() if value}), verifier)


def returned(answer: httpx.Response) -> dict[str, str]:
    """What the browser carries back to the portal."""
    assert answer.status_code == 302
    assert answer.headers["location"].startswith(CALLBACK)
    return {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["location"]).query).items()}


def signed_in(running: Running, user: User, request: Asked) -> dict[str, str]:
    return returned(running.browser.post(f"{DOORS}/auth?{request.query}", data={"username": user.username}))


def exchanged(running: Running, code: str, verifier: str, **other: str) -> httpx.Response:
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK, "code_verifier": verifier}
    return running.browser.post(f"{DOORS}/token", data=form | other, auth=("portal", "portal-secret"))
