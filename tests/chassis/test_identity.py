"""Identity: only a token of the realm, for us, in its time; and rights only where they are held."""

import asyncio
import hmac
import json
import time
from base64 import urlsafe_b64encode
from typing import Any
from uuid import UUID, uuid4

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

from chassis.identity import Grant, TokenVerifier, place_of, principal_of
from chassis.refusals import Forbidden, Unauthenticated, Unavailable
from chassis.testing import AUDIENCE, ISSUER, TokenFactory
from tests.stand import Stand, a_school


class Realm:
    """The keys that a realm publishes; it counts how often they are fetched."""

    def __init__(self, *keys: RSAKey) -> None:
        self.keys = list(keys)
        self.fetches = 0
        self.is_away = False

    async def fetch(self) -> dict[str, Any]:
        self.fetches += 1
        if self.is_away:
            raise OSError
        return dict(KeySet(list(self.keys)).as_dict(private=False))

    def verifier(self) -> TokenVerifier:
        return TokenVerifier(issuer=ISSUER, audience=AUDIENCE, fetch_keys=self.fetch)


def a_key(key_id: str) -> RSAKey:
    return RSAKey.generate_key(2048, parameters={"kid": key_id}, private=True)


def claims(**changed: object) -> dict[str, Any]:
    now = int(time.time())
    usual = {"iss": ISSUER, "aud": AUDIENCE, "sub": "s", "iat": now, "exp": now + 300, "person_id": str(uuid4())}
    return {name: value for name, value in {**usual, **changed}.items() if value is not None}


def signed(key: RSAKey, **changed: object) -> str:
    return jwt.encode({"alg": "RS256", "kid": str(key.kid)}, claims(**changed), key)


@pytest.fixture(scope="module")
def key() -> RSAKey:
    return a_key("first")


async def test_token_of_the_realm_is_read(tokens: TokenFactory) -> None:
    person = uuid4()
    token = tokens.token(person, "/schools/spb-693/curator", "/city/analyst", aud=["account", AUDIENCE])

    principal = await tokens.verifier().verify(token)

    assert principal.person_id == principal.me == person
    assert principal.grants == {Grant("schools/spb-693", "curator"), Grant("city", "analyst")}


@pytest.mark.parametrize(
    "changed",
    [
        {"iss": "http://elsewhere.test/realms/neo"},
        {"iss": None},
        {"aud": "account"},
        {"aud": ["account", "portal"]},
        {"aud": None},
        {"exp": int(time.time()) - 3600},
        {"exp": None},
        {"exp": "tomorrow"},
        {"nbf": int(time.time()) + 3600},
        {"person_id": "not-an-id"},
    ],
    ids=lambda changed: "-".join(f"{name}={value}" for name, value in changed.items()),
)
async def test_token_with_a_wrong_claim_is_refused(key: RSAKey, changed: dict[str, object]) -> None:
    with pytest.raises(Unauthenticated):
        await Realm(key).verifier().verify(signed(key, **changed))


async def test_unsigned_token_is_refused(key: RSAKey) -> None:
    head, body, _ = signed(key).split(".")
    unsigned = "eyJhbGciOiJub25lIiwia2lkIjoiZmlyc3QifQ"

    for token in (f"{unsigned}.{body}.", f"{unsigned}.{body}.x", f"{head}.{body}.", "", "x", "x.y.z"):
        with pytest.raises(Unauthenticated):
            await Realm(key).verifier().verify(token)


async def test_public_key_used_as_a_shared_secret_is_refused(key: RSAKey) -> None:
    head, body = encoded({"alg": "HS256", "kid": "first"}), encoded(claims())
    digest = hmac.new(key.as_pem(private=False), f"{head}.{body}".encode(), "sha256").digest()
    seal = urlsafe_b64encode(digest).rstrip(b"=").decode()

    with pytest.raises(Unauthenticated):
        await Realm(key).verifier().verify(f"{head}.{body}.{seal}")


@pytest.mark.parametrize("place", ["jwk", "jku", "x5u"])
async def test_key_that_a_token_brings_along_is_not_taken(key: RSAKey, place: str) -> None:
    own = a_key("first")
    brought = own.as_dict(private=False) if place == "jwk" else "https://evil.test/keys"
    token = jwt.encode({"alg": "RS256", "kid": "first", place: brought}, claims(), own)
    realm = Realm(key)

    with pytest.raises(Unauthenticated):
        await realm.verifier().verify(token)
    assert realm.fetches <= 2


@pytest.mark.parametrize("kind", ["ID", "Refresh", "Logout", "Offline", "", 7])
async def test_token_of_another_kind_opens_nothing(key: RSAKey, kind: object) -> None:
    with pytest.raises(Unauthenticated):
        await Realm(key).verifier().verify(signed(key, typ=kind))


async def test_access_token_is_known_by_its_kind(key: RSAKey) -> None:
    assert (await Realm(key).verifier().verify(signed(key, typ="Bearer"))).person_id is not None


def encoded(part: dict[str, Any]) -> str:
    return urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()


async def test_foreign_key_under_a_known_id_is_refused(key: RSAKey) -> None:
    with pytest.raises(Unauthenticated):
        await Realm(key).verifier().verify(signed(a_key("first")))


async def test_unknown_key_ids_fetch_keys_at_most_every_thirty_seconds(key: RSAKey) -> None:
    realm, foreign = Realm(key), a_key("unknown")
    verifier = realm.verifier()
    await verifier.verify(signed(key))

    for _ in range(5):
        with pytest.raises(Unauthenticated):
            await verifier.verify(signed(foreign))
    assert realm.fetches == 1

    verifier.fetched_at -= 31
    for _ in range(5):
        with pytest.raises(Unauthenticated):
            await verifier.verify(signed(foreign))
    assert realm.fetches == 2


async def test_rotated_key_is_found_and_a_withdrawn_one_is_forgotten(key: RSAKey) -> None:
    realm, second = Realm(key), a_key("second")
    verifier = realm.verifier()
    old = signed(key)
    await verifier.verify(old)
    realm.keys = [second]
    verifier.fetched_at -= 31

    assert (await verifier.verify(signed(second))).person_id is not None
    with pytest.raises(Unauthenticated):
        await verifier.verify(old)


async def test_realm_that_is_away_is_bridged_by_known_keys_and_counted(key: RSAKey) -> None:
    realm = Realm(key)
    verifier = realm.verifier()
    await verifier.verify(signed(key))
    realm.is_away = True
    verifier.fetched_at -= 31

    with pytest.raises(Unauthenticated):
        await verifier.verify(signed(a_key("unknown")))

    assert (await verifier.verify(signed(key))).person_id is not None
    assert verifier.refresh_failures == 1


async def test_realm_that_never_answered_makes_the_caller_wait_and_not_sign_in_anew(key: RSAKey) -> None:
    realm = Realm(key)
    realm.is_away = True

    with pytest.raises(Unavailable):
        await realm.verifier().verify(signed(key))


async def test_remembered_token_ends_when_it_says(key: RSAKey, monkeypatch: pytest.MonkeyPatch) -> None:
    verifier, token = Realm(key).verifier(), signed(key)
    await verifier.verify(token)
    later = time.time() + 400

    monkeypatch.setattr(time, "time", lambda: later)

    with pytest.raises(Unauthenticated):
        await verifier.verify(token)


async def test_remembered_token_is_not_decoded_again(key: RSAKey) -> None:
    realm, token = Realm(key), signed(key)
    verifier = realm.verifier()

    assert await verifier.verify(token) is await verifier.verify(token)


async def test_keys_that_were_fetched_ahead_are_not_fetched_again(key: RSAKey) -> None:
    realm = Realm(key)
    verifier = realm.verifier()

    await verifier.get_ready()
    await verifier.verify(signed(key))

    assert realm.fetches == 1


async def test_realm_that_was_away_ahead_of_the_first_caller_is_asked_again_for_that_one(key: RSAKey) -> None:
    realm = Realm(key)
    verifier = realm.verifier()
    realm.is_away = True

    await verifier.get_ready()
    realm.is_away = False

    assert (await verifier.verify(signed(key))).person_id is not None
    assert verifier.refresh_failures == 1


@pytest.mark.parametrize(
    "groups",
    [
        None,
        "/schools/spb-693/curator",
        {"/schools/spb-693/curator": 1},
        7,
        ["curator", "/curator", "/", "", "//", "/schools/curator", "/schools//curator", "/schools/spb-693/"],
        ["/schools/spb-693/a/curator", "/old/spb-693/curator", "/city/north/analyst", "/Schools/spb-693/curator"],
        ["//schools/spb-693/curator", "/schools/spb-693/curator/", " /schools/spb-693/curator"],
        [None, 7, ["/schools/spb-693/curator"], {"path": "/schools/spb-693/curator"}],
    ],
)
def test_malformed_groups_grant_nothing(groups: object) -> None:
    assert principal_of({"groups": groups}).grants == frozenset()


def test_service_is_no_person() -> None:
    principal = principal_of({"groups": ["/services/registry"], "azp": "registry"})

    assert principal.has("services", "registry")
    with pytest.raises(Forbidden):
        assert principal.me


def test_place_stands_in_the_path() -> None:
    assert place_of({"school": "a", "district": "b"}) == "schools/a"
    assert place_of({"district": "b"}) == "districts/b"
    assert place_of({}) == "city"


async def papers(stand: Stand, school: str, *, by: UUID, groups: list[str]) -> int:
    documents = await stand.service("documents")
    return (await documents.call("GET", f"/schools/{school}/papers", by=by, groups=groups)).status_code


async def test_curator_of_one_school_who_teaches_at_another_is_only_a_teacher_there(stand: Stand) -> None:
    own, other, person = a_school(), a_school(), uuid4()
    groups = [f"/schools/{own}/curator", f"/schools/{other}/teacher"]

    assert await papers(stand, own, by=person, groups=groups) == 200
    assert await papers(stand, other, by=person, groups=groups) == 403


@pytest.mark.parametrize(
    "group", ["/city/curator", "/districts/{school}/curator", "/services/curator", "/schools/x/curator"]
)
async def test_role_held_elsewhere_opens_no_door_of_a_school(stand: Stand, group: str) -> None:
    school = a_school()

    assert await papers(stand, school, by=uuid4(), groups=[group.format(school=school)]) == 403


@pytest.mark.parametrize("header", ["", "Basic dGVzdDp0ZXN0", "Bearer", "Bearer ", "Bearer nonsense", "token"])
async def test_request_without_a_proper_token_is_401_and_says_how(stand: Stand, header: str) -> None:
    documents = await stand.service("documents")

    answer = await documents.client.get("/schools/x/papers", headers={"Authorization": header})

    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"


async def test_service_cannot_open_a_door_for_people(stand: Stand) -> None:
    documents = await stand.service("documents")
    school = a_school()

    answer = await documents.call(
        "GET", f"/schools/{school}/my/consents", by=None, groups=[f"/schools/{school}/teacher"]
    )

    assert (answer.status_code, answer.json()["type"]) == (403, "urn:neo:problem:identity.person-only")


class SilentRealm(Realm):
    """A realm that takes a question and says nothing until it is told how to end it."""

    def __init__(self, *keys: RSAKey) -> None:
        super().__init__(*keys)
        self.is_asked, self.ends = asyncio.Event(), asyncio.Event()

    async def fetch(self) -> dict[str, Any]:
        self.is_asked.set()
        await self.ends.wait()
        return await super().fetch()


async def test_whoever_waited_for_keys_that_did_not_come_does_not_ask_once_more(key: RSAKey) -> None:
    realm = SilentRealm(key)
    realm.is_away = True
    verifier = realm.verifier()
    crowd = [asyncio.create_task(verifier.verify(signed(key))) for _ in range(20)]
    await realm.is_asked.wait()
    await asyncio.sleep(0)
    realm.ends.set()

    answers = await asyncio.gather(*crowd, return_exceptions=True)

    assert {type(answer) for answer in answers} == {Unavailable}
    assert realm.fetches == 1
    realm.is_away = False
    assert (await verifier.verify(signed(key))).client == ""


async def test_known_keys_are_used_while_unknown_ones_are_asked_for(key: RSAKey) -> None:
    realm = SilentRealm(key)
    realm.ends.set()
    verifier = realm.verifier()
    await verifier.verify(signed(key))
    realm.is_asked.clear()
    realm.ends.clear()
    verifier.fetched_at = float("-inf")
    stranger = asyncio.create_task(verifier.verify(signed(a_key("unknown"))))
    await realm.is_asked.wait()

    principal = await asyncio.wait_for(verifier.verify(signed(key)), timeout=5)

    realm.ends.set()
    with pytest.raises(Unauthenticated):
        await stranger
    assert principal.client == ""
