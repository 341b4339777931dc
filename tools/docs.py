"""Writes the pages of docs/ that are made from the code, or checks that they are up to date.

python -m tools.docs            writes them
python -m tools.docs --check    names those that differ, and ends with 1
"""

from __future__ import annotations

import sys
from pathlib import Path

from tools.pages import answers, codes, commands, decisions, reasons, settings, states, workflow_file

DOCS = Path(__file__).parent.parent / "docs"


def pages() -> dict[str, str]:
    """Every page by its path below docs/."""
    return {
        "decisions/README.md": decisions.page(DOCS / "decisions"),
        "states.md": states.page(),
        "reference/answers.md": answers.page(),
        "reference/commands.md": commands.page(),
        "reference/exit-codes.md": codes.page(),
        "reference/reasons.md": reasons.page(),
        "reference/settings.md": settings.page(),
        "reference/workflow-file.md": workflow_file.page(),
    }


def stale() -> list[str]:
    """The pages that are not as the code says."""
    return [name for name, text in pages().items() if not _is(DOCS / name, text)]


def _is(path: Path, text: str) -> bool:
    return path.exists() and path.read_text(encoding="utf-8") == text


def write() -> None:
    for name, text in pages().items():
        (DOCS / name).parent.mkdir(parents=True, exist_ok=True)
        (DOCS / name).write_text(text, encoding="utf-8")


def main() -> int:
    if "--check" not in sys.argv[1:]:
        write()
        return 0
    found = stale()
    for name in found:
        sys.stderr.write(f"docs/{name} is not as the code says: run `make docs`\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
