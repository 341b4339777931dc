"""One installation for all questions that change nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

import pytest

from bucketlift.api.health import health_app
from bucketlift.service.ops.serving import Serving
from bucketlift.web.app import add_page
from visitors import Page, opened


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """All that `bucketlift serve` answers: the page, and beside it the addresses of health and figures."""
    with opened(tmp_path_factory.mktemp("served") / "home") as page:
        server = health_app(cast("Serving", None))
        add_page(server, page.app)
        yield Page(app=page.app, server=server)
