"""The doctor's checks of a PostgreSQL database."""

from __future__ import annotations

from typing import Any

from bucketlift.errors import BucketliftError
from bucketlift.loaders.identifiers import quoted
from bucketlift.loaders.keeping import findings, reach_findings
from bucketlift.loaders.places import failed_check
from bucketlift.loaders.postgresql.connecting import Connection
from bucketlift.loaders.postgresql.error_translation import explained
from bucketlift.loaders.postgresql.keeping import reaching, risks
from bucketlift.loaders.postgresql.places import find_place
from bucketlift.loaders.postgresql.receipts import PostgresqlReceipts
from bucketlift.model.finding import Finding, Health
from bucketlift.model.load import LoadId

_ABOUT = """
    SELECT current_setting('server_version'), current_database()::text, current_user::text, quote_ident(current_user),
        pg_is_in_recovery(), current_setting('default_transaction_read_only'),
        has_database_privilege(current_database(), 'TEMPORARY'), quote_ident(current_database()),
        (SELECT has_schema_privilege(oid, 'USAGE') FROM pg_namespace WHERE nspname = $1),
        (SELECT has_schema_privilege(oid, 'CREATE') FROM pg_namespace WHERE nspname = $1),
        (SELECT version FROM pg_stat_ssl WHERE pid = pg_backend_pid() AND ssl)
"""
_SETTINGS = """
    SELECT name, setting FROM (VALUES ('synchronous_commit'), ('fsync'), ('full_page_writes')) AS asked (name),
        LATERAL current_setting(name) AS setting
"""
_SECURED = """
    SELECT c.relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = $1 AND c.relkind IN ('r', 'p') AND row_security_active(c.oid) ORDER BY 1
"""
_LOST = "A power failure of the server may lose committed rows after their source file was deleted"
_WEAK = {
    ("synchronous_commit", "off"): (
        "The server answers commits before they are on its disk; Bucketlift's own commits still wait for the disk",
        "Set synchronous_commit = on for the database if other programs need durable commits.",
    ),
    ("fsync", "off"): (_LOST, "Set fsync = on. Until then, let no workflow delete the files it loads here."),
    ("full_page_writes", "off"): (
        _LOST + ", because half-written pages are not repaired",
        "Set full_page_writes = on, unless the file system prevents half-written pages.",
    ),
}


def examine(connection: Connection, schema: str, chosen: str | None) -> tuple[Finding, ...]:
    """Check the database without changing anything.

    The connection must have no open transaction, so that the server's own settings are visible.
    """
    [about] = connection.execute(_ABOUT, [schema]).fetchall()
    version, database, user, user_sql, standby, read_only, temporary, database_sql, uses, makes, tls = about
    return (
        _ok("reach", f"PostgreSQL {version}, database {database}, user {user}"),
        _transactions(connection),
        _writes(standby=standby, read_only=read_only),
        _schema(schema, user_sql, uses=uses, makes=makes),
        _temporary(database_sql, user_sql, may=temporary),
        _receipts(connection, schema, chosen),
        _tls(connection.info.host, tls),
        *_tables(connection, schema, user_sql),
        *(_setting(name, setting) for name, setting in connection.execute(_SETTINGS).fetchall()),
    )


def _transactions(connection: Connection) -> Finding:
    """Check whether transactions work. They do not if a connection pool in statement mode is between
    Bucketlift and the server.
    """
    connection.execute("BEGIN; SELECT 1")
    connection.execute("ROLLBACK")
    return _ok("transaction", "All statements of a transaction reach the same session of the server")


def _writes(*, standby: bool, read_only: str) -> Finding:
    if standby:
        what, hint = "The server is a read-only standby", "Set the URL to the primary server."
    elif read_only == "on":
        what = "Transactions are read-only (default_transaction_read_only is on)"
        hint = "Unset default_transaction_read_only for this user and database."
    else:
        return _ok("write", "The server accepts writes")
    return Finding(check="write", health=Health.MISSING, what=what, hint=hint)


def _schema(schema: str, user: str, *, uses: bool | None, makes: bool | None) -> Finding:
    if uses is None:
        hint = f"Create the schema with: CREATE SCHEMA {quoted(schema)};"
        return Finding(check="schema", health=Health.MISSING, what=f"There is no schema {schema}", hint=hint)
    if not uses:
        hint = f"Grant the right with: GRANT USAGE ON SCHEMA {quoted(schema)} TO {user};"
        return Finding(
            check="schema", health=Health.MISSING, what=f"No right to use the schema {schema}", hint=hint
        )
    if not makes:
        what = f"No right to create tables in the schema {schema}: only existing tables can be loaded"
        hint = f"Grant the right with: GRANT CREATE ON SCHEMA {quoted(schema)} TO {user};"
        return Finding(check="schema", health=Health.WARNING, what=what, hint=hint)
    return _ok("schema", f"Tables can be created in the schema {schema}")


def _temporary(database: str, user: str, *, may: bool) -> Finding:
    if may:
        return _ok("staging", "Temporary tables can be created")
    return Finding(
        check="staging",
        health=Health.MISSING,
        what="No right to create temporary tables, which upsert and replace need",
        hint=f"Grant the right with: GRANT TEMPORARY ON DATABASE {database} TO {user};",
    )


def _receipts(connection: Connection, schema: str, chosen: str | None) -> Finding:
    try:
        with explained(f"schema {schema}"):
            place = find_place(connection, schema, chosen)
            PostgresqlReceipts(connection=connection, place=place, schema=schema).find([LoadId("none")])
    except BucketliftError as error:
        return failed_check("receipts", error)
    return _ok(
        "receipts",
        f"Receipts are kept in {place}" + ("" if place.exists else ", which the first load creates"),
    )


def _tables(connection: Connection, schema: str, user: str) -> tuple[Finding, ...]:
    secured = connection.execute(_SECURED, [schema]).fetchall()
    return (
        *findings(risks(connection, schema)),
        *reach_findings(reaching(connection, schema)),
        *(
            Finding(
                check="tables",
                health=Health.WARNING,
                what=f"Row security of table {table} applies to the user: upsert and replace are refused, and an "
                "append fails if it has a row that no policy admits",
                hint=f"Load with a user that has BYPASSRLS: ALTER ROLE {user} BYPASSRLS; or append rows that a "
                "policy admits.",
            )
            for (table,) in secured
        ),
    )


def _tls(host: str, version: str | None) -> Finding:
    if version:
        return _ok("tls", f"The connection is encrypted ({version})")
    if host.startswith("/") or host in {"", "localhost", "127.0.0.1", "::1"}:
        return _ok("tls", "The connection does not leave this machine")
    return Finding(
        check="tls",
        health=Health.WARNING,
        what="Rows and the password exchange cross the network unencrypted",
        hint="Add ?sslmode=verify-full to the URL, and sslrootcert if the server's certificate comes from your own authority.",
    )


def _setting(name: str, setting: Any) -> Finding:
    if (name, setting) not in _WEAK:
        return _ok(name, f"{name} is {setting}")
    what, hint = _WEAK[name, setting]
    return Finding(check=name, health=Health.WARNING, what=what, hint=hint)


def _ok(check: str, what: str) -> Finding:
    return Finding(check=check, health=Health.OK, what=what)
