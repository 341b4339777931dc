"""Needs attention, delayed actions, and a file's page: what a person sees, decides, and gets."""

from __future__ import annotations

import html
import io
import re
from dataclasses import replace

import pytest

from bucketlift.ledger.workflows.drafts import ChangedMeanwhile
from bucketlift.model.pause import Pause
from bucketlift.model.user import Role
from bucketlift.service.editor import drafts
from bucketlift.service.workflows import workflows
from e2e.world import extract, load, table_of
from integration.web.watching.conftest import A, at_work, files_of
from visitors import opened

pytestmark = pytest.mark.slow


def text_of(answer) -> str:
    """What a reader reads."""
    told = re.sub(r"<(script|style|svg).*?</\1>", " ", answer.text, flags=re.DOTALL)
    return html.unescape(" ".join(re.sub(r"<[^>]+>", " ", told).split()))


def state(page, file) -> tuple[str, str | None]:
    claim = page.app.ledger.claims.get(file)
    return claim.state.value, claim.reason


def test_every_file_that_waits_is_listed_with_its_reason_and_what_to_do(shared):
    told = text_of(shared.browser(Role.OPERATOR).get("/attention"))

    assert "Needs attention 2" in told
    assert "in/other.csv" in told
    assert 'Column "name" looks renamed to "fullname"' in told
    assert "2 of 3 records are rejects; max_rejected allows 0 rows" in told
    assert "in/good.csv" not in told


def test_filters_leave_the_files_of_one_reason(shared):
    told = text_of(shared.browser(Role.OPERATOR).get("/attention?workflow=w&reason=renamed-column"))

    assert ("in/other.csv" in told, "in/torn.csv" in told) == (True, False)


def test_one_decision_about_many_files_tells_what_became_of_each(page, ids):
    browser = page.browser(Role.OPERATOR)
    chosen = [ids["torn.csv"], ids["other.csv"], "nothing"]

    told = text_of(browser.post("/attention", data={"decision": "accept", "file": chosen}))

    assert "1 file accepted. 2 files could not be accepted." in told
    assert "A file held for renamed-column cannot be accepted as it is" in told
    assert "There is no file with this ID" in told
    assert state(page, ids["torn.csv"]) == ("retrying", "accepted")
    assert state(page, ids["other.csv"]) == ("held", "renamed-column")


def test_a_file_that_waits_for_another_reason_than_the_page_showed_is_left_alone(page, ids):
    browser, file = page.browser(Role.OPERATOR), ids["torn.csv"]

    many = browser.post("/attention", data={"decision": "accept", "file": [f"{file} extra-column"]})
    one = browser.post(f"/files/{file}/decide/accept", data={"seen": "extra-column"})

    assert "The file is now held for another reason: too-many-rejects" in text_of(many)
    assert (one.status_code, state(page, file)) == (422, ("held", "too-many-rejects"))


def test_a_viewer_sees_reasons_and_is_offered_and_allowed_no_decision(shared, known):
    viewer = shared.browser(Role.VIEWER)

    listed = viewer.get("/attention").text
    refused = [
        viewer.post("/attention", data={"decision": "ignore", "file": [known["torn.csv"]]}),
        viewer.get(f"/files/{known['torn.csv']}/rejects"),
        viewer.get(f"/files/{known['torn.csv']}/rejects.csv"),
        viewer.get(f"/files/{known['other.csv']}/difference"),
        viewer.post(f"/files/{known['other.csv']}/decide/ignore"),
        viewer.post(f"/files/{known['good.csv']}/do-now"),
    ]

    assert ("in/torn.csv" in listed, 'name="decision"' in listed) == (True, False)
    assert [each.status_code for each in refused] == [403] * 6
    assert state(shared, known["torn.csv"]) == ("held", "too-many-rejects")


def test_nothing_chosen_and_unids_decisions_are_refused(shared):
    browser = shared.browser(Role.OPERATOR)

    answers = [
        browser.post("/attention", data={"decision": "accept"}),
        browser.post("/attention", data={"decision": "burn", "file": ["x"]}),
    ]

    assert [each.status_code for each in answers] == [422, 422]


def test_a_decision_without_a_selected_file_leaves_the_person_on_the_page(shared):
    browser = shared.browser(Role.OPERATOR)

    answer = browser.post("/attention", data={"decision": "accept", "reason": "renamed-column"})
    undo = browser.post("/outbox")

    assert (answer.status_code, undo.status_code) == (422, 422)
    assert "No file is selected" in answer.text
    assert ("in/other.csv" in answer.text, "in/torn.csv" in answer.text) == (True, False)
    assert ("No file is selected" in undo.text, "in/good.csv" in undo.text) == (True, True)


def test_accept_is_offered_only_if_a_listed_file_can_be_accepted(shared):
    browser = shared.browser(Role.OPERATOR)

    refused = browser.get("/attention?reason=renamed-column").text
    mixed = browser.get("/attention").text

    assert re.findall('name="decision" value="([a-z]+)"', refused) == ["retry", "ignore"]
    assert re.findall('name="decision" value="([a-z]+)"', mixed) == ["accept", "retry", "ignore"]
    assert re.findall('data-offers="([^"]*)"', mixed) == ["retry ignore", "accept retry ignore"]


def test_the_number_in_the_menu_counts_what_the_page_lists(page):
    browser = page.browser(Role.OPERATOR)
    before = text_of(browser.get("/attention"))
    now = page.app.now()
    page.app.ledger.pauses.pause(Pause(what="The ledger was restored", paused_at=now, look_from=now))

    after = text_of(browser.get("/attention"))

    assert ("Needs attention 2" in before, "Needs attention 3" in after) == (True, True)


def test_error_pages_have_the_menu_of_a_signed_in_person(shared):
    browser = shared.browser(Role.VIEWER)

    pages = [browser.get("/nothing-here"), browser.get("/files/nothing"), browser.get("/attention?page=x")]

    assert [each.status_code for each in pages] == [404, 404, 422]
    assert ['aria-label="Main"' in each.text for each in pages] == [True] * 3
    assert 'aria-label="Main"' not in shared.stranger().get("/nothing-here").text


def test_a_paused_outbox_stands_first_and_an_administrator_lets_it_go_on(page):
    now = page.app.now()
    page.app.ledger.pauses.pause(Pause(what="The ledger was restored", paused_at=now, look_from=now))
    administrator = page.browser(Role.ADMINISTRATOR)

    before = text_of(administrator.get("/attention"))
    refused = page.browser(Role.EDITOR).post("/attention/outbox")
    confirmed = administrator.post("/attention/outbox")

    assert "Deletes, moves and renames are paused: The ledger was restored" in before
    assert (refused.status_code, confirmed.status_code) == (403, 303)
    assert page.app.ledger.pauses.paused() is None


def test_an_applied_workflow_with_doubled_loads_is_shown_until_it_is_changed(page):
    before = text_of(page.browser(Role.VIEWER).get("/attention"))
    flow = page.app.ledger.catalog.workflow("w").workflow
    double = replace(flow.loads[0], id="again")
    page.app.ledger.catalog.save(workflows=(replace(flow, tasks=(*flow.tasks, double)),), now=page.app.now())

    told = text_of(page.browser(Role.VIEWER).get("/attention"))

    assert "each row would be loaded twice" not in before
    assert f"“{flow.loads[0].id}” and “again” both load the rows of “files” into the table" in told
    assert "The workflow keeps running as it is, but it cannot be saved again like this." in told


def test_a_header_that_is_taken_as_the_contract_is_not_undone_by_a_form_opened_before(page, ids):
    workflows.detach(page.app, "w")
    seen = drafts.get(page.app, "w").number

    taken = page.browser(Role.EDITOR).post(f"/files/{ids['other.csv']}/adopt")

    assert taken.status_code == 303
    with pytest.raises(ChangedMeanwhile):
        drafts.change(page.app, "w", lambda document: document | {"title": "Mine"}, number=seen)


def test_headers_are_shown_side_by_side(page, ids):
    told = text_of(page.browser(Role.OPERATOR).get(f"/files/{ids['other.csv']}/difference"))

    assert "id id 1 matches" in told
    assert "name fullname 2 possibly renamed" in told
    assert "This task is managed by the workflow file of project hr" in told


def test_a_file_that_is_not_utf_8_shows_its_words_in_each_encoding(ran):
    ran.put("in/names.csv", "id,name\n1,Иванов\n".encode("cp1251"))
    ran.run()

    with opened(ran.home) as page:
        file = files_of(page)["names.csv"]
        detail = page.browser(Role.OPERATOR).get(f"/files/{file}").text
        told = text_of(page.browser(Role.OPERATOR).get(f"/files/{file}/encodings"))
        refused = page.browser(Role.VIEWER).get(f"/files/{file}/encodings")

    assert f'hx-get="/files/{file}/encodings"' in detail
    assert "cp1251 Иванов" in told
    assert "cp1252 Èâàíîâ" in told
    assert refused.status_code == 403


def test_an_object_that_is_gone_is_told_in_the_place_of_its_header(ran, page, ids):
    ran.delete("in/other.csv")

    answer = page.browser(Role.OPERATOR).get(f"/files/{ids['other.csv']}/difference")

    assert (answer.status_code, "alert-warning" in answer.text) == (200, True)


def test_rejects_are_shown_safely_with_line_byte_and_reason(shared, known):
    answer = shared.browser(Role.OPERATOR).get(f"/files/{known['torn.csv']}/rejects")

    told = text_of(answer)
    assert "3 14" in told.replace(",", "")
    assert "bare quote" in told
    assert "wrong width" in told
    assert "<script>alert" not in answer.text
    assert "3,<script>alert(1)</script>yyy" in told
    assert 'title="U+0007">\u2407</span>' in answer.text
    assert 'title="U+202E">U+202E</span>' in answer.text
    assert "more of 629 characters" in told


def test_rejects_go_out_mended_ones_come_in_and_what_they_come_to_is_shown_first(ran, page, ids):
    file, browser = ids["torn.csv"], page.browser(Role.OPERATOR)
    exported = browser.get(f"/files/{file}/rejects.csv")
    lines = exported.text.splitlines()
    mended = "\r\n".join([lines[0], f"3,14,bare-quote,,2,Bob,,{file} in/torn.csv", ""]).encode()

    def sent(to, **more):
        upload = {"mended": ("mended.csv", io.BytesIO(mended), "text/csv")}
        return browser.post(
            f"/files/{file}/rejects/{to}", files=upload, data=more, headers={"HX-Request": "true"}
        )

    checked = sent("check")
    seen = re.search(r'name="seen" value="(\w+)"', checked.text)
    unseen = sent("replay")
    assert seen is not None
    assert "1 row will be loaded" in text_of(checked)
    assert "1 reject remains" in text_of(checked)
    assert (unseen.status_code, state(page, file)) == (200, ("held", "too-many-rejects"))

    done = sent("replay", seen=seen.group(1))
    ended = ran.run()

    assert done.headers["HX-Redirect"] == f"/files/{file}"
    assert ended["state"] == "succeeded"
    assert ran.rows() == [("1", "Ada"), ("1", "Ada"), ("2", "Bob"), ("2", "Bob")]


def test_a_file_that_is_no_export_is_refused_with_what_to_do(shared, known):
    upload = {"mended": ("mended.csv", io.BytesIO(b"a,b\n1,2\n"), "text/csv")}

    answer = shared.browser(Role.OPERATOR).post(f"/files/{known['torn.csv']}/rejects/check", files=upload)

    assert answer.status_code == 422
    assert "The mended file has another header" in text_of(answer)


def test_a_delayed_delete_is_told_and_undone_and_the_object_stays(ran, page, ids):
    browser = page.browser(Role.OPERATOR)
    listed = text_of(browser.get("/outbox"))

    told = text_of(browser.post("/outbox", data={"file": [ids["good.csv"], ids["torn.csv"]]}))

    assert "in/good.csv" in listed
    assert "Delete" in listed
    assert "1 action undone. 1 action could not be undone." in told
    assert "Loaded. The file stays where it is." in told
    assert "no action is pending" in told
    assert state(page, ids["good.csv"]) == ("done", "ignored")
    ran.run()
    assert "in/good.csv" in ran.server.objects("drop")


def test_a_delayed_delete_that_is_wanted_now_is_done_by_the_next_run(ran, page, ids):
    answer = page.browser(Role.OPERATOR).post(f"/outbox/{ids['good.csv']}/do-now")

    ran.run()

    assert answer.status_code == 303
    assert "in/good.csv" not in ran.server.objects("drop")
    assert state(page, ids["good.csv"]) == ("done", None)


def test_a_files_page_tells_its_receipt_its_action_and_what_can_be_done(shared, known):
    browser = shared.browser(Role.OPERATOR)

    told = text_of(browser.get(f"/files/{known['good.csv']}"))

    assert "warehouse.people" in told
    assert "Undo keeps the file in its place" in told
    assert all(word in told for word in ("Unload", "Reload", "Run now", "Hold"))
    assert "Accept" not in told


def test_a_file_is_unloaded_after_it_was_said_what_that_does(ran, page, ids):
    browser, file = page.browser(Role.OPERATOR), ids["good.csv"]

    asked = text_of(browser.get(f"/files/{file}/unload"))
    answer = browser.post(f"/files/{file}/unload")

    assert "Only the rows of this file are removed from warehouse.people" in asked
    assert answer.status_code == 303
    assert (state(page, file), ran.rows()) == (("held", "unloaded"), [])


def test_a_decision_that_the_state_forbids_is_told_and_nothing_is_done(shared, known):
    answer = shared.browser(Role.OPERATOR).post(f"/files/{known['good.csv']}/decide/accept")

    assert answer.status_code == 422
    assert "A file with the state `committed` cannot be accepted" in text_of(answer)


def test_a_hostile_key_is_shown_as_text(world):
    world.apply(extract("keep"), load())
    world.put('in/<img src=x onerror=alert(1)>"\u202e.csv', table_of(A, header="id,fullname"))
    world.run()

    with opened(world.home) as page:
        (claim,) = page.app.ledger.claims.find()
        browser = page.browser(Role.OPERATOR)
        pages = [browser.get(each).text for each in ("/attention", f"/files/{claim.id}")]

    assert all("<img src=x" not in each and "&lt;img src=x" in each for each in pages)


def test_mended_rows_of_a_loaded_file_are_left_to_a_worker(world):
    world.apply(extract("keep", max_rejected=5), load())
    world.put("in/a.csv", b'id,name\n1,Ada\n2,Bo"b\n')
    world.run()
    mended = b"line,offset,reason,field,id,name,text\r\n3,14,bare-quote,,2,Bob,\r\n"

    with opened(world.home) as page, at_work(page):
        (claim,) = page.app.ledger.claims.find()
        browser = page.browser(Role.OPERATOR)

        def sent(to, **more):
            upload = {"mended": ("mended.csv", io.BytesIO(mended), "text/csv")}
            return browser.post(f"/files/{claim.id}/rejects/{to}", files=upload, data=more)

        checked = sent("check")
        seen = re.search(r'name="seen" value="(\w+)"', checked.text)
        assert seen is not None, text_of(checked)
        done = sent("replay", seen=seen.group(1))
        assert done.status_code == 303
        run = done.headers["location"].rpartition("/")[2]
        while page.app.ledger.runs.get(run).finished_at is None:
            page.app.clock.now()

    assert world.rows() == [("1", "Ada"), ("2", "Bob")]
