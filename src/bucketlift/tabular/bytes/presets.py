"""Dialects of programs that write files, as settings that differ from the dialect of the file type."""

from __future__ import annotations

from typing import Any

from bucketlift.model.contract import Escapes, LineEnd

PRESETS: dict[str, dict[str, Any]] = {
    # The defaults of SELECT ... INTO OUTFILE.
    "mysql": {
        "delimiter": "\t",
        "quote": None,
        "escape": "\\",
        "escapes": Escapes.MYSQL,
        "line_end": LineEnd.LF,
        "header": False,
        "null_quoted": False,
    },
    # The text format of COPY.
    "postgresql": {
        "delimiter": "\t",
        "quote": None,
        "escape": "\\",
        "escapes": Escapes.POSTGRESQL,
        "header": False,
        "footer": ("\\.",),
        "null_quoted": False,
    },
    "excel": {"delimiter": ",", "formula_guard": True},
    # Where the comma is the decimal point, Excel separates cells with semicolons.
    "excel-eu": {"delimiter": ";", "formula_guard": True},
    # A list that SAP saved as a local file, unconverted.
    "sap": {"delimiter": "|", "quote": None, "borders": True, "trim": True},
}
PRESET_NULLS = {"mysql": ("\\N",), "postgresql": ("\\N",)}
