"""What a browser holds of a session, and what can be made of it: the key of its row, the seal of its tokens, its forms.

The secret itself is kept nowhere. Tokens are sealed with it and forms are signed with it, so that the database alone
opens nothing, and a form of one session is none of another.
"""

import base64
import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass, field

from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

LENGTH = 32
_WRITTEN = re.compile(r"[A-Za-z0-9_-]{43}")
_TOKEN = re.compile(r"[A-Za-z0-9_-]{86}")
_SEAL = {"alg": "dir", "enc": "A256GCM"}


@dataclass(frozen=True, slots=True)
class Secret:
    """256 random bits that only one browser knows."""

    raw: bytes = field(repr=False)

    @classmethod
    def new(cls) -> "Secret":
        """One that nobody has had before."""
        return cls(secrets.token_bytes(LENGTH))

    @classmethod
    def read(cls, written: str | None) -> "Secret | None":
        """The secret as a cookie carries it; nothing for what cannot be one."""
        if not written or not _WRITTEN.fullmatch(written):
            return None
        return cls(_unwritten(written))

    @property
    def written(self) -> str:
        """For a cookie."""
        return _written(self.raw)

    @property
    def hashed(self) -> bytes:
        """The key under which the database keeps what belongs to it."""
        return hashlib.sha256(self.raw).digest()

    def seal(self, content: bytes) -> bytes:
        """Encrypt, so that only whoever holds the secret can read it."""
        return jwe.encrypt_compact(_SEAL, content, self._key("seal")).encode()

    def unseal(self, sealed: bytes) -> bytes | None:
        """What was sealed with this secret, or nothing."""
        try:
            return jwe.decrypt_compact(sealed, self._key("seal")).plaintext
        except (JoseError, ValueError):
            return None

    def form_token(self, csrf: bytes) -> str:
        """What a form must carry; written differently each time, because an answer may be compressed (BREACH)."""
        mask = secrets.token_bytes(LENGTH)
        return _written(mask + _xor(mask, self._mark_of_forms(csrf)))

    def signed_form(self, token: str, csrf: bytes) -> bool:
        """Was this made by `form_token` for the same session?"""
        if not _TOKEN.fullmatch(token):
            return False
        raw = _unwritten(token)
        return hmac.compare_digest(_xor(raw[:LENGTH], raw[LENGTH:]), self._mark_of_forms(csrf))

    def _mark_of_forms(self, csrf: bytes) -> bytes:
        return hmac.digest(csrf, b"neo form " + self.raw, "sha256")

    def _key(self, purpose: str) -> OctKey:
        return OctKey.import_key(hmac.digest(self.raw, f"neo {purpose}".encode(), "sha256"))


def hash_of(text: str) -> bytes:
    """The hash under which the database knows something that it must not know itself."""
    return hashlib.sha256(text.encode()).digest()


def _xor(one: bytes, other: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(one, other, strict=True))


def _written(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _unwritten(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
