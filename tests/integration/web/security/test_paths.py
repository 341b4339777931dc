"""No way of writing an address gets around what it asks for."""

from __future__ import annotations

import pytest

from addresses import addresses, raw
from bucketlift.model.user import Role
from visitors import COOKIE

WAYS = (
    "/{path}",
    "{path}/",
    "{path}//",
    "{path};",
    "{path};a=b",
    "{path}%2f",
    "{path}%2F..%2F",
    "{path}/.",
    "{path}/./",
    "{path}%00",
    "{path}%20",
    "{path}/health",
    "{path}/health/live",
    "{path}/ready",
    "{path}/static/page.css",
    "{path}.css",
    "{path}/sign-in",
    "{path}?next=/sign-in",
    "{path}#/sign-in",
    "/static/..{path}",
    "/static/..%2f{path}",
    "/static/%2e%2e{path}",
    "/health/live/..{path}",
    "/health/live%2f..{path}",
    "/health/live;{path}",
    "/sign-in/..{path}",
    "/sign-in{path}",
    "/sign-in/link{path}",
    "/.{path}",
    "/%2e{path}",
    "/./{path}",
    "http://localhost{path}",
    "*{path}",
)


@pytest.mark.slow
@pytest.mark.parametrize("way", WAYS)
def test_an_address_written_otherwise_lets_nobody_in(served, way):
    shown = {each.example for each in addresses(served.server) if each.right is not None}

    for path in sorted(shown):
        answer = raw(served.server, way.format(path=path))

        assert (path, answer.status in {303, 307, 404, 405}) == (path, True)
        assert "nav-link-title" not in answer.text


@pytest.mark.slow
@pytest.mark.parametrize("method", ["HEAD", "PUT", "DELETE", "OPTIONS", "TRACE", "get", "BREW"])
def test_another_method_lets_nobody_in(served, method):
    for path in sorted({each.example for each in addresses(served.server) if each.right is not None}):
        answer = raw(served.server, path, method=method)

        assert (path, answer.status in {303, 405}) == (path, True)


@pytest.mark.parametrize(
    "headers",
    [
        {"x-original-url": "/sign-in"},
        {"x-rewrite-url": "/sign-in"},
        {"x-forwarded-for": "127.0.0.1"},
        {"x-forwarded-user": "administrator"},
        {"authorization": "Basic YWRtaW5pc3RyYXRvcjphZG1pbmlzdHJhdG9y"},
        {"cookie": f"{COOKIE}="},
        {"cookie": f"{COOKIE}=null"},
        {"x-http-method-override": "GET"},
    ],
    ids=str,
)
def test_no_header_stands_for_a_session(served, headers):
    served.person(Role.ADMINISTRATOR)

    assert raw(served.server, "/people", headers=headers).status == 303


def test_files_of_the_page_are_all_that_can_be_read_below_static(served):
    ways = (
        "../app.py",
        "..%2fapp.py",
        "%2e%2e/app.py",
        "....//app.py",
        "/etc/passwd",
        "..\\app.py",
        "vendor/../../app.py",
    )

    assert {raw(served.server, f"/static/{way}").status for way in ways} == {404}


def test_a_websocket_is_not_opened(served):
    from starlette.websockets import WebSocketDisconnect  # noqa: PLC0415 - heavy for one test

    for path in ("/", "/people", "/health/live"):
        with pytest.raises(WebSocketDisconnect), served.stranger().websocket_connect(path):
            pass
