"""The issuer's keys: one RS256 pair that everybody may verify with, one HS512 key for its own refresh tokens.

Keycloak keeps the same two kinds, so that a refresh token never passes for an access token.
"""

import json
import os
from dataclasses import dataclass
from pathlib import Path

from joserfc.jwk import KeySet, OctKey, RSAKey

KEY_FILE = "issuer-keys.json"
RSA_BITS = 2048
REFRESH_KEY_BITS = 512


@dataclass(frozen=True, slots=True)
class Keys:
    """`signing` signs access and ID tokens, `refresh` the refresh tokens that only this issuer reads."""

    signing: RSAKey
    refresh: OctKey

    @property
    def published(self) -> KeySet:
        """What stands at `certs`: the public half, with `kid`, `use` and `alg`."""
        public = self.signing.as_dict(private=False, use="sig", alg="RS256")
        return KeySet([RSAKey.import_key(public)])


def open_keys(folder: Path) -> Keys:
    """The keys of this data folder, made at the first start and readable by their owner only."""
    path = folder / KEY_FILE
    if not path.exists():
        _write(path, _made())
    kept = json.loads(path.read_text(encoding="utf-8"))
    return Keys(RSAKey.import_key(kept["signing"]), OctKey.import_key(kept["refresh"]))


def _made() -> str:
    signing = RSAKey.generate_key(RSA_BITS, auto_kid=True)
    refresh = OctKey.generate_key(REFRESH_KEY_BITS, auto_kid=True)
    return json.dumps({"signing": signing.as_dict(private=True), "refresh": refresh.as_dict(private=True)})


def _write(path: Path, text: str) -> None:
    # Written aside and renamed: a start that dies half-way leaves no broken key file.
    aside = path.with_suffix(".new")
    aside.unlink(missing_ok=True)
    descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    aside.replace(path)
