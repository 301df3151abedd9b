"""A realm of a whole city: thousands of groups, and a person with fifty of them."""

import json
from dataclasses import replace
from typing import Any
from uuid import uuid4

from chassis.identity import Grant
from deploy.keycloak.changes import changes_of
from deploy.keycloak.found import RealmReader
from deploy.keycloak.wanted import FILE, PLACEHOLDER, pieces_of
from tests.keycloak.realm import ENV, Realm, administration
from tests.registry.realm import forget_older_work
from tests.registry.town import a_school
from tests.stand import Stand

SCHOOLS, ROLES = 1000, ("teacher", "observer", "curator", "head")
GRANTS = 50


# Keycloak's import of as many groups in one go exceeds its own limit of five minutes for a transaction.
MAKE_SCHOOLS = """
    with above as (
        select g.id, g.realm_id from keycloak_group g join realm r on r.id = g.realm_id
        where r.name = $1 and g.name = 'schools'
    ), schools as (
        insert into keycloak_group (id, name, parent_group, realm_id, type)
        select gen_random_uuid()::text, 'spb-' || number, above.id, above.realm_id, 0
        from above, generate_series(0, $2 - 1) as number
        returning id, realm_id
    )
    insert into keycloak_group (id, name, parent_group, realm_id, type)
    select gen_random_uuid()::text, role, schools.id, schools.realm_id, 0 from schools, unnest($3::text[]) as role
"""


def realm_file(name: str) -> dict[str, Any]:
    """The realm file under another name, as Keycloak imports it at its first start."""
    text = PLACEHOLDER.sub(lambda found: ENV[found[1]], FILE.read_text(encoding="utf-8"))
    return {**json.loads(text), "realm": name}


async def a_city(keycloak: Realm) -> Realm:
    """A realm with 5,000 groups."""
    city = replace(keycloak, name=f"city-{uuid4().hex[:6]}")
    await keycloak.admin.a_import_realm(realm_file(city.name))
    await keycloak.server.database.run(MAKE_SCHOOLS, city.name, SCHOOLS, list(ROLES))
    return city


async def test_city_of_five_thousand_groups_and_a_person_with_fifty(stand: Stand, keycloak: Realm) -> None:
    await forget_older_work(stand)
    city = await a_city(keycloak)
    paths = [f"/schools/spb-{number}/teacher" for number in range(0, SCHOOLS, SCHOOLS // GRANTS)]

    async with administration(city.server, city.name) as admin:
        busy = await replace(city, admin=admin).person_in(*paths)
    token = (await city.tokens(busy.username))["access_token"]
    principal = await city.verifier().verify(token)
    registry = await stand.service("registry")
    school = await a_school(registry)
    await school.add()
    await city.keeper().sweep(registry.db)

    assert len(principal.grants) == GRANTS
    assert principal.grants == {Grant(path[1:].removesuffix("/teacher"), "teacher") for path in paths}
    # The usual limit of one header is 8 KiB.
    assert len(token) < 4096
    accounts = (await school.call("curator", "GET", "/accounts")).json()["items"]
    assert [one["state"] for one in accounts] == ["READY"]


async def test_imported_realm_file_is_what_the_command_makes(keycloak: Realm) -> None:
    name = f"imported-{uuid4().hex[:6]}"
    await keycloak.admin.a_import_realm(realm_file(name))
    wanted = pieces_of(realm_file(name))

    async with administration(keycloak.server, name) as admin:
        found = await RealmReader(admin, name, wanted).read()

    assert [one.as_line() for one in changes_of(wanted, found)] == []
