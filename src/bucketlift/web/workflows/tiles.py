"""The task catalogue: the kinds of tasks that a user can add."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    title: str
    text: str
    icon: str
    group: str
    form: str
    """The last part of the URL of the task's form."""
    search_words: str = ""
    """Additional words by which the search finds the task."""

    def has(self, query: str) -> bool:
        text = f"{self.title} {self.text} {self.group} {self.search_words}".casefold()
        return all(word in text for word in query.casefold().split())


GROUPS = ("Extract", "Transform", "Load")
TILES = (
    Tile(
        title="Extract data from Amazon S3",
        text="Finds CSV or TSV files in a bucket and reads them exactly. Needs an AWS account and a sample file.",
        icon="brand-aws",
        group="Extract",
        form="extract",
        search_words="aws bucket import minio csv tsv files",
    ),
    Tile(
        title="Extract data from SFTP or a folder",
        text="Finds CSV or TSV files on an SFTP server or in a folder, and reads them exactly. Needs an account of the server "
        "or folder, and a sample file.",
        icon="file",
        group="Extract",
        form="extract",
        search_words="ftp server directory",
    ),
    Tile(
        title="Transform",
        text="Changes rows: trims, joins, splits and maps values, and parses or formats dates and numbers. "
        "Needs an extract task before it.",
        icon="filter",
        group="Transform",
        form="transform",
        search_words="basic clean map values lookup case replace concatenate substring date number required",
    ),
    Tile(
        title="Table",
        text="Loads rows into a table of DuckDB, SQLite or PostgreSQL: append, upsert or replace. Needs a destination; "
        "its table is created.",
        icon="table",
        group="Load",
        form="table",
        search_words="database loader warehouse destination append upsert replace",
    ),
    Tile(
        title="Add contacts and transactions",
        text="Adds and updates contacts in a directory by merge rules, and puts them on a mailing list. Needs a "
        "directory, and fields that identify a person.",
        icon="users",
        group="Load",
        form="contacts",
        search_words="directory people mailing list merge rules transactions xm contact loader",
    ),
    Tile(
        title="Load employees",
        text="Adds and updates employees in a directory by a unique identifier. Needs a directory, and fields with "
        "first name, last name and e-mail address.",
        icon="user",
        group="Load",
        form="employees",
        search_words="directory people users ex cx hr staff employee upsert unique identifier metadata loader",
    ),
    Tile(
        title="Load responses to a survey",
        text="Adds each row as a response: in a directory, or on the hosted platform. Needs the ID of the survey.",
        icon="users",
        group="Load",
        form="responses",
        search_words="directory qualtrics answers",
    ),
    Tile(
        title="Load into a data project",
        text="Adds and updates records by a key: in a directory, or on the hosted platform.",
        icon="table",
        group="Load",
        form="records",
        search_words="directory qualtrics data set",
    ),
    Tile(
        title="Write files to S3, SFTP or a folder",
        text="Writes rows as CSV, TSV, JSON or Parquet files to a bucket, an SFTP server or a folder. Needs a destination.",
        icon="brand-aws",
        group="Load",
        form="objects",
        search_words="load data to amazon aws export gzip pgp",
    ),
    Tile(
        title="Send rows by HTTP",
        text="Posts rows to an HTTP receiver in chunks. Needs a destination.",
        icon="table",
        group="Load",
        form="rows",
        search_words="webhook post api json",
    ),
)
