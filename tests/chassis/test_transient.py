"""What a handler's error means: trouble of the database is waited out, everything else is an attempt."""

import asyncpg
import pytest
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from chassis.database import is_transient


def wrapped(cause: Exception, *, is_lost: bool = False) -> DBAPIError:
    """An error as SQLAlchemy hands it on: the driver's own stands behind it."""
    original = Exception("translated")
    original.__cause__ = cause
    return DBAPIError("select 1", None, original, connection_invalidated=is_lost)


TROUBLE = [
    asyncpg.ConnectionDoesNotExistError("connection was closed in the middle of operation"),
    asyncpg.SerializationError("could not serialize access"),
    asyncpg.DeadlockDetectedError("deadlock detected"),
    asyncpg.ReadOnlySQLTransactionError("cannot execute INSERT in a read-only transaction"),
    asyncpg.CannotConnectNowError("the database system is starting up"),
    asyncpg.AdminShutdownError("terminating connection due to administrator command"),
    asyncpg.TooManyConnectionsError("too many clients already"),
    asyncpg.DiskFullError("No space left on device"),
    asyncpg.InterfaceError("connection is closed"),
]
FAULTS = [
    asyncpg.UniqueViolationError("duplicate key"),
    asyncpg.InsufficientPrivilegeError("permission denied"),
    asyncpg.UndefinedColumnError("column does not exist"),
    asyncpg.InvalidTextRepresentationError("invalid input syntax"),
    asyncpg.InterfaceError("the server expects 2 arguments for this query, 1 was passed"),
    asyncpg.InterfaceError("cannot perform operation: another operation is in progress"),
]


@pytest.mark.parametrize("error", TROUBLE, ids=lambda error: type(error).__name__)
def test_trouble_of_the_database_is_waited_out(error: Exception) -> None:
    assert is_transient(error)
    assert is_transient(wrapped(error))


@pytest.mark.parametrize("error", FAULTS, ids=str)
def test_fault_of_a_statement_is_an_attempt(error: Exception) -> None:
    assert not is_transient(error)
    assert not is_transient(wrapped(error))


@pytest.mark.parametrize("error", [ConnectionRefusedError(), FileNotFoundError(), TimeoutError(), PoolTimeout()])
def test_unreachable_server_is_waited_out(error: Exception) -> None:
    assert is_transient(error)


def test_lost_connection_is_waited_out_whatever_was_said_on_it() -> None:
    assert is_transient(wrapped(asyncpg.UniqueViolationError("duplicate key"), is_lost=True))


@pytest.mark.parametrize("error", [LookupError(), ValueError(), AssertionError(), ZeroDivisionError()])
def test_bug_is_an_attempt(error: Exception) -> None:
    assert not is_transient(error)
