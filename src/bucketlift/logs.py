"""Where log lines go: to stderr, as text for people or as JSON for programs."""

from __future__ import annotations

import sys

import structlog


def log_to_stderr(*, as_json: bool = False) -> None:
    """Say how this process logs; without a word, text is taken when the engine starts."""
    renderer = structlog.processors.JSONRenderer() if as_json else structlog.dev.ConsoleRenderer(colors=False)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            renderer,
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )


def is_said() -> bool:
    return structlog.is_configured()
