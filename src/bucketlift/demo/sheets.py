"""Rows of the demo's files: employees, Salesforce accounts and contacts, survey responses."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from bucketlift.demo.people import company, person

Row = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    header: Row
    rows: tuple[Row, ...]


_DEPARTMENTS = ("Operations", "Research", "People, Culture & Pay", "Sales", "Finance")
_TITLES = ("Analyst", 'Lead ("acting")', "Engineer", "Coordinator", "Director, Regional")
_INDUSTRIES = ("Energy", "Education", "Food, Beverage", "Transport", "Health")
_COMMENTS = (
    "All good.",
    "Quick answer, thank you",
    'The word "soon" was used three times',
    "First line\nSecond line, with a comma",
    "",
    "Très bien, à bientôt ✓",
    "よくできました",
)
_FIRST_DAY = date(2019, 1, 7)


def employees(numbers: Iterable[int], *, moved: bool = False) -> Sheet:
    """Make one row per number. With ``moved``, each person is in a different department."""
    rows = []
    for number in numbers:
        who = person(number)
        department = _DEPARTMENTS[(number + moved) % len(_DEPARTMENTS)]
        hired = _FIRST_DAY + timedelta(days=number * 5 % 2500)
        manager = str(1000 + number % 20) if number % 20 else ""
        title = _TITLES[number % len(_TITLES)]
        rows.append(
            (
                str(1000 + number),
                who.first,
                who.last,
                who.email,
                department,
                title,
                manager,
                hired.isoformat(),
            )
        )
    header = ("UniqueID", "FirstName", "LastName", "Email", "Department", "JobTitle", "ManagerID", "HireDate")
    return Sheet(header=header, rows=tuple(rows))


def salesforce_accounts(numbers: Iterable[int]) -> Sheet:
    rows = []
    for number in numbers:
        at = person(number)
        industry = _INDUSTRIES[number % len(_INDUSTRIES)]
        street = f"{number % 90 + 1} Example Street\nFloor {number % 9}" if number % 4 == 0 else "1 Quay Road"
        phone = f"+1 555 {number % 900 + 100:03} 0100"
        staff, revenue = str(number * 37 % 4000 + 3), f"{number * 7919 % 900000}.00"
        rows.append(
            (
                _id("001", number),
                company(number),
                industry,
                street,
                at.city,
                at.country,
                phone,
                staff,
                revenue,
            )
        )
    header = ("Id", "Name", "Industry", "BillingStreet", "BillingCity", "BillingCountry", "Phone")
    return Sheet(header=(*header, "NumberOfEmployees", "AnnualRevenue"), rows=tuple(rows))


def salesforce_contacts(numbers: Iterable[int]) -> Sheet:
    rows = []
    for number in numbers:
        who = person(number + 5000)
        note = _COMMENTS[number % len(_COMMENTS)]
        account, title = _id("001", number % 400), _TITLES[number % len(_TITLES)]
        rows.append(
            (_id("003", number), account, who.first, who.last, who.email, title, who.city, who.country, note)
        )
    header = ("Id", "AccountId", "FirstName", "LastName", "Email", "Title", "MailingCity", "MailingCountry")
    return Sheet(header=(*header, "Description"), rows=tuple(rows))


def survey_responses(numbers: Iterable[int], *, first_day: date) -> Sheet:
    rows = []
    for number in numbers:
        recorded = first_day + timedelta(days=number % 28)
        score, recommends = str(number * 3 % 5 + 1), str(number * 7 % 11)
        comment = _COMMENTS[number * 3 % len(_COMMENTS)]
        rows.append(
            (f"R_{number:06}", recorded.isoformat(), person(number).email, score, recommends, comment)
        )
    header = ("ResponseId", "RecordedDate", "RecipientEmail", "Satisfaction", "WouldRecommend", "Comment")
    return Sheet(header=header, rows=tuple(rows))


def _id(kind: str, number: int) -> str:
    """An ID of 18 characters, as in Salesforce."""
    return f"{kind}D{number:011}AAA"
