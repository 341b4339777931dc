"""Arrow's compute functions. They are imported at their first use, because the import is slow and text fields
do not need them.
"""

from __future__ import annotations

from typing import Any


class _Functions:
    def __getattr__(self, name: str) -> Any:
        import pyarrow.compute  # noqa: PLC0415 - see above

        return getattr(pyarrow.compute, name)


# Any: the stubs of Arrow's functions know too few of their argument types.
compute: Any = _Functions()
