"""The S3 server as a process of its own, so that its time and memory are nobody's here.

python -m benchmarks.serving moto FOLDER
python -m benchmarks.serving double FOLDER KNOWN

It prints its URL, then does what its standard input asks for, line by line, and ends when that ends.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

BUCKET = "drop"
KEYS = {
    "AWS_ACCESS_KEY_ID": "AKIAOPERATOROFSERVER",
    "AWS_SECRET_ACCESS_KEY": "the-operator-of-the-embedded-server",
}
REGION = "us-east-1"


@dataclass(frozen=True, kw_only=True)
class Server:
    """``kind`` is ``moto`` (the package's embedded server, all in memory) or ``double`` (streams from a folder)."""

    kind: str
    url: str
    _process: subprocess.Popen[str]

    def fill(self, path: Path) -> None:
        """Empty the bucket, then put a file, or the files of a folder, under ``in/``."""
        assert self._process.stdin is not None  # noqa: S101 - opened with pipes
        assert self._process.stdout is not None  # noqa: S101
        self._process.stdin.write(f"{path}\n")
        self._process.stdin.flush()
        if self._process.stdout.readline().strip() != "filled":
            raise RuntimeError("the S3 server of the benchmark has ended")

    @property
    def environment(self) -> dict[str, str]:
        """What makes a process its client."""
        return {
            **KEYS,
            "AWS_ENDPOINT_URL": self.url,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_REGION": REGION,
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_EC2_METADATA_DISABLED": "true",
        }


@contextmanager
def serving(kind: str, folder: Path, *, known: int = 0) -> Iterator[Server]:
    shutil.rmtree(folder, ignore_errors=True)
    (folder / BUCKET).mkdir(parents=True)
    command = [sys.executable, "-m", "benchmarks.serving", kind, str(folder), str(known)]
    root = Path(__file__).parent.parent
    with subprocess.Popen(
        command, cwd=root, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None  # noqa: S101 - opened with pipes
            yield Server(kind=kind, url=process.stdout.readline().strip(), _process=process)
        finally:
            process.kill()


def _moto() -> tuple[str, Callable[[Path], None]]:
    from bucketlift.testing.s3server import S3Server

    server = S3Server()
    server.make_bucket(BUCKET)

    def fill(path: Path) -> None:
        server.empty(BUCKET)
        for each in _files(path):
            server.put(BUCKET, f"in/{each.name}", each.read_bytes())

    return server.url, fill


def _double(folder: Path, known: int) -> tuple[str, Callable[[Path], None]]:
    from benchmarks.double import Double
    from benchmarks.lasting import LastingServer

    bucket = folder / BUCKET

    def fill(path: Path) -> None:
        shutil.rmtree(bucket)
        bucket.mkdir()
        for each in _files(path):
            # A second name for the same file: a deleted object leaves the data where it is.
            os.link(each, bucket / quote(f"in/{each.name}", safe=""))

    return LastingServer(Double(folder, known=known)).url, fill


def _files(path: Path) -> list[Path]:
    return [path] if path.is_file() else sorted(path.iterdir())


def main() -> None:
    kind, folder, known = sys.argv[1:]
    url, fill = _moto() if kind == "moto" else _double(Path(folder), int(known))
    sys.stdout.write(f"{url}\n")
    sys.stdout.flush()
    for line in sys.stdin:
        fill(Path(line.rstrip("\n")))
        sys.stdout.write("filled\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
