"""Invented people and companies. They are the same in every demo."""

from __future__ import annotations

from dataclasses import dataclass

_FIRST = [
    "Ada",
    "Amélie",
    "Ben",
    "Björn",
    "Carla",
    "Chidi",
    "Dana",
    "Đorđe",
    "Elif",
    "Emeka",
    "Farah",
    "Freya",
    "Gabriel",
    "Hana",
    "Hiro",
    "Inés",
    "Ivan",
    "Jasmin",
    "João",
    "Kai",
    "Leïla",
    "Linh",
    "Łukasz",
    "Maya",
    "Mei",
    "Nadia",
    "Noor",
    "Ola",
    "Oskar",
    "Priya",
    "Rafael",
    "Rosa",
    "Saoirse",
    "Sora",
    "Tariq",
    "Uma",
    "Vera",
    "Wanjiru",
    "Xenia",
    "Yusuf",
    "Zoë",
]
_LAST = [
    "Abara",
    "Åkesson",
    "Bianchi",
    "Böhm",
    "Castaño",
    "Dvořák",
    "Eriksen",
    "Fontaine",
    "García",
    "Haddad",
    "Ibáñez",
    "Jansen",
    "Kowalczyk",
    "Larsen",
    "Moreau",
    "Nakagawa",
    "Oyelaran",
    "Park",
    "Quispe",
    "Rossi",
    "Şahin",
    "Tanaka",
    "Ueda",
    "Varga",
    "Weiß",
    "Ximénez",
    "Yilmaz",
    "Zhou",
]
_CITIES = (
    ("Lisbon", "Portugal"),
    ("Kraków", "Poland"),
    ("Denver, CO", "United States"),
    ("São Paulo", "Brazil"),
    ("Nairobi", "Kenya"),
    ("Malmö", "Sweden"),
    ("Osaka", "Japan"),
    ("Zürich", "Switzerland"),
)
_WORDS = ("Alder", "Birch", "Cedar", "Dune", "Ember", "Fjord", "Glade", "Harbor", "Iris", "Juniper", "Kelp")
_FORMS = ("Works", "& Sons", "Partners, Inc.", "Trading GmbH", 'Labs "North"', "Cooperative")


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    first: str
    last: str
    email: str
    city: str
    country: str


def person(number: int) -> Person:
    """Return the person with this number. The people of consecutive numbers have different first and last
    names.
    """
    first, last = _FIRST[number * 7 % len(_FIRST)], _LAST[number * 11 % len(_LAST)]
    city, country = _CITIES[number % len(_CITIES)]
    domain = "example.com" if number % 3 else "example.org"
    return Person(first=first, last=last, email=f"person{number}@{domain}", city=city, country=country)


def company(number: int) -> str:
    return f"{_WORDS[number * 3 % len(_WORDS)]} {_WORDS[number * 5 % 7]} {_FORMS[number % len(_FORMS)]}"
