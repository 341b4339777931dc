"""What a browser complains of, and what a hostile text would show that it ran."""

from __future__ import annotations

from dataclasses import dataclass, field

from playwright.sync_api import BrowserContext, ConsoleMessage, Dialog, Page, Response

FLAG = "bucketliftWasHad"
"""What hostile texts set on the window; `window` itself is told of it by a function of this name."""


@dataclass(kw_only=True)
class Watch:
    """Everything that must not be there, from all pages of a window."""

    found: list[str] = field(default_factory=list)

    def on(self, page: Page) -> None:
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.found.append(f"script: {error}"))
        page.on("dialog", self._dialog)
        page.on("response", self._response)

    def _dialog(self, dialog: Dialog) -> None:
        self.found.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def _console(self, message: ConsoleMessage) -> None:
        # A refused form is an answer, not a fault, though Chromium complains of its status.
        if (
            message.type in {"error", "warning"}
            and "the server responded with a status of 4" not in message.text
        ):
            self.found.append(f"console: {message.text}")

    def _response(self, response: Response) -> None:
        if response.status >= 500:
            self.found.append(f"{response.status}: {response.url}")


def watch(window: BrowserContext) -> Watch:
    """Look at every page that the window opens from now on."""
    seen = Watch()
    window.expose_function(FLAG, lambda what="": seen.found.append(f"a hostile text ran: {what}"))
    window.on("page", seen.on)
    return seen


def is_page(page: Page, address: str) -> bool:
    """Whether a whole page answers there: neither a download, nor a part, nor an error."""
    answer = page.request.get(address)
    said = answer.headers.get("content-type", "")
    return answer.ok and "text/html" in said and answer.text().lstrip().startswith("<!doctype html>")
