"""Moments are read as botocore reads them, whatever their spelling."""

from __future__ import annotations

import pytest
from botocore.session import Session
from botocore.utils import parse_timestamp

from bucketlift.stores.sessions import new_session
from bucketlift.stores.times import moment


@pytest.mark.parametrize(
    "told",
    [
        "2026-11-02T03:04:05.000Z",
        "2026-11-02T03:04:05Z",
        "2026-11-02T03:04:05.123456Z",
        "Mon, 02 Nov 2026 03:04:05 GMT",
        "20261102T030405Z",
        "2026-11-02T03:04:05+02:00",
        1_793_588_645,
        "1793588645",
    ],
)
def test_a_moment_is_the_same_as_botocore_finds(told):
    assert moment(told) == parse_timestamp(told)
    assert moment(told).utcoffset() is not None


@pytest.mark.parametrize("told", ["yesterdayTZ", "TZ", "2026-13-02T03:04:05Z"])
def test_what_is_no_moment_is_none_here_either(told):
    with pytest.raises(ValueError, match="timestamp"):
        moment(told)


def test_every_session_reads_them_so():
    translate, theirs = new_session(), Session()

    known = [each.get_component("response_parser_factory")._defaults for each in (translate, theirs)]

    assert known == [{"timestamp_parser": moment}, {}]
