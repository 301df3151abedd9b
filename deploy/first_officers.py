"""The first people of a new realm: without them nobody could appoint anybody."""

from uuid import UUID, uuid5

from contracts.event import NAMESPACE

FIRST = {"city.analyst": "/city/analyst", "city.operator": "/city/operator", "city.auditor": "/city/auditor"}


def person_id_of(username: str) -> UUID:
    """A first officer's person id: the same in each start."""
    return uuid5(NAMESPACE, f"first officer {username}")


async def ensure_first_officers(server_url: str, registry_secret: str) -> None:
    """Create what is missing, through the realm's own admin API; a second call changes nothing."""
    from keycloak import KeycloakAdmin, KeycloakOpenIDConnection

    connection = KeycloakOpenIDConnection(
        server_url=server_url, realm_name="neo", client_id="registry", client_secret_key=registry_secret
    )
    admin = KeycloakAdmin(connection=connection)
    for username, group in FIRST.items():
        if await admin.a_get_users({"username": username, "exact": True}):
            continue
        user = await admin.a_create_user(
            {"username": username, "enabled": True, "attributes": {"person_id": [str(person_id_of(username))]}}
        )
        await admin.a_group_user_add(user, await _group_id(admin, group))


async def _group_id(admin: object, path: str) -> str:
    """The id of a group, made with its parents where it is missing."""
    parent: str | None = None
    walked = ""
    for name in path.strip("/").split("/"):
        walked += f"/{name}"
        await admin.a_create_group({"name": name}, parent=parent, skip_exists=True)  # type: ignore[attr-defined]
        found = await admin.a_get_group_by_path(walked)  # type: ignore[attr-defined]
        parent = str(found["id"])
    return str(parent)
