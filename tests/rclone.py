"""A second store for tests: rclone serves a folder as S3, and knows no preconditions."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ACCESS_KEY = "AKIAOFTHEWEAKSTORE00"
SECRET_KEY = "the-secret-of-the-weak-store"


@dataclass(frozen=True)
class Rclone:
    """Buckets are folders of ``root``, objects their files. It looks at a folder once: put before it is asked."""

    url: str
    root: Path

    def put(self, bucket: str, key: str, body: bytes) -> None:
        path = self.root / bucket / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)

    def objects(self, bucket: str) -> dict[str, bytes]:
        folder = self.root / bucket
        files = sorted(path for path in folder.rglob("*") if path.is_file())
        return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


@contextmanager
def serving(root: Path) -> Iterator[Rclone]:
    program = str(Path(sys.executable).with_name("rclone"))
    command = [program, "serve", "s3", str(root), "--addr", "127.0.0.1:0"]
    options = ["--auth-key", f"{ACCESS_KEY},{SECRET_KEY}", "--config", ""]
    with subprocess.Popen([*command, *options], stderr=subprocess.PIPE, text=True) as server:
        try:
            yield Rclone(url=_address(server), root=root)
        finally:
            server.kill()


def _address(server: subprocess.Popen[str]) -> str:
    assert server.stderr is not None
    for line in server.stderr:
        found = re.search(r"Starting s3 server on \[(http://[0-9.:]+)/\]", line)
        if found is not None:
            return found[1]
    raise AssertionError("rclone did not start")
