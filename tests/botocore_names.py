"""Names of botocore's events, translated once per process.

Botocore translates hundreds of names again for each session, which takes most of a session's time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from unittest.mock import patch

from botocore.hooks import EventAliaser

TRANSLATE: Callable[[EventAliaser, str], str] = vars(EventAliaser)["_alias_event_name"]


@contextmanager
def translated_once() -> Iterator[None]:
    """Sessions that are made until the block ends share the translations: all have the same aliases."""
    translations: dict[str, str] = {}

    def translated(aliaser: EventAliaser, name: str) -> str:
        if name not in translations:
            translations[name] = TRANSLATE(aliaser, name)
        return translations[name]

    with patch.object(EventAliaser, "_alias_event_name", translated):
        yield
