"""What every answer tells browsers, and how little of a request is read."""

from __future__ import annotations

import pytest
from fastapi import FastAPI, Request
from fastapi.routing import iter_route_contexts

from addresses import addresses, raw
from bucketlift.model.user import Role
from bucketlift.web.app import HEADERS, add_page
from bucketlift.web.limits import ORDINARY, accepts_bytes, largest_of
from bucketlift.web.visit import Posted, Seeing
from visitors import ORIGIN, Page

HEAP = 3 * ORDINARY


def guarded(headers):
    wanted = {name.lower(): value for name, value in HEADERS.items()}
    return {name: value for name, value in headers.items() if name in wanted} == wanted


@pytest.mark.slow
def test_every_answer_carries_the_policy_that_lets_no_foreign_script_run(served):
    browser = served.browser(Role.ADMINISTRATOR)
    asked = [(each.method, each.example) for each in addresses(served.server) if "health" not in each.path]
    asked += [
        ("GET", "/no-such-page"),
        ("BREW", "/"),
        ("GET", "/static/page.css"),
        ("GET", "/static/none.css"),
    ]

    lacking = [
        (method, path)
        for method, path in asked
        if path not in {"/sign-out", "/metrics"}
        and not guarded(browser.request(method, path, headers={"X-CSRF-Token": "wrong"}).headers)
    ]

    assert lacking == []
    assert "unsafe" not in HEADERS["Content-Security-Policy"]


def test_pages_are_kept_by_nobody_and_files_for_ever(served):
    browser = served.browser(Role.VIEWER)

    assert browser.get("/me").headers["cache-control"] == "no-store"
    assert "immutable" in browser.get("/static/page.css").headers["cache-control"]


@pytest.fixture
def odd(page) -> Page:
    """The page with routes that go wrong, and one that accepts_bytes a file."""
    server = FastAPI()

    @server.get("/broken")
    def broken(visit: Seeing) -> None:
        raise ValueError("a cell of somebody's file")

    @server.post("/upload")
    @accepts_bytes(HEAP)
    async def upload(visit: Seeing, form: Posted) -> dict[str, int]:
        return {"files": sum(not isinstance(each, str) for each in form.values())}

    @server.post("/anybody")
    async def anybody(request: Request) -> dict[str, int]:
        return {"bytes": len(await request.body())}

    add_page(server, page.app)
    return Page(app=page.app, server=server)


def test_a_defect_is_told_without_its_own_words(odd, capsys):
    answer = odd.browser(Role.VIEWER).get("/broken")

    said = answer.text + "".join(capsys.readouterr())
    assert (answer.status_code, guarded(answer.headers)) == (500, True)
    assert "Internal error" in said
    assert "ValueError" in said
    assert "a cell" not in said


@pytest.mark.parametrize("path", ["/sign-in", "/set-up", "/anybody"])
def test_more_than_a_form_is_not_read(odd, path):
    answer = odd.stranger().post(path, data={"a": "x" * ORDINARY})

    assert (answer.status_code, "Send at most 1,000,000 bytes." in answer.text) == (413, True)
    assert guarded(answer.headers)


def test_what_comes_in_pieces_is_counted(odd):
    def pieces():
        for _ in range(20):
            yield b"x" * 100_000

    answer = odd.stranger().post("/anybody", content=pieces())

    assert answer.status_code == 413


def test_a_length_that_is_a_lie_is_refused_before_anything_is_read(odd):
    answer = raw(odd.server, "/anybody", method="POST", headers={"content-length": "5000000"})

    assert answer.status == 413


def test_a_route_that_takes_a_file_takes_more_and_one_file_only(odd):
    browser = odd.browser(Role.VIEWER)
    file = ("a.csv", b"x" * 2 * ORDINARY)

    one = browser.post("/upload", files={"file": file})
    two = browser.post("/upload", files={"file": ("a.csv", b"x"), "other": ("b.csv", b"y")})
    large = browser.post("/upload", files={"file": ("a.csv", b"x" * HEAP)})

    assert (one.status_code, one.json()) == (200, {"files": 1})
    assert [two.status_code, large.status_code] == [400, 413]


def test_a_file_is_not_read_before_it_is_known_whose_it_is(odd):
    """What arrives is thrown away as it comes: no route's own parameters read it."""
    browser = odd.stranger()

    answer = browser.post("/upload", files={"file": ("a.csv", b"x" * ORDINARY)}, headers={"Origin": ORIGIN})

    assert (answer.status_code, answer.headers["location"][:8]) == (303, "/sign-in")


def test_routes_that_take_more_than_a_form_know_who_asks_before_they_read(served):
    """Parameters of forms are read first by the framework; ``Posted`` is read in its turn."""
    larger = [
        each for each in iter_route_contexts(served.server.routes) if largest_of(each.endpoint) > ORDINARY
    ]

    assert [each.path for each in larger if each.dependant.body_params] == []


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b'{"name": "a", "password": "b"}', "application/json"),
        (b'{"file": {"filepath": "/etc/passwd"}}', "application/json"),
        (b"--x\r\nContent-Disposition: form-data\r\n\r\n", "multipart/form-data; boundary=x"),
        (b"\xff\xfe\x00", "multipart/form-data"),
        (b"a" * 5000, "multipart/form-data; boundary=" + "b" * 500),
        (b"<a/>", "application/xml"),
        (b"name=%ff%fe&password=%00", "application/x-www-form-urlencoded"),
    ],
    ids=range(7),
)
def test_what_is_no_form_of_ours_is_refused_and_told_so(odd, content, kind):
    for path in ("/sign-in", "/set-up"):
        answer = odd.stranger().post(path, content=content, headers={"Content-Type": kind})

        assert (path, answer.status_code in {400, 403, 422}) == (path, True)
        assert "Something went wrong" in answer.text


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost", 303),
        ("localhost:8484", 303),
        ("127.0.0.1:8484", 303),
        ("[::1]:8484", 303),
        ("lift.example.com", 303),
        ("LIFT.EXAMPLE.COM:443", 303),
        ("evil.example", 421),
        ("lift.example.com.evil.example", 421),
        ("localhost.evil.example", 421),
        ("localhost@evil.example", 421),
        ("", 421),
        ("169.254.169.254", 421),
    ],
)
def test_the_page_answers_under_its_names_only(page, host, status):
    server = FastAPI()
    add_page(server, page.app, hosts={"lift.example.com"})

    assert raw(server, "/people", headers={"host": host}).status == status
