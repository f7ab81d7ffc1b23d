"""A role and a database on a server, made by one who may: `python -m storage.provision`.

Reads {"admin": DSN, "url": DSN, "may_take_over": bool} from standard input, so that no secret is on
a command line. Role, password and database are those of `url`. A role that is there already is
somebody's, and refused, unless `may_take_over`: then an interrupted run of ours made it.
"""

from __future__ import annotations

import json
import sys
from urllib.parse import unquote, urlsplit

import psycopg2
from psycopg2 import extensions, sql

from storage import statements

DONE, BAD_OUTCOME, REFUSED, TRY_LATER = 0, 1, 5, 75


def provision(admin: str, url: str, may_take_over: bool) -> str:
    """What was made. Raises psycopg2.Error, PermissionError for a role of somebody else."""
    parts = urlsplit(url)
    role, password, database = parts.username, unquote(parts.password or ""), parts.path.lstrip("/")
    if not role or not password or not database:
        raise ValueError("the address has no role, no password or no database")
    connection = psycopg2.connect(admin, connect_timeout=10)
    try:
        connection.autocommit = True  # create database wants no transaction
        made = []
        if _is_there(connection, "provision.role", role):
            if not may_take_over:
                raise PermissionError(f"the server has a role {role} already")
            _run(connection, "alter role {} login password {}", role, password)
        else:
            _run(connection, "create role {} login password {}", role, password)
            made.append(f"role {role}")
        if not _is_there(connection, "provision.database", database):
            command = sql.SQL("create database {} owner {} encoding 'UTF8' template template0")
            _execute(connection, command.format(sql.Identifier(database), sql.Identifier(role)))
            made.append(f"database {database}")
    finally:
        connection.close()
    psycopg2.connect(url, connect_timeout=10).close()  # it lets us in
    return ", ".join(made) or "both were there"


def _is_there(connection: extensions.connection, statement: str, name: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(statements.get(statement).sql, {"name": name})
        found = cursor.fetchone()
    return bool(found and found[0])


def _run(connection: extensions.connection, command: str, role: str, password: str) -> None:
    """The server is sent the verifier, so no log of it can hold the password."""
    verifier = extensions.encrypt_password(password, role, connection, "scram-sha-256")
    _execute(connection, sql.SQL(command).format(sql.Identifier(role), sql.Literal(verifier)))


def _execute(connection: extensions.connection, command: sql.Composed) -> None:
    with connection.cursor() as cursor:
        cursor.execute(command)


def main() -> int:
    order = json.load(sys.stdin)
    try:
        made = provision(order["admin"], order["url"], bool(order["may_take_over"]))
    except PermissionError as error:
        sys.stderr.write(f"error: {error}\n  fix: give its address as DATABASE_URL instead\n")
        return REFUSED
    except psycopg2.OperationalError as error:
        sys.stderr.write(f"error: the server cannot be reached: {str(error).strip()}\n")
        return TRY_LATER
    except (psycopg2.Error, ValueError) as error:
        sys.stderr.write(f"error: {str(error).strip()}\n")
        return BAD_OUTCOME
    sys.stdout.write(f"{made}\n")
    return DONE


if __name__ == "__main__":
    sys.exit(main())
