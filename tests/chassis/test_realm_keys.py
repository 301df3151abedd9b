"""The realm's keys come over the network: in the open where the realm is, else from nobody but who can prove it."""

import asyncio
import json
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from joserfc.jwk import KeySet, RSAKey

from chassis.identity import TokenVerifier, realm_keys
from chassis.refusals import Unavailable
from chassis.testing import AUDIENCE


@dataclass
class Realm:
    """A server that publishes one key at every address, and counts who got so far as to ask."""

    issuer: str = ""
    asked: int = 0

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Publish the key."""
        await reader.readuntil(b"\r\n\r\n")
        self.asked += 1
        keys = KeySet([RSAKey.generate_key(2048, parameters={"kid": "k"}, private=True)]).as_dict(private=False)
        body = json.dumps(keys).encode()
        head = f"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n"
        writer.write(head.encode() + b"connection: close\r\n\r\n" + body)
        await writer.drain()
        writer.close()

    def verifier(self) -> TokenVerifier:
        """A verifier that trusts this realm."""
        return TokenVerifier(issuer=self.issuer, audience=AUDIENCE, fetch_keys=realm_keys(self.issuer))


@asynccontextmanager
async def a_realm(proof: ssl.SSLContext | None = None) -> AsyncIterator[Realm]:
    realm = Realm()
    server = await asyncio.start_server(realm.answer, "127.0.0.1", 0, ssl=proof)
    async with server:
        scheme = "https" if proof else "http"
        realm.issuer = f"{scheme}://127.0.0.1:{server.sockets[0].getsockname()[1]}/realms/neo"
        yield realm


def signed_by_itself(folder: Path) -> ssl.SSLContext:
    """What a server shows that nobody vouches for."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "realm")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    plain = serialization.NoEncryption()
    form = serialization.PrivateFormat.PKCS8
    (folder / "realm.pem").write_bytes(
        certificate.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(serialization.Encoding.PEM, form, plain)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "realm.pem")
    return context


async def test_keys_of_a_realm_nearby_are_known_ahead_of_the_first_caller() -> None:
    async with a_realm() as realm:
        verifier = realm.verifier()

        await verifier.get_ready()

        assert verifier.keys is not None
        assert [key.kid for key in verifier.keys.keys] == ["k"]


async def test_realm_that_cannot_prove_who_it_is_gives_no_keys(tmp_path: Path) -> None:
    async with a_realm(signed_by_itself(tmp_path)) as realm:
        verifier = realm.verifier()

        with pytest.raises(Unavailable):
            await verifier._keys()

    assert (realm.asked, verifier.keys) == (0, None)
