"""Accounts on the page: connected with a role, shared, examined, deleted; each for those whose they are."""

from __future__ import annotations

import re
from html import unescape

import pytest

from bucketlift.model.account import Account, EnvSecret, FolderAccount, SftpAccount
from bucketlift.model.user import Role
from bucketlift.service.accounts import accounts, sharing
from bucketlift.service.editor import drafts
from buckets import EVERYTHING
from visitors import opened

pytestmark = pytest.mark.slow
HTMX = {"HX-Request": "true"}


def words(answer) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.text)).split())


def value(answer, of: str) -> str:
    """What stands in an input."""
    (found,) = re.findall(rf'id="{of}" value="([^"]*)"', answer.text)
    return unescape(found)


def rows(answer) -> list[tuple[str, str]]:
    """Check and result of each row."""
    return re.findall(
        r'<th scope="row" class="fw-medium">(.*?)<.*?<span class="status status-\w+"><span class="status-dot"></span>(.*?)</span>',
        answer.text,
    )


def begun(browser) -> tuple[str, str]:
    """The address of a new account's form, and its external ID."""
    panel = browser.post("/accounts/begun", headers=HTMX)
    (address,) = set(re.findall(r'action="(/accounts/begun/\w+)/connect"', panel.text))
    return address, value(panel, "external-id")


def test_the_external_id_is_shown_before_the_role_exists_and_stays(scene, tmp_path):
    browser = scene.page.browser(Role.EDITOR)

    first = begun(browser)
    with opened(tmp_path / "home") as again:
        second = begun(again.browser(Role.EDITOR))

    assert first == second
    assert len(first[1]) == 32


def test_a_role_that_trusts_the_external_id_is_connected_with_it(scene):
    browser = scene.page.browser(Role.EDITOR)
    address, external_id = begun(browser)
    scene.server.make_role("given", external_id, EVERYTHING)

    answer = browser.post(
        f"{address}/connect?choose=yes",
        data={"title": "HR drop", "role_arn": scene.arn("given"), "region": "us-east-1"},
        headers=HTMX,
    )

    assert rows(answer) == [("Assume the role", "passed"), ("Use of the role by others", "passed")]
    account = scene.page.app.ledger.catalog.account("hr-drop")
    assert (account.settings.external_id, account.settings.role_arn) == (external_id, scene.arn("given"))
    assert re.search(r'value="hr-drop" checked', answer.text)
    assert begun(browser)[1] != external_id


def test_a_role_that_does_not_trust_it_is_no_account_and_what_was_typed_stays(scene):
    browser = scene.page.browser(Role.EDITOR)
    address, external_id = begun(browser)
    scene.server.make_role("other", "another-external-id", EVERYTHING)

    answer = browser.post(
        f"{address}/connect",
        data={"title": "HR drop", "role_arn": scene.arn("other"), "region": "us-east-1"},
        headers=HTMX,
    )

    assert rows(answer) == [("Assume the role", "failed")]
    assert scene.page.app.ledger.catalog.accounts() == {}
    assert begun(browser) == (address, external_id)
    assert scene.arn("other") in browser.get(address).text


def test_a_missing_permission_is_a_row_and_the_account_is_there(scene):
    browser = scene.page.browser(Role.EDITOR)
    address, external_id = begun(browser)
    scene.server.make_role(
        "narrow", external_id, ({"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "*"},)
    )

    answer = browser.post(
        f"{address}/connect",
        data={
            "title": "Narrow",
            "role_arn": scene.arn("narrow"),
            "region": "us-east-1",
            "bucket": "drop",
            "after_import": "delete",
        },
        headers=HTMX,
    )

    results = dict(rows(answer))
    assert results["Assume the role"] == results["List files"] == "passed"
    assert results["Delete only the loaded version"] == "failed"
    assert [result for _, result in rows(answer)] == sorted(
        results.values(), key=["failed", "warning", "not known", "passed"].index
    )
    assert "Grant" in words(answer)
    assert list(scene.page.app.ledger.catalog.accounts()) == ["narrow"]


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"title": ""}, "Enter a display name"),
        ({"role_arn": "http://169.254.169.254/"}, "not the ARN of an IAM role"),
        ({"role_arn": "arn:aws-cn:iam::123456789012:role/x"}, "different AWS partitions"),
    ],
    ids=["no name", "no role", "another partition"],
)
def test_what_is_no_account_is_told_beside_its_field_before_any_call(scene, said, told):
    browser = scene.page.browser(Role.EDITOR)
    address, _ = begun(browser)
    scene.server.log.clear()
    form = {"title": "HR drop", "role_arn": scene.arn("given"), "region": "us-east-1"}

    answer = browser.post(f"{address}/connect", data=form | said, headers=HTMX)

    assert (answer.status_code, told in words(answer)) == (422, True)
    assert "AssumeRole" not in scene.server.log.operations()


def test_the_policies_follow_what_is_typed(scene):
    browser = scene.page.browser(Role.EDITOR)
    address, external_id = begun(browser)

    part = browser.post(
        f"{address}/values",
        data={"bucket": "drop", "prefix": "in/", "after_import": "keep", "region": "cn-north-1"},
        headers=HTMX,
    )

    assert f'"sts:ExternalId": "{external_id}"' in words(part)
    assert "arn:aws-cn:s3:::drop/in/*" in words(part)
    assert "s3:DeleteObject" not in words(part)


def test_what_one_person_begun_is_nobody_elses(scene):
    address, _ = begun(scene.page.browser(Role.EDITOR))

    other = scene.page.browser(Role.ADMINISTRATOR).get(address)

    assert other.status_code == 404


def test_the_name_of_a_deleted_account_never_comes_back_with_its_external_id(scene):
    browser = scene.page.browser(Role.EDITOR)
    scene.connected("HR drop")
    browser.post("/accounts/hr-drop/delete")

    again = scene.connected("HR drop", role="again", by=Role.ADMINISTRATOR)

    assert again == "hr-drop-2"


def test_an_account_in_use_is_not_deleted_and_says_by_whom(scene):
    account, workflow = scene.connected(), scene.workflow()
    drafts.change(
        scene.page.app,
        workflow,
        lambda form: form | {"tasks": [{"id": "files", "extract": {"account": account}}]},
    )

    refused = scene.page.browser(Role.EDITOR).post(f"/accounts/{account}/delete")

    assert refused.status_code == 422
    assert "used by New workflow" in words(refused)
    assert account in scene.page.app.ledger.catalog.accounts()


def test_each_sees_their_own_accounts_and_those_shared_with_them(scene):
    scene.connected("Mine")
    scene.connected("Yours", role="b", by=Role.ADMINISTRATOR)
    scene.connected("Ours", role="c", by=Role.ADMINISTRATOR, for_others=True)
    administrator, editor = scene.page.browser(Role.ADMINISTRATOR), scene.page.browser(Role.EDITOR)

    before = re.findall(r'href="/accounts/(\w+)">', editor.get("/accounts").text)
    administrator.post("/extensions/amazon-s3/ours", data={"who": "everyone"})
    after = re.findall(r'href="/accounts/(\w+)">', editor.get("/accounts").text)

    assert (before, after) == (["mine"], ["mine", "ours"])
    assert [editor.get(f"/accounts/{name}").status_code for name in ("mine", "ours", "yours")] == [
        200,
        200,
        404,
    ]


def test_folders_and_sftp_servers_are_shown_and_chosen_in_tasks(scene):
    app = scene.page.app
    key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQ"
    server = SftpAccount(
        host="files.example.com", user="hr", host_key=(key,), private_key=EnvSecret(env="SFTP_KEY")
    )
    for name, settings in (("drop", FolderAccount(path="/srv/drop")), ("partner", server)):
        accounts.add(app, Account(name=name, settings=settings))
    browser = scene.page.browser(Role.ADMINISTRATOR)

    listed = words(browser.get("/accounts"))
    shown = [words(browser.get(f"/accounts/{name}")) for name in ("drop", "partner")]

    assert ("Folder" in listed, "SFTP server" in listed) == (True, True)
    assert "folder:/srv/drop" in shown[0]
    assert "sftp://hr@files.example.com:22/" in shown[1]
    administrator = scene.page.person(Role.ADMINISTRATOR)
    assert {each.name for each in sharing.usable(app, administrator)} == {"drop", "partner"}
    assert sharing.with_buckets(app, administrator) == ()


def test_an_account_is_shared_with_those_chosen_only(scene):
    account = scene.connected("Ours", by=Role.ADMINISTRATOR, for_others=True)
    one, two = scene.page.person(Role.EDITOR, "one"), scene.page.person(Role.EDITOR, "two")

    scene.page.browser(Role.ADMINISTRATOR).post(
        f"/extensions/amazon-s3/{account}", data={"who": "chosen", "users": [one.id, "a-stranger"]}
    )

    assert scene.page.browser(Role.EDITOR, "one").get(f"/accounts/{account}").status_code == 200
    assert scene.page.browser(Role.EDITOR, "two").get(f"/accounts/{account}").status_code == 404
    assert scene.page.app.ledger.sharings.of(account).users == {one.id}
    assert two.id not in scene.page.app.ledger.sharings.of(account).users


def test_a_person_who_is_ticked_gets_the_account_also_without_the_third_choice(scene):
    account = scene.connected("Ours", by=Role.ADMINISTRATOR, for_others=True)
    one, browser = scene.page.person(Role.EDITOR, "one"), scene.page.browser(Role.ADMINISTRATOR)
    found = []

    for ticked in ([one.id], [one.id]):
        browser.post(f"/extensions/amazon-s3/{account}", data={"who": "nobody", "users": ticked})
        found.append(scene.page.app.ledger.sharings.of(account).users)

    # The second time, the box is ticked from before, and *administrators only* is what was chosen.
    assert found == [{one.id}, frozenset()]


def test_somebodys_own_account_cannot_be_shared_by_an_administrator(scene):
    account = scene.connected("Mine")

    refused = scene.page.browser(Role.ADMINISTRATOR).post(
        f"/extensions/amazon-s3/{account}", data={"who": "everyone"}
    )

    assert refused.status_code == 422
    assert not scene.page.app.ledger.sharings.of(account).everyone


def test_a_role_open_to_everybody_warns_until_an_administrator_says_why_not(scene):
    account = scene.connected("Ours", by=Role.ADMINISTRATOR, for_others=True)
    scene.server.trust("bucketlift", {})
    browser = scene.page.browser(Role.ADMINISTRATOR)
    browser.post(f"/accounts/{account}/doctor", data={"bucket": "drop"}, headers=HTMX)

    warned = words(browser.get(f"/accounts/{account}"))
    browser.post(f"/accounts/{account}/acknowledge", data={"reason": "a test bed"})
    after = words(browser.get(f"/accounts/{account}"))

    assert "Acknowledge" in warned
    assert "Accepted by administrator a test bed" in after
    assert "Or enter why this is safe here" not in after


def test_access_keys_of_aws_cannot_be_made_here(scene):
    browser = scene.page.browser(Role.ADMINISTRATOR)

    page = browser.get("/accounts/new")
    browser.post(
        "/accounts/stores",
        data={"title": "x", "kind": "aws-keys", "endpoint": "", "access_key": "AKIA", "secret_key": "s"},
    )

    assert "bucketlift accounts add NAME --kind aws-keys" in words(page)
    assert scene.page.app.ledger.catalog.accounts() == {}
