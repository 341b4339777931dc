"""What becomes of files that a destination does not confirm."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from unittest.mock import Mock

import pytest

from bucketlift.engine.delivering import files
from bucketlift.engine.delivering.chunks import Sender, Unconfirmed
from bucketlift.engine.delivering.deliver import _matching
from bucketlift.engine.delivering.files import deliver_files
from bucketlift.model.claim import ClaimId
from bucketlift.model.delivery import Chunk, ChunkState
from bucketlift.model.lifecycle import FileState
from bucketlift.model.load import LoadId
from builders import a_claim, a_load, a_source


class Rehearsal:
    """Delivers files; those in ``fails`` are not confirmed."""

    def __init__(self, fails: Collection[str]) -> None:
        self.fails = fails
        self.tried = list[str]()
        self.held = list[str]()
        self.trusted = list[str]()
        self.context = Mock()
        self.context.ledger.claims.record = lambda _, held, **__: self.held.extend(
            each.claim for each in held
        )
        self.context.ledger.claims.trust = lambda _, claims: self.trusted.extend(claims)
        self.context.services.take_slot.return_value.__enter__ = Mock()
        self.context.services.take_slot.return_value.__exit__ = Mock(return_value=False)

    def deliver(self, _context, _task, _delivery, claim) -> None:
        self.tried.append(claim.id)
        if claim.id in self.fails:
            chunk = Mock(destination="hook", claim=claim.id, number=1, first_line=2, last_line=2, what=None)
            raise Unconfirmed(chunk, "The destination does not confirm chunk 1", "", working=False)


@pytest.fixture
def rehearse(monkeypatch):
    def rehearsed(names: Sequence[str], fails: Collection[str]) -> tuple[Rehearsal, bool]:
        """The rehearsal, and whether the load task failed."""
        found = Rehearsal(fails)
        monkeypatch.setattr(files, "_deliver", found.deliver)
        monkeypatch.setattr(files, "begin", lambda _, claims, **__: {each.id: each for each in claims})
        monkeypatch.setattr(files, "still_staged", lambda *_: True)
        monkeypatch.setattr(Sender, "in_doubt", lambda *_: Mock(what="In doubt", hint=""))
        claims = [a_claim(a_source(f"in/{name}"), id=name, state=FileState.STAGED) for name in names]
        try:
            deliver_files(found.context, a_load(), Mock(), claims)
        except Unconfirmed:
            return found, True
        return found, False

    return rehearsed


def test_no_file_is_held_or_repeated_if_the_destination_became_unavailable(rehearse):
    found, failed = rehearse("123456", fails="1356")

    assert (found.tried, found.held, failed) == (list("123456"), [], True)


def test_a_file_that_is_not_confirmed_a_second_time_is_held_if_the_destination_works(rehearse):
    found, failed = rehearse("1234", fails="13")

    assert (found.tried, found.held, failed) == (list("123413"), ["1", "3"], False)


def test_a_file_that_is_not_confirmed_is_not_blamed_for_the_death_of_a_worker_with_a_later_file(rehearse):
    found, _ = rehearse("12", fails="1")

    assert found.trusted == ["1", "1"]


def a_chunk(content: str, token: str) -> Chunk:
    return Chunk(
        claim=ClaimId("a"),
        load_task="people",
        part=0,
        number=1,
        load=LoadId("load"),
        destination="hook",
        first_line=2,
        last_line=2,
        rows=1,
        sha256=content,
        key="key",
        state=ChunkState.PLANNED,
        token=token,
    )


@pytest.mark.parametrize(("content", "token"), [("same", "former"), ("other", "new")])
def test_a_chunk_with_another_content_is_not_confirmed_by_an_object_with_the_former_content(content, token):
    chunk = _matching(a_chunk("same", "former"), a_chunk(content, "new"), a_load(), Mock())

    assert (chunk.sha256, chunk.token) == (content, token)
