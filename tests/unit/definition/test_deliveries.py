"""Receivers of rows in the file, and the rule about objects that are deleted after a delivery."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bucketlift.definition.compile.definition import Definition, read_definition
from bucketlift.definition.export import export
from bucketlift.definition.yaml.problems import DefinitionWrong
from bucketlift.model.account import (
    BasicAuth,
    BearerAuth,
    EnvSecret,
    HeaderAuth,
    HttpDestination,
    VaultSecret,
)
from bucketlift.model.load import RowsTarget

ROLE = "arn:aws:iam::111122223333:role/lift"


def written(folder: Path, load=None, after="delete", **hook) -> Path:
    document = {
        "version": 1,
        "project": "hr",
        "accounts": {"acme": {"kind": "aws-role", "role_arn": ROLE, "region": "us-east-1"}},
        "destinations": {
            "hook": {"kind": "http", "url": "https://example.com/rows", **hook},
            "warehouse": {"kind": "duckdb", "path": "a.duckdb"},
        },
        "workflows": {
            "w": {
                "tasks": [
                    {
                        "id": "files",
                        "extract": {
                            "kind": "s3",
                            "account": "acme",
                            "bucket": "drop",
                            "columns": ["id", "name"],
                            "after_import": after,
                        },
                    },
                    {"id": "post", **(load or {"load_rows": {"from": "files", "to": "hook"}})},
                ]
            }
        },
    }
    path = folder / "hr.yaml"
    path.write_text(json.dumps(document))
    return path


def compiled(folder, load=None, after="keep", **hook) -> Definition:
    return read_definition(written(folder, load, after, **hook))


def problems(folder, load=None, after="keep", **hook) -> list[str]:
    with pytest.raises(DefinitionWrong) as raised:
        compiled(folder, load, after, **hook)
    return [each.what for each in raised.value.problems]


@pytest.mark.parametrize(
    ("auth", "meant"),
    [
        ({"bearer": {"secret": "HOOK"}}, BearerAuth(bearer=VaultSecret(secret="HOOK"))),
        (
            {"basic": {"user": "hr", "password": {"env": "HOOK"}}},
            BasicAuth(user="hr", password=EnvSecret(env="HOOK")),
        ),
        (
            {"header": {"name": "X-Api-Key", "value": {"env": "HOOK"}}},
            HeaderAuth(header="X-Api-Key", value=EnvSecret(env="HOOK")),
        ),
    ],
)
def test_a_receiver_and_its_load_are_read_and_written_again(tmp_path, auth, meant):
    shape = {"from": "files", "to": "hook", "batch": 7, "map": {"id": ["ID"], "name": []}}
    made = compiled(tmp_path, {"load_rows": shape}, auth=auth, idempotent=True)

    again = tmp_path / "again"
    again.mkdir()
    path = again / "hr.yaml"
    path.write_text(export(made, lambda *_: None))

    (load,) = made.workflows[0].loads
    settings = next(each.settings for each in made.destinations if each.name == "hook")
    assert settings == HttpDestination(url="https://example.com/rows", auth=meant, idempotent=True)
    assert isinstance(load.target, RowsTarget)
    assert (load.target.batch, [column.name for column in load.target.columns]) == (7, ["ID"])
    assert read_definition(path).workflows == made.workflows


@pytest.mark.parametrize("after", ["delete", {"action": "rename", "prefix": "done-"}])
def test_an_action_after_a_delivery_that_may_repeat_rows_must_be_accepted(tmp_path, after):
    accepting = {"load_rows": {"from": "files", "to": "hook", "accept_at_least_once": True}}

    (what,) = problems(tmp_path, after=after)

    assert what.startswith("`post` delivers rows at least once")
    assert compiled(tmp_path, accepting, after).workflows
    assert compiled(tmp_path, after=after, idempotent=True).workflows
    assert compiled(tmp_path, after="keep").workflows


@pytest.mark.parametrize(
    ("hook", "what"),
    [
        ({"url": "http://example.com/rows"}, "rows and secrets are sent only over https"),
        ({"url": "https://user:pw@example.com"}, "an address must not contain a secret"),
        ({"url": "ftp://example.com"}, "not the address of a receiver"),
        ({"auth": {"bearer": "token"}}, "a secret must not be written in the file itself"),
        (
            {"auth": {"bearer": {"env": "A"}, "header": {"name": "X", "value": {"env": "B"}}}},
            "`auth` has exactly one of `bearer`, `basic` and `header`",
        ),
    ],
)
def test_a_wrong_receiver_is_refused_without_its_secrets(tmp_path, hook, what):
    assert problems(tmp_path, **hook) == [what]


@pytest.mark.parametrize(
    ("load", "what"),
    [
        ({"load_rows": {"from": "files", "to": "warehouse"}}, "`warehouse` is not an HTTP receiver"),
        (
            {"load": {"from": "files", "to": "hook", "table": "t"}},
            "`hook` is an HTTP receiver, which has no tables",
        ),
        (
            {"load_rows": {"from": "files", "to": "hook", "map": {"id": ["name"]}}},
            "Several fields fill `name`: `id`, `name`",
        ),
        ({"load_rows": {"from": "files", "to": "hook", "map": {"id": [], "name": []}}}, "No field is sent"),
    ],
)
def test_a_wrong_load_of_rows_is_refused(tmp_path, load, what):
    assert problems(tmp_path, load) == [what]


def test_loopback_is_allowed_without_tls(tmp_path):
    assert compiled(tmp_path, url="http://127.0.0.1:8080/rows").destinations
