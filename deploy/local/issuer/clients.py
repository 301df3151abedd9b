"""The clients of the realm: which programs may ask for tokens, and by which grants."""

import hmac
from dataclasses import dataclass
from uuid import NAMESPACE_URL, uuid5

from authlib.oauth2.rfc6749 import ClientMixin

from deploy.local.issuer.settings import IssuerSettings

ADMINISTRATOR = "registry"
SCOPES = ("openid", "profile", "email")


@dataclass(frozen=True, slots=True)
class Client(ClientMixin):
    """One client. Without a secret it is public; with `groups` its service account carries them."""

    client_id: str
    grants: frozenset[str]
    secret: str | None = None
    redirects: tuple[str, ...] = ()
    logout_redirects: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()

    @property
    def client_metadata(self) -> dict[str, list[str]]:
        """What the sign-out endpoint reads (RP-Initiated Logout 1.0 §3.1)."""
        return {"post_logout_redirect_uris": list(self.logout_redirects)}

    def service_subject(self, issuer: str) -> str:
        """`sub` of the client's service account: the same after every restart."""
        return str(uuid5(NAMESPACE_URL, f"{issuer}/clients/{self.client_id}"))

    def get_client_id(self) -> str:
        return self.client_id

    def get_default_redirect_uri(self) -> str:
        """None is assumed: Keycloak wants the redirect spelt out in each request."""
        return ""

    def get_allowed_scope(self, scope: object) -> str:
        wanted = scope.split() if isinstance(scope, str) else []
        return " ".join(name for name in SCOPES if name in wanted)

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        return redirect_uri in self.redirects

    def check_client_secret(self, client_secret: str) -> bool:
        return self.secret is not None and hmac.compare_digest(self.secret.encode(), client_secret.encode())

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return method in ("client_secret_basic", "client_secret_post") if self.secret else method == "none"

    def check_response_type(self, response_type: str) -> bool:
        return response_type == "code" and "authorization_code" in self.grants

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type in self.grants


def clients_of(settings: IssuerSettings) -> dict[str, Client]:
    """Every client of the realm by its id."""
    service = frozenset({"client_credentials"})
    secrets = settings.client_secrets
    clients = [
        Client(
            "portal",
            grants=frozenset({"authorization_code", "refresh_token"}),
            secret=secrets["portal"],
            redirects=settings.portal_redirects,
            logout_redirects=settings.portal_logout_redirects,
        ),
        Client("school-portal", service, secrets["school-portal"], groups=settings.school_portal_groups),
        Client("demo", grants=frozenset({"password", "refresh_token"})),
    ]
    for name in ("registry", "tracking", "documents"):
        clients.append(Client(name, service, secrets[name], groups=(f"/services/{name}",)))
    return {client.client_id: client for client in clients}
