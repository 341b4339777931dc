"""The sample in the step *Files*: what is recognised, what is shown, and what can be done about problems."""

from __future__ import annotations

import gzip
import io
import json
import re
import zipfile
from html import unescape
from typing import Any

import pytest

import gpg
from bucketlift.model.user import Role
from bucketlift.service.editor import drafts

SETUP = {"bucket": "drop", "prefix": "in/", "file_type": "csv", "after_import": "delete"}
pytestmark = pytest.mark.slow
HTMX = {"HX-Request": "true"}


def words(answer) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.text)).split())


def summary(answer) -> str:
    found = re.search(r'id="sample-summary">(.*?)</p>', answer.text, re.DOTALL)
    return "" if found is None else " ".join(unescape(re.sub(r"<[^>]+>", " ", found[1])).split())


def cells(answer) -> list[str]:
    table = answer.text.partition("Preview of the sample")[2]
    return [
        unescape(re.sub(r"<[^>]+>", "", each))
        for each in re.findall(r"<t[hd][^>]*as-is[^>]*>(.*?)</t[hd]>", table)
    ]


def buttons(answer) -> dict[str, str]:
    """What each choice of a problem sends."""
    found = re.findall(r'name="use" value="(.*?)".*?>(.*?)</button>', answer.text)
    return {unescape(label): unescape(value) for value, label in found}


class Step:
    def __init__(self, scene, account: str, workflow: str) -> None:
        self.scene, self.workflow = scene, workflow
        self.browser = scene.page.browser(Role.EDITOR)
        self.address = f"/workflows/{workflow}/tasks/new/extract"
        self.browser.post(f"{self.address}/account?after=", data={"account": account})

    def post(self, part: str, *, files=None, **said: str):
        return self.browser.post(
            f"{self.address}/{part}?after=", data=SETUP | said, files=files, headers=HTMX
        )

    def upload(self, content: bytes, name: str = "people.csv", **said: str):
        return self.post("setup/sample", files={"sample": (name, content, "text/csv")}, **said)

    @property
    def extract(self) -> dict[str, Any]:
        known = drafts.scratch(self.scene.page.app, self.workflow, "extract after ")
        assert known is not None
        return known["extract"]

    def saved(self) -> dict[str, Any]:
        self.post("fields")
        (task,) = self.scene.tasks(self.workflow)
        return task["extract"]


@pytest.fixture
def step(scene):
    return Step(scene, scene.connected(), scene.workflow())


def _zipped(**entries: bytes) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return target.getvalue()


@pytest.mark.parametrize(
    ("content", "found", "shown"),
    [
        (b"id,name\n1,Ann\n", "Commas, UTF-8, header in line 1: 2 columns", ["id", "name", "1", "Ann"]),
        (b"id;pay\n1;7,50\n", "Semicolons, UTF-8, header in line 1: 2 columns", ["id", "pay", "1", "7,50"]),
        (
            "名\tИмя\n一\tЩи\n".encode("utf-16"),
            "Tabs, UTF-16, header in line 1: 2 columns",
            ["名", "Имя", "一", "Щи"],
        ),
        (
            b"'id','name'\n'1','A,b'\n",
            "Commas, quotes ', UTF-8, header in line 1: 2 columns",
            ["id", "name", "1", "A,b"],
        ),
        (
            gzip.compress(b"id;name\n1;Ann\n"),
            "Unpacked from gzip, Semicolons, UTF-8, header in line 1: 2 columns",
            ["id", "name", "1", "Ann"],
        ),
        (
            _zipped(**{"pay.csv": b"id;name\n1;Ann\n"}),
            "Unpacked from zip, Semicolons, UTF-8, header in line 1: 2 columns",
            ["id", "name", "1", "Ann"],
        ),
        (b"id\n1\n", "Commas, UTF-8, header in line 1: 1 column", ["id", "1"]),
        (b"id;name\n", "Semicolons, UTF-8, header in line 1: 2 columns", ["id", "name"]),
    ],
    ids=["commas", "semicolons", "utf-16", "quotes", "gzip", "zip", "one column", "header only"],
)
def test_an_upload_is_recognised_and_shown(step, content, found, shown):
    answer = step.upload(content)

    assert (answer.status_code, summary(answer), cells(answer)) == (200, found, shown)
    assert step.post("setup").status_code == 204


def test_the_recognised_format_is_the_tasks(step):
    step.upload(b"id;name\n1;Jos\xc3\xa9\n")
    step.post("setup")

    extract = step.saved()

    assert (extract["columns"], extract["dialect"]) == (["id", "name"], {"delimiter": ";"})


def test_a_changed_format_changes_the_preview_only(step):
    first = step.upload(b"id,na.me\n1,a.b\n")

    changed = step.post("setup/sample/view", delimiter=".")

    assert cells(first) == ["id", "na.me", "1", "a.b"]
    assert cells(changed) == ["id,na", "me", "1,a", "b"]
    assert 'name="delimiter"' not in changed.text
    assert step.extract["dialect"] == {"delimiter": "."}


def test_a_format_that_a_person_chose_stays_when_the_browser_sends_the_file_again(step):
    content = b"id;name\n1;Ann\n"
    step.upload(content)
    step.post("setup/sample/view", delimiter=",", header="given")

    step.post("setup", files={"sample": ("people.csv", content, "text/csv")}, delimiter=",", header="given")

    assert step.extract["dialect"] == {"delimiter": ",", "header": True}


def test_lines_that_cannot_be_read_are_listed_with_the_reason(step):
    shown = step.upload(b'id,name\n1,"Ann\n2,Bo\n3,Cy,x\n')

    assert shown.status_code == 200
    assert "2 lines of the sample cannot be read" in words(shown)
    assert "Line 2: a quote is opened and not closed" in words(shown)
    assert "Line 4: more or fewer than 2 cells" in words(shown)
    assert cells(shown) == ["id", "name", "2", "Bo"]


def test_a_setting_that_reads_the_lines_is_offered_and_works(step):
    shown = step.upload(b'id,name\n1,"Ann \\"A\\" Lee"\n2,Bo\n')
    assert list(buttons(shown)) == ["Set Escape to \\"]

    used = step.post("setup/sample/use", use=buttons(shown)["Set Escape to \\"])

    assert "cannot be read" not in words(used)
    assert cells(used) == ["id", "name", "1", 'Ann "A" Lee', "2", "Bo"]


def test_another_encoding_is_chosen_from_decoded_words_and_then_the_delimiter_is_recognised(step):
    shown = step.upload(b"id;name\n1;Jos\xe9\n")
    refused = step.post("setup")

    used = step.post("setup/sample/use", use=buttons(shown)["Use cp1252"])

    assert (shown.status_code, refused.status_code) == (422, 422)
    assert "cp1252 José" in words(shown)
    assert "bucketlift check" not in words(shown)
    assert summary(used) == "Semicolons, CP1252, header in line 1: 2 columns"
    assert cells(used) == ["id", "name", "1", "José"]


@pytest.mark.parametrize(
    ("content", "label", "columns"),
    [
        (b"id,,name\n1,,Ann\n", "Leave out columns without a name", ["id", "name"]),
        (b"id,name,\n1,Ann,\n", "Leave out columns without a name", ["id", "name"]),
        (b"id,name,Name\n1,a,b\n", "Number repeated names", ["id", "name", "Name_2"]),
        (b"Report\n\nid;name\n1;Ann\n2;Bo\n", "Use line 3 as the header", ["id", "name"]),
        (b"1,Ann\n2,Bo\n", "Keep the format: the first line is the header", ["1", "Ann"]),
        (b"id,name\r1,Ann\r2,Bo\r", "Set Line ending to CR", ["id", "name"]),
    ],
    ids=["unnamed", "unnamed at the end", "twice", "title", "data", "CR"],
)
def test_a_problem_is_solved_on_the_same_step_by_the_choice_that_it_offers(step, content, label, columns):
    shown = step.upload(content)
    refused = step.post("setup")

    used = step.post("setup/sample/use", use=buttons(shown)[label])
    step.post("setup")

    assert (shown.status_code, refused.status_code, used.status_code) == (422, 422, 200)
    assert cells(used)[: len(columns)] == columns
    assert step.saved()["columns"] == columns


def test_a_choice_that_is_not_one_of_the_pages_is_refused(step):
    step.upload(b"id,name\n1,Ann\n")

    answers = [
        step.post("setup/sample/use", use=use)
        for use in ("x", "[]", json.dumps({"pgp": {}}), json.dumps({"dialect": {"delimiter": "\n"}}))
    ]

    assert {each.status_code for each in answers} == {422}
    assert "dialect" not in step.extract


XLSX = _zipped(**{"[Content_Types].xml": b"<x/>", "xl/workbook.xml": b"<x/>"})


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (XLSX, "an Excel workbook (.xlsx), which is a spreadsheet"),
        (_zipped(**{"docProps/app.xml": b"", "xl/workbook.xml": b""}), "an Excel workbook (.xlsx)"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "an Excel workbook (.xls)"),
        (
            _zipped(
                mimetype=b"application/vnd.oasis.opendocument.spreadsheet",
                **{"content.xml": b"", "META-INF/manifest.xml": b""},
            ),
            "an OpenDocument spreadsheet (.ods)",
        ),
        (_zipped(**{"pay.xlsx": XLSX}), "a zip archive that contains no table, but a .xlsx file"),
        (gzip.compress(XLSX), "an Excel workbook (.xlsx)"),
        (b"<html><table><tr><td>id</td></tr></table></html>", "an HTML page with a table"),
    ],
    ids=["xlsx", "xlsx in another order", "xls", "ods", "zip", "gzip", "html"],
)
def test_a_spreadsheet_says_what_it_is_and_how_to_save_it_as_csv(step, content, kind):
    shown = step.upload(content, "pay.xls")

    assert shown.status_code == 422
    assert f"The file is {kind}" in words(shown)
    assert "File > Save a Copy > CSV UTF-8 (Comma delimited)" in words(shown)


def test_a_document_says_what_it_is(step):
    shown = step.upload(b"%PDF-1.7\n%\xe2\xe3\n", "pay.pdf")

    assert shown.status_code == 422
    assert "The file is a PDF document" in words(shown)
    assert "A sample is a CSV or TSV file." in words(shown)


def test_the_beginning_of_a_large_file_is_enough(step):
    rows = b"".join(b"%d,%s\n" % (number, b"x" * 90) for number in range(9_000))

    shown = step.upload(b"id,text\n" + rows + b'9000,"cut', sample_size="55000000")

    assert summary(shown) == "Commas, UTF-8, header in line 1: 2 columns"
    assert "cannot be read" not in words(shown)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_the_beginning_of_a_large_utf_16_file_is_cut_between_two_characters(step, encoding):
    rows = "".join(f"{number}\tJosé\r\n" for number in range(9_000))

    shown = step.upload(f"id\tname\r\n{rows}".encode(encoding))

    assert summary(shown) == f"Tabs, {encoding.upper()}, header in line 1: 2 columns"
    assert "cannot be read" not in words(shown)


def test_a_header_that_is_longer_than_what_is_stored_is_not_cut(step):
    names = [f"a name that is quite long {number}" for number in range(5_000)]

    step.upload(",".join(names).encode() + b"\n")
    step.post("setup")

    assert step.saved()["columns"] == names


def files_in(answer) -> dict[str, str]:
    """What the button of each listed file sends, by its key."""
    found = re.findall(r'name="file" value="(.*?)".*?aria-label="Use (.*?)"', answer.text)
    return {unescape(key): unescape(value) for value, key in found}


def test_a_file_of_the_bucket_is_the_sample_and_only_its_beginning_is_fetched(scene, step):
    rows = b"".join(b"%d;%s\n" % (number, b"x" * 90) for number in range(20_000))
    scene.server.put("drop", "in/large.csv", b"id;text\n" + rows)
    for key in ("in/a.txt", "in/.bucketlift/x", "out/b.csv"):
        scene.server.put("drop", key, b"id\n1\n")
    listed = step.post("setup/bucket", pattern="*.csv")
    scene.server.log.clear()

    shown = step.post("setup/bucket/use", pattern="*.csv", file=files_in(listed)["in/large.csv"])

    assert list(files_in(listed)) == ["in/large.csv"]
    assert summary(shown) == "Semicolons, UTF-8, header in line 1: 2 columns"
    assert "cannot be read" not in words(shown)
    assert "large.csv , 1.9 MB" in words(shown)
    # 206: a part of the object was requested.
    assert [(each.operation, each.status) for each in scene.server.log if each.key] == [("GetObject", 206)]


def test_a_file_that_was_replaced_after_it_was_listed_is_not_taken(scene, step):
    scene.server.put("drop", "in/a.csv", b"id\n1\n")
    listed = step.post("setup/bucket")
    scene.server.put("drop", "in/a.csv", b"id\n2\n3\n")

    refused = step.post("setup/bucket/use", file=files_in(listed)["in/a.csv"])

    assert refused.status_code == 422
    assert "changed" in words(refused)


@pytest.mark.parametrize("key", ["out/secret.csv", "in/a.txt"])
def test_a_file_that_the_task_does_not_select_is_not_read(scene, step, key):
    etag = scene.server.put("drop", key, b"id\n1\n")
    scene.server.log.clear()

    refused = step.post("setup/bucket/use", pattern="*.csv", file=json.dumps([key, etag, 5]))

    assert (refused.status_code, "does not match the selection" in words(refused)) == (422, True)
    assert "GetObject" not in scene.server.log.operations()


def test_the_newest_files_are_offered_first_and_not_more_than_fifty(scene, step):
    for number in range(55):
        scene.server.put("drop", f"in/{number:02}.csv", b"id\n1\n")

    listed = step.post("setup/bucket")

    assert "The newest 50 of 55 files that match" in words(listed)
    assert len(files_in(listed)) == 50


def test_an_encrypted_file_of_the_bucket_says_what_is_missing(scene, step):
    scene.server.put(
        "drop", "in/a.csv.asc", b"-----BEGIN PGP MESSAGE-----\n\nhQEMA0\n-----END PGP MESSAGE-----\n"
    )
    listed = step.post("setup/bucket")

    refused = step.post("setup/bucket/use", file=files_in(listed)["in/a.csv.asc"])

    assert refused.status_code == 422
    assert "Under Encryption on this page, switch on Use PGP and choose the key" in words(refused)


@pytest.mark.skipif(gpg.ABSENT, reason="There is no gpg on this machine.")
def test_an_encrypted_file_is_decrypted_with_the_key_of_the_task(scene, step, tmp_path):
    step.browser.post("/keys/made", data={"name": "hr", "expires": "1y", "kind": "ed25519"})
    (tmp_path / "hr.asc").write_bytes(step.browser.get("/keys/hr/public").content)
    (tmp_path / "sender").mkdir(mode=0o700)
    sender = gpg.Sender(home=tmp_path / "sender")
    encrypted = sender.gpg(
        "--encrypt", "--recipient-file", str(tmp_path / "hr.asc"), given=b"id;name\n1;Ann\n"
    )
    scene.server.put("drop", "in/a.csv.pgp", encrypted)
    with_key = {"use_pgp": "yes", "pgp_keys": "hr"}
    listed = step.post("setup/bucket", **with_key)

    shown = step.post("setup/bucket/use", file=files_in(listed)["in/a.csv.pgp"], **with_key)

    assert summary(shown) == "Unpacked from PGP, Semicolons, UTF-8, header in line 1: 2 columns"
    assert cells(shown) == ["id", "name", "1", "Ann"]


TYPED = b"id,day,pay,note\n1,01/02/2026,1.50,a\n2,03/04/2026,20.00,b\n"


def suggested(answer) -> dict[str, str]:
    """What the button of each suggestion sends."""
    found = re.findall(r'name="accept" value="(.*?)".*?>(.*?)</button>', answer.text, re.DOTALL)
    return {unescape(re.sub(r"<[^>]+>", "", label)): unescape(value) for value, label in found}


def test_types_are_suggested_for_each_field_and_none_is_applied_by_itself(step):
    step.upload(TYPED)
    step.post("setup")

    shown = step.browser.get(f"{step.address}/fields?after=")

    assert list(suggested(shown)) == [
        "Use integer for id",
        "Use date, as 22/11/2026 for day",
        "Use date, as 11/22/2026 for day",
        "Use decimal, 2 decimal places for pay",
    ]
    assert "fields" not in step.saved()


def test_an_accepted_suggestion_changes_its_field_only(step):
    step.upload(TYPED)
    step.post("setup")
    offered = suggested(step.browser.get(f"{step.address}/fields?after="))

    changed = step.post(
        "fields/accept",
        accept=offered["Use date, as 22/11/2026 for day"],
        **{"null-1": "n/a", "aliases-0": "ID"},
    )

    assert re.findall(r'<td class="type-cell" id="(.*?)"', changed.text) == ["type-cell-1"]
    assert step.extract["fields"] == {
        "id": {"aliases": ["ID"]},
        "day": {"null": ["n/a"], "type": "date", "format": "%d/%m/%Y"},
    }


def test_three_hundred_columns_can_be_searched(step):
    names = [f"column {number}" for number in range(300)]
    row = [str(number) for number in range(300)]
    step.upload(";".join(names).encode() + b"\n" + b"\n".join([";".join(row).encode()] * 3))
    step.post("setup")

    shown = step.browser.get(f"{step.address}/fields?after=")

    assert 'id="field-search"' in shown.text
    assert len(re.findall(r"<tr data-field=", shown.text)) == 300
