"""The page of the installed command, from an empty home."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from e2e.world import COMMAND

pytestmark = pytest.mark.slow

PASSWORD = "four quiet words here"


@contextmanager
def serve(home) -> Iterator[dict[str, Any]]:
    """What it said when it began."""
    with subprocess.Popen(
        [COMMAND, "serve", "--port", "0", "--json"],
        env={**os.environ, "BUCKETLIFT_HOME": str(home)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdout is not None
        said = ""
        for line in process.stdout:
            said += line
            if line.rstrip() == "}":
                break
        try:
            yield json.loads(said)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=120)


def form(browser, address):
    return browser.get(address).text.partition('name="form" value="')[2].partition('"')[0]


def test_an_empty_home_is_set_up_once_with_the_address_on_the_console(tmp_path):
    home = tmp_path / "home"
    with serve(home) as first, httpx.Client(base_url=first["address"]) as browser:
        token = first["set_up"].partition("token=")[2]
        told = {"form": form(browser, first["set_up"]), "token": token, "name": "ada", "password": PASSWORD}
        done = browser.post("/set-up", data=told)
        me = browser.get("/me")
        ready = browser.get("/health/live").json()
    with serve(home) as second, httpx.Client(base_url=second["address"], cookies=browser.cookies) as browser:
        still = browser.get("/me")

    assert first["page"] == f"{first['address']}/"
    assert (done.status_code, me.status_code, still.status_code) == (303, 200, 200)
    assert (ready, second["set_up"]) == ({"live": True}, None)
    assert token not in (home / "ledger.sqlite").read_bytes().decode("latin-1")
