"""What an operator sets in the environment."""

from __future__ import annotations

from bucketlift.settings import Settings
from tools.pages import markdown
from tools.pages.markdown import code, table

_AFTER = """
The standard AWS variables (`AWS_PROFILE`, `AWS_ACCESS_KEY_ID`, `AWS_ENDPOINT_URL`, ...) set who Bucketlift itself is
when it assumes a role, and where; they are the operator's, and an endpoint that they name is allowed.
"""


def page() -> str:
    rows = []
    for name, field in Settings.model_fields.items():
        told = field.default_factory is None and field.default not in (None, ())
        value = code(str(field.default)) if told else ""
        rows.append([code(f"BUCKETLIFT_{name.upper()}"), field.description or "", value])
    return markdown.page(
        "Settings",
        "Read from the environment at each start.",
        table(["variable", "what it is", "default"], rows),
        _AFTER,
    )
