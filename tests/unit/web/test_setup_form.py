"""What the form of a task's files says, and what it leaves as it was."""

from __future__ import annotations

from starlette.datastructures import FormData

from bucketlift.web.extract.setup_form import with_form


def test_settings_of_pgp_that_the_form_does_not_show_stay():
    known = {"pgp": {"keys": ["a"], "required": False, "symmetric": {"secret": "phrase"}, "signed": "accept"}}
    form = FormData([("bucket", "drop"), ("use_pgp", "yes"), ("pgp_keys", "b"), ("signed", "yes")])

    assert with_form(form, known)["pgp"] == {
        "required": False,
        "symmetric": {"secret": "phrase"},
        "keys": ["b"],
        "signed": "accept",
    }


def test_signed_files_are_read_only_where_the_form_says_so():
    form = FormData([("use_pgp", "yes"), ("pgp_keys", "b")])

    assert with_form(form, {"pgp": {"keys": ["b"], "signed": "accept"}})["pgp"] == {"keys": ["b"]}
