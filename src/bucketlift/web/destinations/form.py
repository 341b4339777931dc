"""The form of a destination: what its inputs mean as settings of a workflow file, and the inputs for known settings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.datastructures import FormData

from bucketlift.errors import RequestWrong
from bucketlift.model.account import Destination, HttpDestination
from bucketlift.schema.shape import to_mapping
from bucketlift.service.destinations.destinations import without_query
from bucketlift.service.secrets.typed import TypedSecret

PREFIX = "new-"
"""The start of the names of all inputs. The form can be in a side panel of a page with other inputs."""
Settings = dict[str, Any]
Inputs = dict[str, str]
SECRETS = ("url", "secret", "private_key")
"""Inputs with secrets. They are never shown again."""
USUAL_PORT = 22


def inputs_of(posted: FormData) -> Inputs:
    """The inputs without their prefix. Only a private key keeps its line ends."""
    return {
        name.removeprefix(PREFIX): str(value).strip()
        for name, value in posted.items()
        if name.startswith(PREFIX)
    }


def shown_inputs(inputs: Inputs) -> Inputs:
    """The inputs to show again after an error, without secrets, and without a fetched key that was not confirmed."""
    left_out = set(SECRETS) - ({"url"} if inputs.get("kind") == "http" else set())
    if inputs.get("fetched") and inputs.get("compared") != "yes":
        left_out.add("host_key")
    return {name: value for name, value in inputs.items() if name not in left_out}


def is_editable(destination: Destination) -> bool:
    """Whether the page can change a setting of a destination. A file has no settings on the page."""
    in_file = getattr(destination.settings, "url", "") is None or destination.settings.kind in (
        "duckdb",
        "sqlite",
    )
    return destination.project is None and not in_file


def server_of(inputs: Inputs) -> tuple[str, int]:
    """The server and the port in the form of an SFTP server."""
    return _required(inputs, "host", "Enter the server"), _port(inputs.get("port", ""))


def settings_of(kind: str, inputs: Inputs, known: Settings | None = None) -> Settings:
    """The settings of a destination as in a workflow file, with typed secrets. A secret that was left empty is kept.

    ``known`` are the former settings. Those without an input are kept.

    Raises:
        RequestWrong: an input is missing.
    """
    return with_known(_READ[kind](inputs, known or {}), known or {})


def with_known(found: Settings, known: Settings) -> Settings:
    """Settings from inputs, together with former ones that have no input. Empty ones are left out."""
    without_input = {key: value for key, value in known.items() if key not in {"kind", *found}}
    return without_input | {key: value for key, value in found.items() if value not in ("", None, False)}


def inputs_for(destination: Destination) -> Inputs:
    """The inputs that show the settings of a destination."""
    settings = to_mapping(destination.settings)
    found = {key: str(value) for key, value in settings.items() if isinstance(value, str | int)}
    found |= {"idempotent": "yes" if settings.get("idempotent") else ""}
    found |= {"merges_contacts": "yes" if settings.get("merges_contacts") else ""}
    if isinstance(destination.settings, HttpDestination):
        found["url"] = without_query(destination.settings.url)
    found |= {"name": destination.name, "schema": settings.get("schema", "public")}
    if "host_key" in settings:
        keys = settings["host_key"]
        found["host_key"] = keys if isinstance(keys, str) else "\n".join(keys)
        found["sign_in"] = "password" if "password" in settings else "private_key"
    return found | _auth_inputs(settings.get("auth") or {}) | {"kind": destination.settings.kind}


def _database(inputs: Inputs, known: Settings) -> Settings:
    return {
        "url": _secret("url", inputs.get("url", ""), known.get("url"), "Enter the URL"),
        "schema": inputs.get("schema", "") or "public",
    }


def _directory(inputs: Inputs, known: Settings) -> Settings:
    on_server = "url" in known if known else inputs.get("place") == "server" or bool(inputs.get("url"))
    return _database(inputs, known) if on_server else {}


def _http(inputs: Inputs, known: Settings) -> Settings:
    return {
        "url": _receiver(inputs, known),
        "auth": _auth(inputs, known.get("auth") or {}),
        "idempotent": bool(inputs.get("idempotent")),
    }


def _receiver(inputs: Inputs, known: Settings) -> str:
    """The typed address. The form does not show a stored query, so an address without one keeps it. An address that ends
    with `?` has none.
    """
    typed, stored = _required(inputs, "url", "Enter the address of the receiver"), str(known.get("url", ""))
    return stored if stored and typed == without_query(stored) else typed.removesuffix("?")


def _auth(inputs: Inputs, known: Settings) -> Settings | None:
    way = inputs.get("auth", "none")
    typed = inputs.get("secret", "")
    if way == "bearer":
        return {"bearer": _secret("token", typed, known.get("bearer"), "Enter the token")}
    if way == "basic":
        stored = (known.get("basic") or {}).get("password")
        return {
            "basic": {
                "user": _required(inputs, "auth_user", "Enter the user"),
                "password": _secret("password", typed, stored, "Enter the password"),
            }
        }
    if way == "header":
        stored = (known.get("header") or {}).get("value")
        return {
            "header": {
                "name": _required(inputs, "auth_header", "Enter the name of the header"),
                "value": _secret("header", typed, stored, "Enter the value of the header"),
            }
        }
    return None


def _auth_inputs(auth: Settings) -> Inputs:
    way = next(iter(auth), "none")
    inner = auth.get(way) or {}
    return {
        "auth": way,
        "auth_user": str(inner.get("user", "")) if way == "basic" else "",
        "auth_header": str(inner.get("name", "")) if way == "header" else "",
    }


def _s3(inputs: Inputs, known: Settings) -> Settings:  # noqa: ARG001 - as the other kinds
    return {
        "account": _required(inputs, "account", "Choose an account"),
        "bucket": _required(inputs, "bucket", "Enter the bucket"),
        "prefix": inputs.get("prefix", ""),
    }


def sftp_settings(inputs: Inputs, known: Settings) -> Settings:
    """The settings of an SFTP server, of a destination or an account."""
    way = "password" if inputs.get("sign_in") == "password" else "private_key"
    port = _port(inputs.get("port", ""))
    return {
        "host": _required(inputs, "host", "Enter the server"),
        "port": None if port == USUAL_PORT else port,
        "user": _required(inputs, "user", "Enter the user"),
        "path": inputs.get("path", ""),
        "private_key": None,
        "password": None,
        way: _sign_in(way, inputs, known.get(way)),
        "host_key": _host_keys(inputs),
    }


def _sign_in(way: str, inputs: Inputs, stored: Any) -> Any:
    if way == "password":
        return _secret("password", inputs.get("secret", ""), stored, "Enter the password")
    key = inputs.get("private_key", "").replace("\r\n", "\n")
    return _secret("private-key", key, stored, "Enter the private key", lines=True)


def _host_keys(inputs: Inputs) -> list[str]:
    keys = [each.strip() for each in inputs.get("host_key", "").splitlines() if each.strip()]
    if not keys:
        raise RequestWrong(
            "The server's key is missing",
            to="host_key",
            hint="Click “Fetch the server's key”, and compare its fingerprint with what the server's operator tells you.",
        )
    if inputs.get("fetched") and inputs.get("compared") != "yes":
        raise RequestWrong(
            "Confirm the server's key",
            to="host_key",
            hint="Compare the fingerprint with what the server's operator tells you, and tick the box.",
        )
    return keys


def folder_settings(inputs: Inputs, known: Settings) -> Settings:  # noqa: ARG001 - as the other kinds
    """The settings of a folder, of a destination or an account."""
    return {"path": _required(inputs, "path", "Enter the folder")}


def _qualtrics(inputs: Inputs, known: Settings) -> Settings:
    typed = inputs.get("secret", "")
    is_client = "client" in known and not typed
    return {
        "datacenter": _required(inputs, "datacenter", "Enter the data center"),
        "client": known.get("client") if is_client else None,
        "token": None if is_client else _secret("token", typed, known.get("token"), "Enter the token"),
        "directory": inputs.get("directory", ""),
        "merges_contacts": bool(inputs.get("merges_contacts")),
        "base_url": inputs.get("base_url", ""),
    }


_READ = {
    "duckdb": lambda inputs, known: {},  # noqa: ARG005 - a file has no settings on the page
    "sqlite": lambda inputs, known: {},  # noqa: ARG005
    "postgresql": _database,
    "directory": _directory,
    "http": _http,
    "s3": _s3,
    "sftp": sftp_settings,
    "folder": folder_settings,
    "qualtrics": _qualtrics,
}


def _secret(key: str, typed: str, stored: Any, missing: str, *, lines: bool = False) -> Any:
    if typed:
        return TypedSecret(key, typed, lines)
    if stored is None:
        raise RequestWrong(missing, to=key)
    return stored


def _required(inputs: Mapping[str, str], name: str, missing: str) -> str:
    value = inputs.get(name, "")
    if not value:
        raise RequestWrong(missing, to=name)
    return value


def _port(text: str) -> int:
    try:
        port = int(text or USUAL_PORT)
    except ValueError:
        port = 0
    if not 0 < port < 65536:
        raise RequestWrong("The port is not a number from 1 to 65535", to="port")
    return port
