"""Tables and queries of the gateway: the only place here with SQL."""

from gateway.store.rates import Spent, count_together, sweep_rates
from gateway.store.sessions import (
    Kept,
    Renewal,
    Visit,
    add_session,
    end_session,
    end_sessions_of_people,
    end_sessions_of_sign_on,
    find_session,
    lend_renewal,
    mark_stale,
    release_renewal,
    renew_session,
    see_session,
    sweep_sessions,
    visits_of,
)
from gateway.store.sign_ins import Attempt, add_attempt, revoke, revoked_at, sweep_sign_ins, take_attempt
from gateway.store.tables import metadata

__all__ = [
    "Attempt",
    "Kept",
    "Renewal",
    "Spent",
    "Visit",
    "add_attempt",
    "add_session",
    "count_together",
    "end_session",
    "end_sessions_of_people",
    "end_sessions_of_sign_on",
    "find_session",
    "lend_renewal",
    "mark_stale",
    "metadata",
    "release_renewal",
    "renew_session",
    "revoke",
    "revoked_at",
    "see_session",
    "sweep_rates",
    "sweep_sessions",
    "sweep_sign_ins",
    "take_attempt",
    "visits_of",
]
