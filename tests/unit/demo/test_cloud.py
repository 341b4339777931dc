"""The demo's server: what is said where it cannot be had, and whose environment it speaks with."""

import os
import sys

import pytest

from bucketlift.demo.cloud import serving
from bucketlift.errors import RequestWrong


def test_a_missing_library_is_told_with_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "bucketlift.testing.s3server", None)

    with pytest.raises(RequestWrong) as refused, serving(tmp_path / "demo"):
        pass

    assert refused.value.hint == "Install the extra: pip install 'bucketlift[demo]'"


@pytest.mark.slow
def test_settings_of_the_person_are_out_of_sight_while_it_serves_and_back_afterwards(tmp_path, monkeypatch):
    monkeypatch.setenv("AWS_PROFILE", "production")
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "https://example.com")
    before = dict(os.environ)

    with serving(tmp_path / "demo") as server:
        during = {name: value for name, value in os.environ.items() if name.startswith("AWS_")}

    files = {"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}
    assert during == server.environment | files
    assert dict(os.environ) == before
