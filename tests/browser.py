"""A real browser for tests of the page: Debian's Chromium, driven by Playwright."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, BrowserContext, expect, sync_playwright

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
ABSENT = CHROMIUM is None
WHY = "There is no Chromium on this machine; `make test` installs it on Debian as root."
TIMEOUT = 120_000
"""Milliseconds until what should come is missed: very many, for a busy machine. A quiet one waits for none of them."""
expect.set_options(timeout=TIMEOUT)
QUIET = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@contextmanager
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def window(
    browser: Browser, address: str, *, width: int = 1400, scheme: str = "light", bypass_csp: bool = False
) -> Iterator[BrowserContext]:
    """A window of its own, whose relative addresses begin with ``address``; copy buttons may copy.

    ``bypass_csp`` lets a test's own script be added to pages.
    """
    context = browser.new_context(
        base_url=address,
        viewport={"width": width, "height": 900},
        color_scheme="dark" if scheme == "dark" else "light",
        locale="en-GB",
        timezone_id="America/Denver",
        bypass_csp=bypass_csp,
        reduced_motion="reduce",
        permissions=["clipboard-read", "clipboard-write"],
    )
    context.set_default_timeout(TIMEOUT)
    try:
        yield context
    finally:
        context.close()
