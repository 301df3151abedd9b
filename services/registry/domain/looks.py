"""What of a person others can look at here: the words of the access log. They are kept for years and never change."""

from enum import StrEnum


class What(StrEnum):
    """Kinds of things of a person; none says what stood in it."""

    PEOPLE = "registry.people"
    ROLES = "registry.roles"
    ACCOUNTS = "registry.accounts"
    STAFF_FILE = "registry.staff-file"
    ROLE_PROFILES = "registry.role-profiles"
    ATTESTATION = "registry.attestation"
    SLIPS = "registry.slips"
    SEARCH = "registry.search"
    ERASURE = "registry.erasure"
    LOOKS = "registry.looks"
