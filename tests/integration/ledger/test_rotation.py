"""Keys change while others read and seal, and no reader ever fails."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from bucketlift.ledger.db.database import Database
from bucketlift.ledger.db.sqlite import open_file
from bucketlift.ledger.secrets.secrets import Secrets
from bucketlift.model.account import VaultSecret
from bucketlift.vault import Vault
from bucketlift.vault.key_file import KeyFile
from builders import NOON

pytestmark = pytest.mark.slow

READERS = 3
ROTATIONS = 12

READS = """
import sys
from pathlib import Path
from bucketlift.ledger.secrets.secrets import Secrets
from bucketlift.ledger.db.sqlite import open_file
from bucketlift.model.account import VaultSecret
from bucketlift.vault import Vault

vault = Vault(Secrets(open_file(Path(sys.argv[1]))), Path(sys.argv[2]))
print("reading", flush=True)
reads = 0
while not Path(sys.argv[3]).exists():
    vault.check_key()
    assert vault.reveal(VaultSecret(secret="lab")) == "canary"
    reads += 1
print(reads)
"""


@contextmanager
def over_and_over(*doing: Callable[[], object]) -> Iterator[list[Future[int]]]:
    """Each in a thread of its own, until the block ends and each has been done at least once."""
    stop = threading.Event()

    def repeat(do: Callable[[], object]) -> int:
        times = 0
        while not (stop.is_set() and times):
            do()
            times += 1
        return times

    with ThreadPoolExecutor(len(doing)) as pool:
        running = [pool.submit(repeat, do) for do in doing]
        yield running
        stop.set()


def test_no_reader_fails_while_keys_are_rotated(database: Database, tmp_path: Path):
    vault = Vault(Secrets(database), tmp_path / "key")
    vault.put("lab", "canary", now=NOON)

    def read() -> None:
        vault.check_key()
        assert vault.reveal(VaultSecret(secret="lab")) == "canary"

    def seal() -> None:
        vault.put("other", "sealed meanwhile", now=NOON)
        assert vault.reveal(VaultSecret(secret="other")) == "sealed meanwhile"

    with over_and_over(*[read] * READERS, seal) as running:
        seen = set()
        for _ in range(ROTATIONS):
            vault.rotate(now=NOON)
            seen.add(KeyFile(tmp_path / "key").keys())

    assert (len(seen), {len(keys) for keys in seen}) == (ROTATIONS, {1})
    assert all(each.result() > 0 for each in running)


def test_rotations_at_once_lose_no_key(database: Database, tmp_path: Path):
    vault = Vault(Secrets(database), tmp_path / "key")
    vault.put("lab", "canary", now=NOON)

    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(lambda _: vault.rotate(now=NOON), range(12)))

    assert len(done) == 12
    assert vault.reveal(VaultSecret(secret="lab")) == "canary"
    assert len(KeyFile(tmp_path / "key").keys()) == 1


def test_no_other_process_fails_while_keys_are_rotated(tmp_path: Path):
    ledger, key, stop = tmp_path / "ledger.sqlite", tmp_path / "key", tmp_path / "stop"
    database = open_file(ledger)
    vault = Vault(Secrets(database), key)
    vault.put("lab", "canary", now=NOON)
    readers = [
        subprocess.Popen(
            [sys.executable, "-c", READS, str(ledger), str(key), str(stop)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    for each in readers:
        assert each.stdout is not None
        assert each.stdout.readline() == "reading\n"

    for _ in range(ROTATIONS):
        vault.rotate(now=NOON)
    stop.touch()

    ended = [(each.communicate(timeout=120), each.returncode) for each in readers]
    assert [(errors, code) for (_, errors), code in ended] == [("", 0), ("", 0)]
    assert all(int(reads) > 0 for (reads, _), _ in ended)
    database.close()
