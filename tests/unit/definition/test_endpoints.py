"""An endpoint that names the bucket is told when the file is validated, not as a missing key by a run."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bucketlift.definition.compile.definition import read_definition
from bucketlift.errors import RequestWrong


def project(folder: Path, endpoint: str) -> Path:
    (folder / "sample.csv").write_text("id,name\n")
    extract = {"kind": "s3", "account": "lab", "bucket": "hr", "sample": "sample.csv", "after_import": "keep"}
    tasks = [
        {"id": "files", "extract": extract},
        {"id": "people", "load": {"from": "files", "to": "warehouse", "table": "people"}},
    ]
    account = {
        "kind": "s3-compatible",
        "endpoint_url": endpoint,
        "access_key": {"env": "A"},
        "secret_key": {"env": "B"},
    }
    document = {
        "version": 1,
        "project": "lab",
        "accounts": {"lab": account},
        "destinations": {"warehouse": {"kind": "duckdb", "path": "w.duckdb"}},
        "workflows": {"w": {"tasks": tasks}},
    }
    path = folder / "lab.yaml"
    path.write_text(json.dumps(document))
    return path


@pytest.mark.parametrize("endpoint", ["https://s3.example.com/hr", "https://hr.s3.example.com"])
def test_an_endpoint_that_names_the_bucket_is_refused(tmp_path: Path, endpoint: str) -> None:
    with pytest.raises(RequestWrong) as refused:
        read_definition(project(tmp_path, endpoint))

    assert "the endpoint of account `lab` names the bucket `hr` already" in str(refused.value)
    assert "Leave the bucket out of endpoint_url" in str(refused.value)


def test_an_endpoint_below_a_path_is_taken(tmp_path: Path) -> None:
    read_definition(project(tmp_path, "https://s3.example.com/storage/v1/s3"))
