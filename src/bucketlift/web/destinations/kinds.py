"""The kinds of destinations that the page can add, and what the operator allows for each."""

from __future__ import annotations

from dataclasses import dataclass

from bucketlift.model.sharing import AllowLists
from bucketlift.service.core import allowed


@dataclass(frozen=True, slots=True, kw_only=True)
class DestinationKind:
    key: str
    title: str
    what: str
    group: str
    test: str
    """What the test of the destination does."""
    setting: str = ""
    """The operator's setting with the places that users may name; empty if there is none."""
    example: str = ""
    """An entry of the setting."""


TABLES, PEOPLE, FILES, ROWS = "Tables", "People, responses and records", "Files", "Rows to an API"
KINDS = {
    each.key: each
    for each in (
        DestinationKind(
            key="duckdb",
            title="DuckDB",
            what="A database file on this installation, made for analysis with SQL. No setup needed.",
            group=TABLES,
            test="Opens the file and checks that tables can be created. Nothing stays.",
        ),
        DestinationKind(
            key="sqlite",
            title="SQLite",
            what="A database file on this installation that most tools can open. No setup needed.",
            group=TABLES,
            test="Opens the file and checks that tables can be created. Nothing stays.",
        ),
        DestinationKind(
            key="postgresql",
            title="PostgreSQL",
            what="A schema of a database server.",
            group=TABLES,
            test="Signs in and checks that tables can be created. Nothing stays.",
            setting=allowed.DATABASES,
            example="db.example.com:5432",
        ),
        DestinationKind(
            key="directory",
            title="Directory of people",
            what="Contacts and employees, with merge rules, mailing lists and a history of each value: in a file on this "
            "installation, or in PostgreSQL.",
            group=PEOPLE,
            test="Opens the file, or signs in, and checks that the directory can be written. Nothing stays.",
        ),
        DestinationKind(
            key="qualtrics",
            title="Hosted platform (Qualtrics)",
            what="Contacts, employees, responses and records of a brand. Never tried against the real platform.",
            group=PEOPLE,
            test="Reads the mailing lists of the directory, if one is set. Nothing is sent.",
        ),
        DestinationKind(
            key="s3",
            title="Files in S3",
            what="One file per source file, in a bucket that one of your accounts can write to.",
            group=FILES,
            test="Creates a small file below the prefix and checks that it is not overwritten.",
        ),
        DestinationKind(
            key="sftp",
            title="Files on an SFTP server",
            what="One file per source file, in a folder of a server whose key you compare.",
            group=FILES,
            test="Signs in, creates two empty hidden files, checks that no file is replaced, and removes them.",
            setting=allowed.HOSTS,
            example="files.example.com:22",
        ),
        DestinationKind(
            key="folder",
            title="Files in a folder",
            what="One file per source file, in a folder of the machine on which Bucketlift runs.",
            group=FILES,
            test="Creates a small file and removes it.",
            setting=allowed.FOLDERS,
            example="/srv/exports",
        ),
        DestinationKind(
            key="http",
            title="HTTP receiver",
            what="Rows in chunks, each as a POST request with a JSON array.",
            group=ROWS,
            test="Checks the settings. The receiver is not called, because every call may take effect.",
            setting=allowed.HOSTS,
            example="hooks.example.com:443",
        ),
    )
}
GROUPS = (TABLES, PEOPLE, FILES, ROWS)


def entries(setting: str, lists: AllowLists) -> tuple[str, ...]:
    """The entries of one of the operator's settings."""
    known = {
        allowed.DATABASES: lists.databases,
        allowed.HOSTS: lists.hosts,
        allowed.FOLDERS: lists.folders,
        allowed.PLATFORMS: lists.platforms,
    }
    return known.get(setting, ())
