"""The environment variables that an operator sets."""

from __future__ import annotations

from bucketlift.settings import Settings
from tools.pages import markdown
from tools.pages.markdown import code, table

_AFTER = """
The standard AWS variables (`AWS_PROFILE`, `AWS_ACCESS_KEY_ID`, `AWS_ENDPOINT_URL`, ...) set Bucketlift's own identity
and endpoint for assuming roles. The operator sets them, so an endpoint that they name is allowed.
"""


def page() -> str:
    rows = []
    for name, field in Settings.model_fields.items():
        has_default = field.default_factory is None and field.default not in (None, ())
        value = code(str(field.default)) if has_default else ""
        rows.append([code(f"BUCKETLIFT_{name.upper()}"), field.description or "", value])
    return markdown.page(
        "Settings",
        "Bucketlift reads these environment variables at each start.",
        table(["variable", "meaning", "default"], rows),
        _AFTER,
    )
