"""The page of extensions, which an administrator sets up for all users. At present, Amazon S3 is the only
extension.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from bucketlift.errors import RequestWrong
from bucketlift.service.accounts import sharing
from bucketlift.service.people import people
from bucketlift.web.render import go, render
from bucketlift.web.visit import Administering, Posted, Visit

router = APIRouter(prefix="/extensions")
AMAZON_S3 = "amazon-s3"


@dataclass(frozen=True, slots=True, kw_only=True)
class Extension:
    key: str
    name: str
    what: str

    def matches(self, words: str) -> bool:
        return all(word in f"{self.name} {self.what}".casefold() for word in words.casefold().split())


ALL = (
    Extension(
        key=AMAZON_S3,
        name="Amazon S3",
        what="Shared AWS accounts and S3-compatible stores that workflows read files from.",
    ),
)


@router.get("")
def search(request: Request, visit: Administering, search: Annotated[str, Query()] = "") -> Response:  # noqa: ARG001 - for administrators
    found = [each for each in ALL if each.matches(search)]
    return render(request, "extensions/list.html", found=found, search=search)


@router.get(f"/{AMAZON_S3}")
def amazon_s3(request: Request, visit: Administering) -> Response:
    return _amazon_s3(request, visit)


@router.post(f"/{AMAZON_S3}/{{account}}")
def share(request: Request, visit: Administering, account: str, form: Posted) -> Response:
    """Share an account with everyone, with selected users, or with administrators only."""
    wanted = form.get("who")
    who: sharing.Who = "everyone" if wanted == "everyone" else "chosen" if wanted == "chosen" else "nobody"
    try:
        sharing.share(visit.app, account, who, chosen=frozenset(str(each) for each in form.getlist("users")))
    except RequestWrong as error:
        return _amazon_s3(request, visit, problem=error)
    return go(request, f"/extensions/{AMAZON_S3}#account-{account}", "Sharing is saved.")


def _amazon_s3(request: Request, visit: Visit, *, problem: RequestWrong | None = None) -> Response:
    found = [each for each in sharing.visible(visit.app, visit.user) if each.sharing.owner is None]
    return render(
        request,
        "extensions/amazon_s3.html",
        status=422 if problem else 200,
        found=found,
        people=people.list_people(visit.app),
        problem=problem,
    )
