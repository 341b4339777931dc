"""Log lines on stderr, as text for people or as JSON for programs.

structlog is imported when the first line is logged, because it imports rich and most commands log nothing.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from structlog.typing import Processor


class Log:
    """Logs events: first the event's name, then its fields."""

    def __init__(self) -> None:
        self._as_json: bool | None = None

    @property
    def is_configured(self) -> bool:
        """Whether logging was configured for this process. If not, lines are text."""
        return self._as_json is not None

    def to_stderr(self, *, as_json: bool = False) -> None:
        self._as_json = as_json

    def info(self, event: str, **fields: object) -> None:
        self._write("info", event, fields)

    def warning(self, event: str, **fields: object) -> None:
        self._write("warning", event, fields)

    def error(self, event: str, **fields: object) -> None:
        self._write("error", event, fields)

    def stored(self, level: str, event: str, **fields: object) -> None:
        """Log an event that the ledger also stores for `bucketlift runs logs`. On a terminal the event is not
        shown, because progress bars are shown there.
        """
        if self._as_json:
            self._write(level, event, fields)

    def _write(self, level: str, event: str, fields: dict[str, object]) -> None:
        import structlog  # noqa: PLC0415 - see above

        # Use the current stderr: an earlier replacement of stderr may be closed.
        logger: Any = structlog.wrap_logger(
            structlog.PrintLogger(sys.stderr), processors=_processors(as_json=bool(self._as_json))
        )
        getattr(logger, level)(event, **fields)


log = Log()


def _processors(*, as_json: bool) -> list[Processor]:
    from structlog import dev, processors  # noqa: PLC0415

    return [
        processors.add_log_level,
        processors.TimeStamper(fmt="iso", utc=True),
        processors.JSONRenderer() if as_json else dev.ConsoleRenderer(colors=False),
    ]
