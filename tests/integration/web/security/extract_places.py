"""Where the wizard and the accounts show what somebody wrote, or what a sample holds."""

from __future__ import annotations

import csv
import io

from bucketlift.model.account import AwsRole
from bucketlift.model.sharing import AccountDraft
from bucketlift.model.user import Role
from bucketlift.service.accounts import connecting
from bucketlift.service.editor import drafts
from visitors import Page

ARN = "arn:aws:iam::111122223333:role/x"


def _account(page: Page, text: str) -> str:
    """By the ledger itself, which takes more than the page does."""
    begun = connecting.begin(page.app, page.person(Role.EDITOR))
    told = page.app.ledger.sharings.save_draft(begun, AccountDraft(title=text, role_arn=ARN))
    role = AwsRole(role_arn=ARN, region="us-east-1")
    return page.app.ledger.sharings.connect(told, role, now=page.app.now())


def account_in_a_list(page: Page, text: str) -> str:
    name = _account(page, text)
    shown = page.browser(Role.EDITOR).get("/accounts").text
    return shown.partition(f'href="/accounts/{name}"')[2].partition("</tr>")[0]


def account_as_a_heading(page: Page, text: str) -> str:
    return page.browser(Role.EDITOR).get(f"/accounts/{_account(page, text)}").text


def account_to_choose(page: Page, text: str) -> str:
    name = _account(page, text)
    at = f"/workflows/{drafts.create(page.app, 'schedule')}/tasks/new/extract/account?after="
    shown = page.browser(Role.EDITOR).get(at).text
    return shown.partition(f'value="{name}"')[2].partition("</label>")[0]


def prefix_and_pattern(page: Page, text: str) -> str:
    _, at = _wizard(page)
    browser = page.browser(Role.EDITOR)
    browser.post(f"{at}/account?after=", data={"account": _account(page, "plain")})
    said = {
        "bucket": "b",
        "prefix": f"p{text}",
        "pattern": f"*{text}",
        "archive": "a",
        "archive_prefix": text,
    }
    browser.post(f"{at}/setup/keep?after=", data=said | {"after_import": "move"})
    return browser.get(f"{at}/setup?after=").text


def name_of_a_sample(page: Page, text: str) -> str:
    """As the ledger keeps it; browsers and servers change such names on the way."""
    workflow, at = _wizard(page)
    form = {"extract": {"account": "a", "columns": ["id"]}, "sample": {"name": text, "size": 1, "head": ""}}
    drafts.keep_scratch(page.app, workflow, "extract after ", form)
    return page.browser(Role.EDITOR).get(f"{at}/setup?after=").text


def headers_and_cells_of_a_sample(page: Page, text: str) -> str:
    table = io.StringIO()
    readable = text.replace("\0", "")
    csv.writer(table, quoting=csv.QUOTE_ALL).writerows([["id", f"x{readable}"], ["1", readable]])
    _, at = _wizard(page)
    browser = page.browser(Role.EDITOR)
    browser.post(f"{at}/account?after=", data={"account": _account(page, "plain")})
    browser.post(f"{at}/setup/sample?after=", files={"sample": ("s.csv", table.getvalue().encode())})
    return browser.get(f"{at}/fields?after=").text


def header_that_is_there_twice(page: Page, text: str) -> str:
    table = io.StringIO()
    csv.writer(table, quoting=csv.QUOTE_ALL).writerow([f"x{text}", f"x{text}"])
    _, at = _wizard(page)
    sample = {"sample": ("s.csv", table.getvalue().replace("\0", "").encode())}
    return page.browser(Role.EDITOR).post(f"{at}/setup/sample?after=", files=sample).text


def _wizard(page: Page) -> tuple[str, str]:
    workflow = drafts.create(page.app, "schedule")
    return workflow, f"/workflows/{workflow}/tasks/new/extract"


PLACES = (
    account_in_a_list,
    account_as_a_heading,
    account_to_choose,
    prefix_and_pattern,
    name_of_a_sample,
    headers_and_cells_of_a_sample,
    header_that_is_there_twice,
)
