"""The realm `neo` as the development issuer holds it: clients, accounts, groups, sessions and keys."""

import hmac
import time
from collections.abc import Mapping
from dataclasses import dataclass

from deploy.local.issuer.clients import Client, clients_of
from deploy.local.issuer.keys import Keys, open_keys
from deploy.local.issuer.settings import IssuerSettings
from deploy.local.issuer.store import open_store
from deploy.local.issuer.store.accounts import Account, Accounts
from deploy.local.issuer.store.groups import Groups
from deploy.local.issuer.store.sessions import Session, Sessions


def real_now() -> int:
    """Real time in whole seconds since 1970: tokens never follow the business clock of a demonstration."""
    return int(time.time())


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who is signed in and since when."""

    account: Account
    session: Session


@dataclass(frozen=True, slots=True)
class Realm:
    """Everything that the protocol and the administration stand on."""

    settings: IssuerSettings
    keys: Keys
    clients: Mapping[str, Client]
    accounts: Accounts
    groups: Groups
    sessions: Sessions

    @property
    def issuer(self) -> str:
        """The issuer identifier."""
        return self.settings.issuer

    def is_password(self, account: Account, password: str) -> bool:
        """Every account has the development password; one set by the registry works beside it."""
        if hmac.compare_digest(password.encode(), self.settings.development_password.encode()):
            return True
        return self.accounts.is_own_password(account.id, password)

    def sign_in(self, account: Account, client_id: str) -> SignedIn:
        """Begin a session of this account through this client."""
        return SignedIn(account, self.sessions.start(account.id, client_id, now=real_now()))

    def signed_in(self, session_id: str) -> SignedIn | None:
        """Who stands behind a session that still runs, unless the account was disabled meanwhile."""
        session = self.sessions.find(session_id, now=real_now())
        account = self.accounts.find(session.account_id) if session else None
        if session is None or account is None or not account.is_enabled:
            return None
        return SignedIn(account, session)


def open_realm(settings: IssuerSettings) -> Realm:
    """The realm of this data folder, made at the first start."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    store = open_store(settings.data_dir)
    return Realm(
        settings=settings,
        keys=open_keys(settings.data_dir),
        clients=clients_of(settings),
        accounts=Accounts(store),
        groups=Groups(store),
        sessions=Sessions(store),
    )
