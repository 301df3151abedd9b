"""What a handler's error means: trouble of the database is waited out, everything else is an attempt."""

import asyncpg
import pytest

from chassis.database import is_transient

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
    asyncpg.InterfaceError("cannot call Connection.fetch(): underlying connection is closed"),
    asyncpg.InvalidCachedStatementError("cached statement plan is invalid due to a database schema change"),
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


@pytest.mark.parametrize("error", FAULTS, ids=str)
def test_fault_of_a_statement_is_an_attempt(error: Exception) -> None:
    assert not is_transient(error)


@pytest.mark.parametrize("error", [ConnectionRefusedError(), FileNotFoundError(), TimeoutError()])
def test_unreachable_server_is_waited_out(error: Exception) -> None:
    assert is_transient(error)


@pytest.mark.parametrize("error", [LookupError(), ValueError(), AssertionError(), ZeroDivisionError()])
def test_bug_is_an_attempt(error: Exception) -> None:
    assert not is_transient(error)
