"""Imports of contacts with transactions into mailing lists of a directory."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from hosted_platform.jobs import Jobs
from hosted_platform.wire import Refused, Reply, Request

_KEYS = {
    "firstName",
    "lastName",
    "email",
    "extRef",
    "language",
    "unsubscribed",
    "embeddedData",
    "transactionData",
}
MAX_BYTES, MAX_CONTACTS, AT_ONCE, QUEUED, PAGE = 5_000_000, 10_000, 25, 100, 2


@dataclass(kw_only=True)
class ContactImports:
    directory: str = "POOL_1"
    lists: dict[str, str] = field(
        default_factory=lambda: {"CG_1": "All staff", "CG_2": "Other", "CG_3": "Third"}
    )
    """Names by ID."""
    merges: bool = True
    """Whether a contact with a known reference is updated."""
    refuse: Callable[[dict[str, Any]], str | None] = lambda row: None  # noqa: ARG005 - the shape of such rules
    contacts: list[dict[str, Any]] = field(default_factory=list)
    transactions: list[dict[str, str]] = field(default_factory=list)
    imports: list[int] = field(default_factory=list)
    """The number of contacts of each import that took effect."""
    names_refused: bool = True
    """Whether the status and the report name the contacts that were not taken."""
    jobs: Jobs = field(default_factory=Jobs)
    _reports: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def answer(self, request: Request) -> Reply:
        match request.method, request.parts:
            case "GET", (_, pool, "mailinglists"):
                self._require_pool(pool)
                rows = [{"mailingListId": key, "name": name} for key, name in self.lists.items()]
                return Reply(result=_page(request, rows, "offset"))
            case "POST", (_, pool, "mailinglists", cg, "transactioncontacts"):
                self._require_list(pool, cg)
                return Reply(status=202, result={"id": self._import(request), "status": "inProgress"})
            case "GET", (_, pool, "mailinglists", cg, "transactioncontacts", job):
                self._require_list(pool, cg)
                return Reply(result=self.jobs.status(job))
            case "GET", (_, pool, "imports", "api-import", "jobs", job, "report"):
                self._require_pool(pool)
                return Reply(result=_page(request, self._reports[job], "skipToken"))
        raise Refused(404, "NF_0", "no such path")

    def _require_pool(self, pool: str) -> None:
        if pool != self.directory:
            raise Refused(404, "DIR_1", "no such directory")

    def _require_list(self, pool: str, cg: str) -> None:
        self._require_pool(pool)
        if cg not in self.lists:
            raise Refused(404, "ML_1", "no such mailing list")

    def _import(self, request: Request) -> str:
        if self.jobs.running >= AT_ONCE + QUEUED:
            raise Refused(429, "RL_1", "too many jobs", {"Retry-After": "0"})
        document = request.json()
        contacts, fields = self._checked(request, document)
        refused = {at: message for at, row in enumerate(contacts) if (message := self.refuse(row))}
        added = updated = 0
        for at, row in enumerate(contacts):
            if at not in refused:
                new = self._store(row, set(fields))
                added, updated = added + new, updated + (not new)
        self.imports.append(len(contacts) - len(refused))
        count = {"added": added, "updated": updated, "failed": len(refused)}
        named = list(refused) if self.names_refused else []
        job = self.jobs.start("import", {"contacts": {"count": count, "unprocessed": named}})
        self._reports[job] = [
            {
                "sourceIndexId": at,
                "importStatus": "failed" if at in refused else "success",
                "code": refused.get(at, ""),
            }
            for at in range(len(contacts))
            if self.names_refused or at not in refused
        ]
        return job

    def _checked(self, request: Request, document: Any) -> tuple[list[dict[str, Any]], list[str]]:
        if len(request.body) > MAX_BYTES:
            raise Refused(413, "SIZE", "the request is too large")
        if not isinstance(document, dict) or document.keys() - {"transactionMeta", "contacts"}:
            raise Refused(400, "KEYS", "an unknown key")
        contacts = document.get("contacts")
        if not isinstance(contacts, list) or not 0 < len(contacts) <= MAX_CONTACTS:
            raise Refused(400, "COUNT", "between 1 and 10,000 contacts")
        fields = (document.get("transactionMeta") or {}).get("fields", [])
        for row in contacts:
            _check(row, set(fields))
        return contacts, fields

    def _store(self, row: dict[str, Any], fields: set[str]) -> bool:
        if "transactionData" in row and fields:
            self.transactions.append(row["transactionData"])
        contact = {key: value for key, value in row.items() if key != "transactionData"}
        known = next(
            (
                each
                for each in self.contacts
                if self.merges and "extRef" in row and each.get("extRef") == row["extRef"]
            ),
            None,
        )
        if known is None:
            self.contacts.append(contact)
            return True
        known |= contact
        return False


def _check(row: dict[str, Any], fields: set[str]) -> None:
    if row.keys() - _KEYS:
        raise Refused(400, "KEYS", "a contact has an unknown key")
    embedded, transaction = row.get("embeddedData", {}), row.get("transactionData", {})
    if None in (*row.values(), *embedded.values(), *transaction.values()):
        raise Refused(400, "NULL", "null is not allowed")
    if not isinstance(row.get("unsubscribed", False), bool):
        raise Refused(400, "TYPE", "unsubscribed is true or false")
    if transaction.keys() - fields or embedded.keys() & fields:
        raise Refused(400, "FIELDS", "transaction data does not match fields")
    texts = [
        *embedded.values(),
        *transaction.values(),
        *(row[key] for key in row.keys() - {"unsubscribed", "embeddedData", "transactionData"}),
    ]
    if not all(isinstance(each, str) for each in texts):
        raise Refused(400, "TYPE", "a value is not text")
    if any(len(each) > 200 for each in embedded) or any(len(each) > 1024 for each in embedded.values()):
        raise Refused(400, "LENGTH", "embedded data is too long")


def _page(request: Request, rows: list[dict[str, Any]], word: str) -> dict[str, Any]:
    start = int(request.query.get(word) or 0)
    more = start + PAGE < len(rows)
    following = f"https://elsewhere.invalid/API?{word}={start + PAGE}" if more else None
    return {"elements": rows[start : start + PAGE], "nextPage": following}
