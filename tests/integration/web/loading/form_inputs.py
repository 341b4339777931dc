"""What a browser sends of a form that is submitted as it was shown."""

from __future__ import annotations

from html.parser import HTMLParser


class _Form(HTMLParser):
    def __init__(self, wanted: str) -> None:
        super().__init__()
        self.wanted = wanted
        self.inside = False
        self.sent: dict[str, list[str]] = {}
        self._select: tuple[str, list[tuple[str, bool]]] | None = None
        self._option: tuple[str | None, bool, str] | None = None

    def handle_starttag(self, tag, attrs):
        own = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.inside = own.get("id") == self.wanted
        if not self.inside:
            return
        if tag == "input" and "name" in own:
            kind = own.get("type", "text")
            if kind not in ("checkbox", "radio") or "checked" in own:
                self.sent.setdefault(own["name"], []).append(
                    own.get("value", "on" if kind == "checkbox" else "")
                )
        elif tag == "select":
            self._select = (own["name"], [])
        elif tag == "option" and self._select is not None:
            self._option = (own.get("value"), "selected" in own, "")

    def handle_data(self, data):
        if self._option is not None:
            value, selected, text = self._option
            self._option = (value, selected, text + data)

    def handle_endtag(self, tag):
        if tag == "option" and self._option is not None and self._select is not None:
            value, selected, text = self._option
            self._select[1].append((text if value is None else value, selected))
            self._option = None
        elif tag == "select" and self._select is not None:
            name, options = self._select
            chosen = [value for value, selected in options if selected] or [value for value, _ in options[:1]]
            self.sent.setdefault(name, []).extend(chosen[-1:])
            self._select = None
        elif tag == "form":
            self.inside = False


def inputs_of(page: str, form: str = "load-form") -> dict[str, list[str]]:
    """The values of the form's inputs, by their names."""
    parser = _Form(form)
    parser.feed(page)
    return parser.sent
