"""The hosted platform's names for built-in fields."""

from __future__ import annotations

UNSUBSCRIBED = "Unsubscribed"
PHONE = "Phone"
CONTACT_KEYS = {
    "FirstName": "firstName",
    "LastName": "lastName",
    "Email": "email",
    "ExternalReference": "extRef",
    "Language": "language",
    UNSUBSCRIBED: "unsubscribed",
}
"""The key of each built-in field of a contact. Its import takes no phone number."""
EMPLOYEE_KEYS = {
    "UniqueIdentifier": "uniqueIdentifier",
    "FirstName": "firstName",
    "LastName": "lastName",
    "Email": "email",
}
"""The column of each built-in field of an employee. Every other column is metadata."""
