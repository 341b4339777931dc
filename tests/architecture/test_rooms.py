"""The size of the rooms: a folder that a person can take in at one look."""

from __future__ import annotations

from pathlib import Path

PRODUCT = Path(__file__).parents[2] / "src" / "bucketlift"
MOST = 26


def test_no_folder_has_more_than_26_modules():
    folders = [PRODUCT, *(path for path in PRODUCT.rglob("*") if path.is_dir())]

    modules = {str(folder.relative_to(PRODUCT)): len(list(folder.glob("*.py"))) for folder in folders}

    assert {folder: count for folder, count in modules.items() if count > MOST} == {}
