"""The hosted platform as a destination: chunks are imported by its API, and its jobs are asked for their results."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

from bucketlift import certificates
from bucketlift.deliveries.cell_values import CellValues
from bucketlift.deliveries.qualtrics.access import Access
from bucketlift.deliveries.qualtrics.api import Api, Unclear
from bucketlift.deliveries.qualtrics.contacts import Contacts
from bucketlift.deliveries.qualtrics.employees import Employees
from bucketlift.deliveries.qualtrics.examining import examine
from bucketlift.deliveries.qualtrics.kinds import Kind, unknown
from bucketlift.deliveries.qualtrics.records import Records
from bucketlift.deliveries.qualtrics.responses import Responses
from bucketlift.deliveries.qualtrics.rows import body_of
from bucketlift.deliveries.requests import Caller, Lost
from bucketlift.errors import OurFault
from bucketlift.model.account import QualtricsDestination
from bucketlift.model.delivery import Answer, Chunk, Content, DeliveredFile, Promise
from bucketlift.model.directory.data_targets import RecordsTarget, ResponsesTarget
from bucketlift.model.directory.targets import ContactsTarget, EmployeesTarget
from bucketlift.model.finding import Finding
from bucketlift.model.load import Target
from bucketlift.model.rows import RowStream
from bucketlift.rules.delivery.promises import promise_of

ANSWER_BYTES = 16 << 20
"""Maximum number of bytes of an answer that are read."""


class QualtricsDelivery:
    """Imports into one brand of the platform. See docs/how-to/platform.md for what was never tried against it."""

    def __init__(self, settings: QualtricsDestination, access: Access) -> None:
        self._settings = settings
        caller = Caller(
            base=settings.address,
            shown=settings.address,
            name="the platform",
            hint="Check the data center, and that this machine can reach it. The next run tries again.",
            answer_bytes=ANSWER_BYTES,
            timeout=float(settings.timeout),
            trusted=certificates.context(),
        )
        self._api = Api(caller=caller, access=access)
        self._contacts = Contacts(api=self._api, directory=settings.directory or "")

    def promise(self, target: Target) -> Promise:
        return promise_of(self._settings, target)

    def contents(
        self, target: Target, file: DeliveredFile, rows: RowStream, folder: Path
    ) -> Iterator[Content]:
        del file, folder  # the rows and the target alone decide what is sent
        receiver = f"{self._api.base}\n{self._settings.directory}\n{_receiver(target)}"
        for content in self._kind(target, self._api).contents(target, rows):
            yield replace(content, sha256=sha256(f"{receiver}\n{content.sha256}".encode()).hexdigest())

    def send(self, target: Target, chunk: Chunk, content: Content) -> Answer:
        try:
            return self._kind(target, self._about(content)).send(target, chunk, content)
        except (Lost, Unclear) as error:
            return unknown(str(error))

    def ask(self, target: Target, chunk: Chunk, content: Content) -> Answer:
        return self._kind(target, self._about(content)).ask(target, chunk, content)

    def where_to_look(self, chunk: Chunk) -> str:
        job = f"the import {chunk.job.rpartition('/')[2]}" if chunk.job else "an import by the API"
        sent = f" of {chunk.sent_at:%Y-%m-%d %H:%M} UTC" if chunk.sent_at else ""
        return f"Look in the platform ({self._api.base}) for {job}{sent} with {chunk.rows:,} rows."

    def columns(self) -> Mapping[str, tuple[str, ...]]:
        return {}

    def examine(self) -> tuple[Finding, ...]:
        return examine(self._api, self._settings.directory)

    def _about(self, content: Content) -> Api:
        """The API for calls about a chunk, whose values its messages do not show."""
        return replace(self._api, cells=CellValues(body_of(content)))

    def _kind(self, target: Target, api: Api) -> Kind[Any]:
        match target:
            case ContactsTarget():
                return replace(self._contacts, api=api)
            case EmployeesTarget():
                return Employees(api=api)
            case ResponsesTarget():
                return Responses(api=api)
            case RecordsTarget():
                return Records(api=api)
        raise OurFault("The platform was given a table to load", to=target.table)


def _receiver(target: Target) -> str:
    """The part of the platform that gets the rows. If it changes, the chunks of a file are other chunks."""
    match target:
        case ContactsTarget():
            return f"list {target.list}"
        case EmployeesTarget():
            return f"employees of {target.directory} {target.project}"
        case ResponsesTarget():
            return f"survey {target.survey}"
        case RecordsTarget():
            return f"project {target.project}"
        case _:
            return target.table
