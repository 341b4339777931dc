"""The hosted platform's double, and a driver that sends and asks as the engine does."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import pytest

from bucketlift.deliveries.qualtrics import Access, QualtricsDelivery
from bucketlift.deliveries.qualtrics.access import Token
from bucketlift.model.account import EnvSecret, QualtricsDestination
from bucketlift.model.claim import ClaimId
from bucketlift.model.delivery import (
    Answer,
    AnswerState,
    Chunk,
    ChunkState,
    Content,
    DeliveredFile,
    idempotency_key,
)
from bucketlift.model.load import LoadId, Target
from bucketlift.model.rows import RowStream
from hosted_platform.platform import TOKEN, Platform

LOAD = LoadId("load-1")


@dataclass(kw_only=True)
class Driver:
    """Delivers as the engine does, apart from the ledger and its waits."""

    platform: Platform
    access: Access
    settings: QualtricsDestination

    @property
    def delivery(self) -> QualtricsDelivery:
        return QualtricsDelivery(self.settings, self.access)

    def contents(self, target: Target, rows: RowStream) -> list[Content]:
        file = DeliveredFile(
            load=LOAD, claim=ClaimId("c"), load_task="t", key="a.csv", found_on=date(2027, 1, 1)
        )
        return list(self.delivery.contents(target, file, rows, Path()))

    def chunk(self, content: Content, number: int = 1) -> Chunk:
        return Chunk(
            claim=ClaimId("c"),
            load_task="t",
            part=0,
            number=number,
            load=LOAD,
            destination="platform",
            first_line=min(content.lines),
            last_line=max(content.lines),
            rows=content.rows,
            sha256=content.sha256,
            key=idempotency_key(LOAD, number, content.sha256),
            state=ChunkState.SENT,
        )

    def deliver(self, target: Target, rows: RowStream) -> list[Answer]:
        """The final answer to each chunk. An unknown result is not repeated."""
        answers = []
        for number, content in enumerate(self.contents(target, rows), 1):
            chunk = self.chunk(content, number)
            answer = self.delivery.send(target, chunk, content)
            polls = 0
            while answer.state is AnswerState.RUNNING and polls < 5:
                chunk = replace(chunk, job=answer.job)
                answer = self.delivery.ask(target, chunk, content)
                polls += 1
            answers.append(answer)
        return answers


@pytest.fixture
def platform() -> Iterator[Platform]:
    made = Platform()
    yield made
    made.stop()


@pytest.fixture
def driver(platform: Platform) -> Driver:
    settings = QualtricsDestination(
        datacenter="iad1",
        base_url=platform.url,
        token=EnvSecret(env="T"),
        directory="POOL_1",
        timeout=5,
        merges_contacts=True,
    )
    return Driver(platform=platform, access=Token(token=TOKEN), settings=settings)
