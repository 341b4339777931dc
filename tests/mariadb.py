"""The real MariaDB writing files: its server runs the statements it is given and ends, without a port or a socket."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

SERVER = shutil.which("mariadbd") or shutil.which("mariadbd", path="/usr/sbin:/usr/local/sbin")
ABSENT = SERVER is None


def outfile(folder: Path, rows: Sequence[Sequence[str | None]], options: str = "") -> bytes:
    """What ``SELECT ... INTO OUTFILE`` with these options writes of these rows."""
    data, made = folder / "mariadb", folder / "outfile"
    data.mkdir()
    columns = [f"c{number}" for number in range(len(rows[0]))]
    values = ", ".join(
        f"({', '.join([str(number), *map(_literal, row)])})" for number, row in enumerate(rows)
    )
    statements = [
        "CREATE DATABASE d CHARACTER SET utf8mb4",
        "USE d",
        f"CREATE TABLE t (n int, {', '.join(f'{name} text' for name in columns)})",
        f"INSERT INTO t VALUES {values}",  # noqa: S608 - of a test
        f"SELECT {', '.join(columns)} INTO OUTFILE '{made}' CHARACTER SET utf8mb4 {options} FROM t ORDER BY n",  # noqa: S608
    ]
    settings = ["--no-defaults", "--bootstrap", f"--datadir={data}", "--user=root", "--secure-file-priv="]
    storage = ["--skip-innodb", "--default-storage-engine=Aria"]
    subprocess.run(
        [str(SERVER), *settings, *storage],
        input="".join(f"{statement};\n" for statement in statements).encode(),
        capture_output=True,
        timeout=120,
        check=True,
    )
    return made.read_bytes()


def _literal(text: str | None) -> str:
    if text is None:
        return "NULL"
    return f"_utf8mb4 0x{text.encode().hex()}" if text else "''"
