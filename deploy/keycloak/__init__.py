"""Keycloak's realm `neo` as the house wants it (realm.json), and the commands that show and mend what differs."""
