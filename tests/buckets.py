"""The page of an installation whose buckets are on the embedded S3 server."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bucketlift.model.account import AwsRole
from bucketlift.model.sharing import AccountDraft
from bucketlift.model.user import Role
from bucketlift.service.accounts import connecting
from bucketlift.service.editor import drafts
from bucketlift.testing.s3server import S3Server
from visitors import Page, opened

EVERYTHING = ({"Effect": "Allow", "Action": "s3:*", "Resource": "*"},)


@dataclass(frozen=True, kw_only=True)
class Scene:
    page: Page
    server: S3Server

    def arn(self, role: str) -> str:
        return f"arn:aws:iam::{self.server.account}:role/{role}"

    def connected(
        self,
        title: str = "HR drop",
        *,
        role: str = "bucketlift",
        by: Role = Role.EDITOR,
        for_others: bool = False,
        granted: Sequence[Mapping[str, Any]] = EVERYTHING,
    ) -> str:
        """The name of an account of this person's, without the tries; its role may do what is granted."""
        app = self.page.app
        begun = connecting.begin(app, self.page.person(by), for_others=for_others)
        arn = self.server.make_role(role, begun.external_id, granted)
        told = app.ledger.sharings.save_draft(begun, AccountDraft(title=title, role_arn=arn))
        return app.ledger.sharings.connect(
            told, AwsRole(role_arn=arn, region=told.draft.region), now=app.now()
        )

    def workflow(self) -> str:
        return drafts.create(self.page.app, "schedule")

    def tasks(self, workflow: str) -> list[dict[str, Any]]:
        """As the draft says them."""
        found: list[dict[str, Any]] = drafts.get(self.page.app, workflow).document["tasks"]
        return found


@contextmanager
def scene_at(home: Path, server: S3Server) -> Iterator[Scene]:
    for bucket in server.buckets():
        server.empty(bucket)
    with opened(home, allowed_endpoints=f"{server.url},http://127.0.0.1:9") as page:
        yield Scene(page=page, server=server)
