"""Forms, loaded and sent as a browser does."""

from __future__ import annotations

from visitors import TestClient

PASSWORD = "four quiet words here"


def token_of(client: TestClient, path: str) -> str:
    return str(client.get(path).text.partition('name="form" value="')[2].partition('"')[0])


def typed(client: TestClient, path: str, **fields: str):
    """The answer to a form of this address, filled in."""
    return client.post(path.partition("?")[0], data={"form": token_of(client, path), **fields})


def signed_in(client: TestClient, name: str, password: str = PASSWORD, **fields: str):
    return typed(client, "/sign-in", name=name, password=password, **fields)
