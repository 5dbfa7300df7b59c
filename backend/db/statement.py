"""Hand-written SQL for hot paths: named parameters, numbered once as asyncpg takes them."""

import re
from collections.abc import Mapping
from typing import Any, Final

# Not of a cast, and not of what stands in a format of times.
_NAMED: Final = re.compile(r"(?<![:\w]):([a-z_]+)")


class Statement:
    """One statement; a parameter is `:name`, as in `sqlalchemy.text`, and may stand in it more than once."""

    __slots__ = ("_names", "sql")

    def __init__(self, sql: str) -> None:
        numbers: dict[str, int] = {}
        self.sql: Final = _NAMED.sub(lambda found: f"${numbers.setdefault(found[1], len(numbers) + 1)}", sql)
        self._names: Final = tuple(numbers)

    def arguments(self, values: Mapping[str, Any]) -> list[Any]:
        """The values in the order of their numbers."""
        return [values[name] for name in self._names]
