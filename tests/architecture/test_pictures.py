"""The pictures of the page are there, small, and in the manual that is made of them."""

from pages.screens import FOLDER, SCREENS, WIDTHS, manual

LARGEST = 100_000
LARGEST_IN_ALL = 4_000_000


def test_every_page_of_the_manual_has_its_pictures_and_no_others_are_kept():
    wanted = {f"{each.name}-{width}.png" for each in SCREENS for width in WIDTHS}

    assert {path.name for path in FOLDER.glob("*.png")} == wanted
    assert (FOLDER / "README.md").read_text(encoding="utf-8") == manual()


def test_pictures_are_small():
    sizes = {path.name: path.stat().st_size for path in FOLDER.glob("*.png")}

    assert [name for name, size in sizes.items() if size > LARGEST] == []
    assert sum(sizes.values()) < LARGEST_IN_ALL
