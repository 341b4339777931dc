"""The files that the demo puts into its bucket, and the expected outcome of each."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from bucketlift.demo.object_outcome import Outcome
from bucketlift.demo.sheets import (
    Row,
    Sheet,
    employees,
    salesforce_accounts,
    salesforce_contacts,
    survey_responses,
)

TABLES = {
    "employees": 400,
    "salesforce_accounts": 400,
    "salesforce_contacts": 350,
    "survey_responses": 498,
    "people.contacts": 400,
    "people.employees": 400,
}
"""For each table, and each kind of people in the directory, its number of rows after every file was loaded once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    key: str
    body: bytes
    expected: Outcome


def deliveries() -> tuple[Delivery, ...]:
    """The files of the demo: two days of employees, one file with a wrong header, and surveys with 2 and with
    15 bad rows.
    """
    monday, tuesday = employees(range(300)), employees(range(200, 400), moved=True)
    wednesday = employees(range(250))
    renamed = Sheet(
        header=tuple("WorkEmail" if name == "Email" else name for name in wednesday.header),
        rows=wednesday.rows,
    )
    americas, emea = salesforce_accounts(range(220)), salesforce_accounts(range(220, 400))
    contacts = salesforce_contacts(range(350))
    february = survey_responses(range(240), first_day=date(2026, 2, 1))
    march = survey_responses(range(240, 500), first_day=date(2026, 3, 1))
    april = survey_responses(range(500, 700), first_day=date(2026, 4, 1))
    return (
        _csv("employees/2026-03-02.csv", monday, Outcome.DELETED),
        _csv("employees/2026-03-03.csv", tuesday, Outcome.DELETED),
        _csv("employees/2026-03-04.csv", renamed, Outcome.HELD),
        _csv("salesforce/accounts/americas.csv", americas, Outcome.KEPT),
        _csv("salesforce/accounts/emea.csv", emea, Outcome.KEPT),
        Delivery(
            key="salesforce/contacts/2026-03.tsv",
            body=text(contacts, "\t").encode(),
            expected=Outcome.RENAMED,
        ),
        _csv("surveys/2026-02.csv", february, Outcome.MOVED),
        _csv("surveys/2026-03.csv", march, Outcome.MOVED, unquoted=range(100, 240, 70)),
        _csv("surveys/2026-04.csv", april, Outcome.HELD, unquoted=range(10, 160, 10)),
        _csv("staff-directory/2026-03-02.csv", monday, Outcome.DELETED),
        _csv("staff-directory/2026-03-03.csv", tuesday, Outcome.DELETED),
    )


def _csv(key: str, sheet: Sheet, expected: Outcome, *, unquoted: Collection[int] = ()) -> Delivery:
    return Delivery(key=key, body=text(sheet, ",", unquoted=unquoted).encode(), expected=expected)


def text(sheet: Sheet, delimiter: str, *, unquoted: Collection[int] = ()) -> str:
    """Write the sheet as valid CSV. Only the rows with the numbers in ``unquoted`` have a broken cell."""
    written = io.StringIO()
    writer = csv.writer(written, delimiter=delimiter, lineterminator="\r\n")
    writer.writerow(sheet.header)
    for number, row in enumerate(sheet.rows):
        if number in unquoted:
            written.write(delimiter.join(_with_unquoted_cell(row)) + "\r\n")
        else:
            writer.writerow(row)
    return written.getvalue()


def _with_unquoted_cell(row: Row) -> Row:
    """Replace the last cell of a row by an unquoted cell with a delimiter and quotes."""
    return (*row[:-1], 'late, and then "done"')
