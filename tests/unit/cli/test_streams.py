"""Standard streams end no command, whatever becomes of what is written."""

from __future__ import annotations

import io
import os
import threading
from pathlib import Path

import pytest

from bucketlift.cli import output
from bucketlift.cli.streams import Sink, sink_of


def stream(descriptor: int, encoding: str = "utf-8") -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BufferedWriter(Sink(descriptor)), encoding=encoding, errors="backslashreplace")


def full() -> int:
    return os.open("/dev/full", os.O_WRONLY)


def without_reader() -> int:
    reader, writer = os.pipe()
    os.close(reader)
    return writer


def read_only() -> int:
    return os.open(os.devnull, os.O_RDONLY)


@pytest.mark.parametrize(
    ("opened", "is_unread"),
    [(full, False), (without_reader, True), (read_only, True)],
    ids=["full", "no reader", "read only"],
)
def test_what_cannot_be_written_raises_nothing_and_is_remembered(opened, is_unread):
    descriptor = opened()
    writer = stream(descriptor)

    for _ in range(3):
        writer.write("some words\n" * 10_000)
        writer.flush()

    sink = sink_of(writer)
    assert sink is not None
    assert (sink.failure is not None, sink.is_unread) == (True, is_unread)
    os.close(descriptor)


def test_a_pipe_that_does_not_block_is_waited_for():
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    written = "x" * 1_000_000
    found: list[bytes] = []

    def read() -> None:
        while part := os.read(reader, 1 << 16):
            found.append(part)

    thread = threading.Thread(target=read)
    thread.start()
    pipe = stream(writer)
    pipe.write(written)
    pipe.flush()
    os.close(writer)
    thread.join()
    os.close(reader)

    assert b"".join(found).decode() == written


@pytest.mark.parametrize(
    ("encoding", "text", "json", "file"),
    [
        ("utf-8", "é 従業員\n".encode(), '"é 従業員"\n'.encode(), "é 従業員".encode()),
        (
            "latin-1",
            b"\xe9 \\u5f93\\u696d\\u54e1\n",
            b'"\\u00e9 \\u5f93\\u696d\\u54e1"\n',
            "é 従業員".encode(),
        ),
        (
            "ascii",
            b"\\xe9 \\u5f93\\u696d\\u54e1\n",
            b'"\\u00e9 \\u5f93\\u696d\\u54e1"\n',
            "é 従業員".encode(),
        ),
    ],
)
def test_characters_that_a_terminal_lacks_are_escaped_and_files_stay_what_they_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, encoding: str, text: bytes, json: bytes, file: bytes
):
    written = []
    for write in (
        lambda: output.text("é 従業員"),
        lambda: output.document("é 従業員"),
        lambda: output.file(["é ", "従業員"]),
    ):
        with (tmp_path / "out").open("w+b") as out:
            monkeypatch.setattr("sys.stdout", stream(out.fileno(), encoding))
            write()
            output.flush()
        written.append((tmp_path / "out").read_bytes())
        monkeypatch.undo()

    assert written == [text, json, file]
