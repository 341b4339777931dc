"""The peers that can be installed, each in a virtual environment of its own."""

from __future__ import annotations

import json
import platform
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

PROGRAMS = Path(__file__).parent / "programs"
TIMEOUT = 1_800
"""Seconds that an installation may take."""


class NotInstallable(Exception):
    """The message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """``told`` are the packages whose versions the report names."""

    name: str
    requirements: tuple[str, ...]
    told: tuple[str, ...]


_SLING = f"sling-{'linux' if sys.platform == 'linux' else 'mac'}-{'arm64' if platform.machine() in ('arm64', 'aarch64') else 'amd64'}"

PEERS = {
    peer.name: peer
    for peer in (
        Peer(
            name="dlt",
            requirements=("dlt[duckdb,postgres,filesystem,s3,parquet]==1.31.0",),
            told=("dlt", "duckdb", "pyarrow"),
        ),
        # The package `sling` fetches a binary at its first start; these carry it.
        Peer(name="sling", requirements=(f"{_SLING}==1.4.11",), told=(_SLING,)),
        Peer(name="ingestr", requirements=("ingestr==0.15.9",), told=("ingestr",)),
        Peer(
            name="pandas",
            requirements=("pandas==3.*", "pyarrow", "s3fs", "sqlalchemy==2.*", "psycopg[binary]==3.*"),
            told=("pandas", "pyarrow", "sqlalchemy"),
        ),
        Peer(
            name="polars",
            requirements=("polars==2.*", "pyarrow", "duckdb", "adbc-driver-sqlite", "adbc-driver-manager"),
            told=("polars", "adbc-driver-sqlite", "duckdb"),
        ),
    )
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """Where a peer is installed."""

    folder: Path
    version: str

    @property
    def python(self) -> Path:
        return self.folder / "bin" / "python"

    def find(self, pattern: str) -> Path:
        """A program that a wheel brought along."""
        found = sorted(path for path in self.folder.rglob(pattern) if path.is_file())
        if not found:
            raise NotInstallable(f"its wheel carries no {pattern}")
        return found[0]


def environment_of(peer: Peer, cache: Path) -> Environment:
    """Install once per cache and list of requirements.

    Raises:
        NotInstallable: pip could not.
    """
    folder = cache / "peers" / peer.name
    note = folder / "installed.json"
    wanted = list(peer.requirements)
    if not note.exists() or json.loads(note.read_text())["requirements"] != wanted:
        _install(folder, wanted)
        note.write_text(json.dumps({"requirements": wanted, "versions": _versions(folder)}))
    versions = json.loads(note.read_text())["versions"]
    return Environment(folder=folder, version=", ".join(f"{each} {versions[each]}" for each in peer.told))


def _install(folder: Path, requirements: list[str]) -> None:
    python = folder / "bin" / "python"
    sys.stderr.write(f"installing {', '.join(requirements)}\n")
    # pip compiles bytecode, as it does for anybody.
    for command in (
        [sys.executable, "-m", "venv", "--clear", str(folder)],
        [str(python), "-m", "pip", "install", "--quiet", *requirements],
    ):
        try:
            subprocess.run(command, check=True, capture_output=True, text=True, timeout=TIMEOUT)
        except subprocess.TimeoutExpired:
            raise NotInstallable(f"not installed within {TIMEOUT} s") from None
        except subprocess.CalledProcessError as error:
            raise NotInstallable(error.stderr.strip().splitlines()[-1]) from None


def _versions(folder: Path) -> dict[str, str]:
    command: list[str | Path] = [folder / "bin" / "python", "-m", "pip", "list", "--format", "json"]
    listed = subprocess.run(command, check=True, capture_output=True, text=True, timeout=TIMEOUT).stdout
    return {each["name"].lower().replace("_", "-"): each["version"] for each in json.loads(listed)}
