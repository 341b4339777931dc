"""Buckets behind the page."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bucketlift.testing.s3server import S3Server
from buckets import Scene, scene_at


@pytest.fixture(scope="session")
def s3() -> Iterator[S3Server]:
    with S3Server() as server:
        server.make_bucket("drop")
        server.make_bucket("archive")
        yield server


@pytest.fixture
def scene(s3: S3Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scene]:
    nobody_else = {
        "AWS_CONFIG_FILE": "/nowhere",
        "AWS_SHARED_CREDENTIALS_FILE": "/nowhere",
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    for name, value in (s3.environment | nobody_else).items():
        monkeypatch.setenv(name, value)
    with scene_at(tmp_path / "home", s3) as scene:
        yield scene
