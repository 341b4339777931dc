"""A PGP key of the benchmark's own, data encrypted for it, and gpg alone as a contender."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from dataclasses import replace
from functools import cache
from pathlib import Path

from benchmarks.contender import Contender, Prepared
from benchmarks.employees import Data
from benchmarks.lifting import COMMAND, Lift, bucketlift
from benchmarks.peers import NotInstallable
from benchmarks.scene import Scene

OWNER = "bench@example.com"


def lifted(scene: Scene, data: Data, name: str) -> Contender:
    """The encrypted file by a workflow with `pgp:`; the key is imported before the clock starts."""

    def ready(folder: Path) -> Prepared:
        home = _home()
        encrypted = _encrypted(scene, data, home)

        def bring(place: Path, environment: dict[str, str]) -> None:
            key = place / "key.asc"
            key.write_bytes(_gpg(home, "--armor", "--export-secret-keys", OWNER))
            scene.prepare([COMMAND, "keys", "import", "bench", key], place, environment)

        lift = Lift(data=encrypted, extract={"pgp": {"keys": ["bench"]}}, before=bring)
        return bucketlift(scene, lift).prepare(folder)

    return replace(bucketlift(scene, Lift(data=data), name), prepare=ready)


def gpg_alone(scene: Scene, data: Data) -> Contender:
    def ready(folder: Path) -> Prepared:
        home = _home()
        encrypted = _encrypted(scene, data, home).path
        command = [*_command(home), "--output", folder / "plain.csv", "--decrypt", encrypted]
        return Prepared(command=command, environment=scene.environment)

    return Contender(name="gpg alone, local file", prepare=ready, version=_version)


@cache
def _home() -> Path:
    """A short path: the agent's socket is in it.

    Raises:
        NotInstallable: there is no gpg.
    """
    if shutil.which("gpg") is None:
        raise NotInstallable("gpg is not installed")
    home = Path(tempfile.mkdtemp(prefix="blbench-"))
    _gpg(home, "--passphrase", "", "--quick-generate-key", OWNER, "default", "default", "never")
    return home


def forget() -> None:
    """End the agent and remove the key."""
    if _home.cache_info().currsize:
        subprocess.run(["gpgconf", "--homedir", _home(), "--kill", "all"], check=False, capture_output=True)
        shutil.rmtree(_home(), ignore_errors=True)


def _encrypted(scene: Scene, data: Data, home: Path) -> Data:
    """As gpg does by itself: compressed inside. Made anew for each key."""
    path = scene.cache / "encrypted" / home.name / f"{data.path.parent.name}.csv"
    if not path.exists():
        shutil.rmtree(path.parent.parent, ignore_errors=True)
        path.parent.mkdir(parents=True)
        _gpg(home, "--trust-model", "always", "--recipient", OWNER, "--output", path, "--encrypt", data.path)
    return replace(data, path=path)


def _command(home: Path) -> list[str | Path]:
    return ["gpg", "--homedir", home, "--batch", "--quiet", "--yes", "--pinentry-mode", "loopback"]


def _gpg(home: Path, *arguments: str | Path) -> bytes:
    return subprocess.run([*_command(home), *arguments], check=True, capture_output=True).stdout


def _version() -> str:
    return subprocess.run(
        ["gpg", "--version"], check=True, capture_output=True, text=True
    ).stdout.splitlines()[0]
