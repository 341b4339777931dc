"""SFTP sessions with a real OpenSSH server."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

import sshd
from bucketlift.errors import AccessRefused, NeedsPerson, NotFound, StoreUnavailable
from bucketlift.stores.sftp_session import fingerprint, open_session, parse_host_key, translated

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sshd.Sshd]:
    with sshd.running(tmp_path_factory.mktemp("sshd")) as found:
        yield found


def test_a_session_reads_and_writes_files(server: sshd.Sshd, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"1,Ann\n")

    with open_session(server.login()) as session, session.open(f"{tmp_path}/a.csv", "rb") as file:
        content = file.read()

    assert content == b"1,Ann\n"


@pytest.mark.parametrize("kind", ["ecdsa", "rsa"])
def test_keys_of_other_types_work(server: sshd.Sshd, tmp_path: Path, kind: str) -> None:
    sshd.make_key(tmp_path / "key", kind)
    with (server.folder / "authorized").open("a") as file:
        file.write((tmp_path / "key.pub").read_text())

    with open_session(server.login(private_key=(tmp_path / "key").read_text())) as session:
        found = session.stat(str(tmp_path)).st_mode

    assert found == tmp_path.stat().st_mode


def test_a_changed_host_key_is_refused_before_anything_secret_is_sent(
    server: sshd.Sshd, tmp_path: Path
) -> None:
    sshd.make_key(tmp_path / "other")
    login = server.login(host_keys=((tmp_path / "other.pub").read_text(),), private_key="never read")

    with pytest.raises(AccessRefused) as refused, open_session(login):
        pass

    assert refused.value.what == (
        "The SFTP server does not have the key of the settings: its key has the fingerprint "
        f"{fingerprint(parse_host_key(server.host_key)[1])}, not {fingerprint(parse_host_key(login.host_keys[0])[1])}"
    )


def test_a_server_without_a_key_of_the_known_type_is_refused(server: sshd.Sshd, tmp_path: Path) -> None:
    sshd.make_key(tmp_path / "other", "rsa")

    with (
        pytest.raises(AccessRefused, match="it has no key of this type"),
        open_session(server.login(host_keys=((tmp_path / "other.pub").read_text(),))),
    ):
        pass


def test_one_of_several_known_keys_is_enough(server: sshd.Sshd, tmp_path: Path) -> None:
    sshd.make_key(tmp_path / "next", "rsa")
    keys = ((tmp_path / "next.pub").read_text(), server.host_key)

    with open_session(server.login(host_keys=keys)) as session:
        found = session.normalize("/")

    assert found == "/"


def test_a_key_that_the_server_does_not_know_is_refused(server: sshd.Sshd, tmp_path: Path) -> None:
    sshd.make_key(tmp_path / "mine")

    with (
        pytest.raises(AccessRefused, match="does not accept the user"),
        open_session(server.login(private_key=(tmp_path / "mine").read_text())),
    ):
        pass


def test_a_password_is_refused_with_the_ways_that_the_server_accepts(server: sshd.Sshd) -> None:
    with (
        pytest.raises(AccessRefused, match=r"\(it accepts only publickey.*\)"),
        open_session(server.login(private_key=None, password="wrong")),
    ):
        pass


def test_an_unreadable_private_key_needs_a_person(server: sshd.Sshd) -> None:
    login = server.login(private_key="-----BEGIN OPENSSH PRIVATE KEY-----\nxx\n")

    with pytest.raises(NeedsPerson, match="The private key cannot be read") as refused, open_session(login):
        pass

    assert "BEGIN" not in str(refused.value)


def test_an_unreadable_host_key_needs_a_person(server: sshd.Sshd) -> None:
    with (
        pytest.raises(NeedsPerson, match="The host key cannot be read"),
        open_session(server.login(host_keys=("ssh-ed25519",))),
    ):
        pass


def test_a_server_that_does_not_run_is_unavailable(server: sshd.Sshd) -> None:
    login = replace(server.login(), port=1)

    with pytest.raises(StoreUnavailable, match="does not answer"), open_session(login):
        pass


def test_a_missing_path_is_not_found(server: sshd.Sshd, tmp_path: Path) -> None:
    with (
        open_session(server.login()) as session,
        pytest.raises(NotFound, match="No such path") as missing,
        translated("out/a.csv"),
    ):
        session.stat(f"{tmp_path}/nothing")

    assert "SSH_FX code 2: No such file" in missing.value.hint


def test_a_connection_that_is_cut_is_unavailable(server: sshd.Sshd, tmp_path: Path) -> None:
    with open_session(server.login()) as session:
        session.sock.get_transport().sock.close()

        with pytest.raises(StoreUnavailable), translated("out"):
            session.stat(str(tmp_path))
