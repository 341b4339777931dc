"""The password of the demo's administrator, with which they sign in after the one-time link is used."""

from bucketlift.demo.page import _password, _person
from bucketlift.service.people import people


def test_a_demo_keeps_its_password_until_the_administrator_chooses_another(page):
    person = _person(page.app)

    made = _password(page.app, person)
    again = _password(page.app, person)
    known = people.is_password(page.app, person, made or "")
    people.set_password(page.app, person, "several words work well", by="themselves")

    assert (made == again, known) == (True, True)
    assert _password(page.app, person) is None
    assert (page.app.home / "demo" / "password").stat().st_mode & 0o777 == 0o600
