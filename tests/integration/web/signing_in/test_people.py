"""Administrators and the people of an installation."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bucketlift.errors import RequestWrong
from bucketlift.model.user import Role
from bucketlift.service.people import people


def test_a_person_is_added_with_a_link_that_is_shown_once(page, client):
    added = client.post("/people/add", data={"name": "ben", "role": "operator"})
    listed = client.get("/people").text

    link = added.text.partition('id="link" tabindex="0">')[2].partition("<")[0]
    assert link.startswith("http://localhost/sign-in/link?token=")
    assert page.stranger().get(link).status_code == 200
    assert (people.named(page.app, "ben").role, "token=" in listed) == (Role.OPERATOR, False)


def test_the_links_of_an_installation_behind_a_proxy_begin_with_its_public_address(page, client):

    page.server.state.installation = replace(page.app, public_url="https://lift.example.com")

    assert (
        "https://lift.example.com/sign-in/link?token=" in client.post("/people/add", data={"name": "b"}).text
    )


@pytest.mark.parametrize("name", ["", " ", "a b", "a\u202eb", "a\x00b", "x" * 255, "ADMINISTRATOR"])
def test_what_cannot_be_a_name_is_told_beside_it(page, client, name):
    answer = client.post("/people/add", data={"name": name, "role": "viewer"})

    assert (answer.status_code, "is-invalid" in answer.text) == (422, True)
    assert len(people.list_people(page.app)) == 1


@pytest.mark.parametrize("way", ["disable", "role"])
def test_the_last_administrator_stays_one(page, client, way):
    me = page.person(Role.ADMINISTRATOR)

    answer = client.post(f"/people/{me.id}/{way}", data={"role": "viewer"})

    assert (answer.status_code, "This is the last administrator" in answer.text) == (422, True)
    assert people.list_people(page.app) == [page.app.ledger.people.get(me.id).user]
    assert (page.app.ledger.people.get(me.id).user.role, client.get("/people").status_code) == (
        Role.ADMINISTRATOR,
        200,
    )


def test_an_administrator_may_go_when_there_is_another(page, client):
    page.person(Role.ADMINISTRATOR, "other")
    me = page.person(Role.ADMINISTRATOR)

    answer = client.post(f"/people/{me.id}/disable")

    assert (answer.status_code, client.get("/people").status_code) == (303, 303)


def test_a_disabled_administrator_does_not_count(page, client):
    other = page.person(Role.ADMINISTRATOR, "other")
    people.disable(page.app, other, by="a test")

    with pytest.raises(RequestWrong, match="This is the last administrator"):
        people.change_role(page.app, page.person(Role.ADMINISTRATOR), Role.EDITOR, by="a test")


def test_whoever_is_enabled_again_signs_in_anew(page, client, as_editor):
    editor = page.person(Role.EDITOR)

    client.post(f"/people/{editor.id}/disable")
    client.post(f"/people/{editor.id}/enable")

    assert as_editor.get("/me").status_code == 303
    assert page.browser(Role.EDITOR).get("/me").status_code == 200


def test_the_first_person_administers(page):
    with pytest.raises(RequestWrong, match="The first user must be an administrator"):
        people.add(page.app, "ben", Role.EDITOR, by="a test")
