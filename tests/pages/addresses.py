"""Every page that the router knows, by an example where its address has a part that varies."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import product
from urllib.parse import quote

from fastapi import FastAPI

from bucketlift.service.core.app import App
from bucketlift.web.app import add_page

Examples = Mapping[str, list[str]]
"""For each part that varies, by its name, what to put there."""


QUERIES = {"/destinations/{name}/table": ("?table=employees", "?table=nothing")}
"""Paths that show something only with a query."""


def routes(app: App) -> list[str]:
    """The path of every route that is read, as the router has it."""
    server = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    add_page(server, app)
    return sorted(path for path, methods in server.openapi()["paths"].items() if "get" in methods)


def addresses(paths: list[str], examples: Examples) -> Iterator[tuple[str, str]]:
    """Each path with an example of it. Not each goes with each: such an address answers that there is nothing."""
    for path in paths:
        names = re.findall(r"{(\w+)", path)
        for values in product(*(examples[name] for name in names)):
            address = path
            for name, value in zip(names, values, strict=True):
                address = re.sub(rf"{{{name}(:\w+)?}}", quote(value, safe=""), address)
            for query in QUERIES.get(path, ("",)):
                yield path, f"{address}{query}"


def without_example(paths: list[str], examples: Examples) -> set[str]:
    return {name for path in paths for name in re.findall(r"{(\w+)", path)} - examples.keys()
