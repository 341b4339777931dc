"""Where log lines go: to stderr, as text for people or as JSON for programs."""

from __future__ import annotations

import sys
from typing import Any

import structlog
from structlog.typing import EventDict


def log_to_stderr(*, as_json: bool = False) -> None:
    """Say how this process logs; without a word, text is taken when the engine starts."""
    renderer = structlog.processors.JSONRenderer() if as_json else structlog.dev.ConsoleRenderer(colors=False)
    structlog.configure(
        processors=[
            _shown if as_json else _left_out,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            renderer,
        ],
        logger_factory=_to_stderr,
        cache_logger_on_first_use=False,
    )


def _to_stderr(*_: Any) -> structlog.PrintLogger:
    """What stderr is now: whoever borrowed it before may have closed it."""
    return structlog.PrintLogger(sys.stderr)


def _shown(_logger: Any, _name: str, event: EventDict) -> EventDict:
    event.pop("kept", None)
    return event


def _left_out(_logger: Any, _name: str, event: EventDict) -> EventDict:
    """What runs say is kept for people who ask for it: `bucketlift runs logs`. A terminal has bars instead."""
    if event.pop("kept", False):
        raise structlog.DropEvent
    return event


def is_said() -> bool:
    return structlog.is_configured()
