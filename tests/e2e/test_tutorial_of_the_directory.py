"""The tutorial of the directory, run command by command: its page shows exactly these answers."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from e2e.world import World

PAGE = Path(__file__).parents[2] / "docs" / "tutorial-directory.md"
ROLE = "arn:aws:iam::111122223333:role/bucketlift"
BUCKET = "hr-drop"
NORMAL = (
    (r"\b[0-9a-f]{16}\b", "FILE"),
    (r"\b\d{8}T\d{6}-[0-9a-f]{8}\b", "RUN"),
    (r"\b\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ", "TIME"),
)

pytestmark = pytest.mark.slow


@dataclass(kw_only=True)
class Reader:
    """Follows the page: saves its files, uploads them, and enters its commands."""

    world: World

    def save(self, text: str) -> None:
        for name, content in re.findall(r"`([\w.-]+)`:\n\n```\w+\n(.*?)```", text, re.DOTALL):
            arn = f"arn:aws:iam::{self.world.server.account}:role/bucketlift"
            (self.world.root / name).write_text(content.replace(ROLE, arn))

    def play(self, block: str) -> str:
        """The block with the answers that its commands really give."""
        lines = [line for line in block.splitlines() if line.startswith("$ ")]
        return "".join(f"{line}\n{self._answer(shlex.split(line)[1:])}" for line in lines)

    def _answer(self, words: list[str]) -> str:
        if words[:3] == ["aws", "s3", "cp"]:
            key = words[4].removeprefix(f"s3://{BUCKET}/")
            self.world.put(key, (self.world.root / words[3]).read_bytes(), bucket=BUCKET)
            return ""
        if "FILE" in words:
            newest = self.world.puts[-1].key
            (file,) = [each["id"] for each in self.world.files() if each["key"] == newest]
            words[words.index("FILE")] = file
        answered = self.world.command(*words[1:])
        if words[1] == "apply":
            self.world.grant()
        text = f"{answered.out}{answered.err}"
        for pattern, word in NORMAL:
            text = re.sub(pattern, word, text)
        return "".join(f"{line.rstrip()}\n" for line in text.splitlines())


def played(reader: Reader, page: str) -> Iterator[str]:
    """The page with the answers of the commands in their blocks."""
    reader.save(page)
    for at, part in enumerate(re.split(r"(?m)^```\n(?=\$ )(.*?)^```\n", page, flags=re.DOTALL)):
        yield part if at % 2 == 0 else f"```\n{reader.play(part)}```\n"


def test_the_page_shows_what_its_commands_answer(world):
    world.server.make_bucket(BUCKET)
    page = PAGE.read_text("utf-8")

    assert "".join(played(Reader(world=world), page)) == page
    assert world.keys(BUCKET) == []
