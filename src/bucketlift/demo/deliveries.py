"""The files that are put into the demo's bucket, and what is expected to become of each."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from bucketlift.demo.object_outcome import Became
from bucketlift.demo.sheets import (
    Row,
    Sheet,
    employees,
    salesforce_accounts,
    salesforce_contacts,
    survey_responses,
)

TABLES = {"employees": 400, "salesforce_accounts": 400, "salesforce_contacts": 350, "survey_responses": 498}
"""How many rows each table has once everything below was delivered and loaded once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One object of the bucket."""

    key: str
    body: bytes
    becomes: Became


def deliveries() -> tuple[Delivery, ...]:
    """Two days of employees and one with a wrong header; surveys with 2 and with 15 bad rows."""
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
        _csv("employees/2026-03-02.csv", monday, Became.DELETED),
        _csv("employees/2026-03-03.csv", tuesday, Became.DELETED),
        _csv("employees/2026-03-04.csv", renamed, Became.HELD),
        _csv("salesforce/accounts/americas.csv", americas, Became.KEPT),
        _csv("salesforce/accounts/emea.csv", emea, Became.KEPT),
        Delivery(
            key="salesforce/contacts/2026-03.tsv", body=text(contacts, "\t").encode(), becomes=Became.RENAMED
        ),
        _csv("surveys/2026-02.csv", february, Became.MOVED),
        _csv("surveys/2026-03.csv", march, Became.MOVED, unquoted=range(100, 240, 70)),
        _csv("surveys/2026-04.csv", april, Became.HELD, unquoted=range(10, 160, 10)),
    )


def _csv(key: str, sheet: Sheet, becomes: Became, *, unquoted: Collection[int] = ()) -> Delivery:
    return Delivery(key=key, body=text(sheet, ",", unquoted=unquoted).encode(), becomes=becomes)


def text(sheet: Sheet, delimiter: str, *, unquoted: Collection[int] = ()) -> str:
    """As a careful program writes it; the rows of these numbers as a careless one does."""
    written = io.StringIO()
    writer = csv.writer(written, delimiter=delimiter, lineterminator="\r\n")
    writer.writerow(sheet.header)
    for number, row in enumerate(sheet.rows):
        if number in unquoted:
            written.write(delimiter.join(_careless(row)) + "\r\n")
        else:
            writer.writerow(row)
    return written.getvalue()


def _careless(row: Row) -> Row:
    """A comment that holds the delimiter and quotes, and nothing around it that says so."""
    return (*row[:-1], 'late, and then "done"')
