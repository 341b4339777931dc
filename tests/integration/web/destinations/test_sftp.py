"""An SFTP server on the page, as a destination and as an account: its key is fetched, compared and then required."""

from __future__ import annotations

import getpass
import html
import re
from collections.abc import Iterator

import pytest

import sshd
from bucketlift.model.account import SftpAccount, SftpServer
from bucketlift.model.user import Role
from bucketlift.service.accounts import doctor
from bucketlift.service.accounts.required_permissions import AccountUse
from bucketlift.stores.sftp_session import fingerprint, parse_host_key
from visitors import opened

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def server(tmp_path_factory) -> Iterator[sshd.Sshd]:
    with sshd.running(tmp_path_factory.mktemp("sshd") / "keys") as found:
        yield found


@pytest.fixture
def page(server, tmp_path):
    with opened(tmp_path / "home", allowed_hosts=f"127.0.0.1:{server.port}") as page:
        yield page


def inputs(server, folder, **more):
    return {
        "new-kind": "sftp",
        "new-name": "drop",
        "new-title": "Drop",
        "new-host": "127.0.0.1",
        "new-port": str(server.port),
        "new-user": getpass.getuser(),
        "new-path": str(folder),
        "new-sign_in": "private_key",
        "new-private_key": server.private_key,
    } | more


def test_the_key_is_fetched_compared_and_kept(page, server, tmp_path):
    editor = page.browser(Role.EDITOR)
    (tmp_path / "drop").mkdir()
    given = inputs(server, tmp_path / "drop")

    fetched = editor.post("/destinations/host-key", data=given)
    [text] = re.findall(r'name="new-host_key" value="([^"]+)"', fetched.text)
    key = {"new-host_key": html.unescape(text), "new-fetched": "yes"}
    unconfirmed = editor.post("/destinations/added", data=given | key)
    added = editor.post("/destinations/added", data=given | key | {"new-compared": "yes"})
    account = editor.post("/accounts/places", data=given | key | {"new-compared": "yes"})

    assert sshd_fingerprint(server) in html.unescape(fetched.text)
    assert "PRIVATE KEY" not in fetched.text
    assert (unconfirmed.status_code, "Confirm the server" in unconfirmed.text) == (422, True)
    assert key["new-host_key"] not in html.unescape(unconfirmed.text)
    assert added.status_code == 200
    destination = page.app.ledger.catalog.destination("drop").settings
    assert isinstance(destination, SftpServer)
    assert [each.split()[:2] for each in destination.host_key] == [server.host_key.split()[:2]]
    assert list((tmp_path / "drop").iterdir()) == []  # the test left nothing
    assert (account.status_code, account.headers["location"]) == (303, "/accounts/drop")
    assert isinstance(page.app.ledger.catalog.account("drop").settings, SftpAccount)
    assert doctor.examine(page.app, "drop", AccountUse()).passed
    assert "PRIVATE KEY" not in editor.get("/accounts/drop").text


def test_another_server_is_not_asked_for_its_key(page, server):
    editor = page.browser(Role.EDITOR)

    answer = editor.post("/destinations/host-key", data=inputs(server, "x", **{"new-port": "22"}))

    assert answer.status_code == 422
    assert "The operator does not allow this server" in answer.text


def sshd_fingerprint(server) -> str:
    return fingerprint(parse_host_key(server.host_key)[1])
