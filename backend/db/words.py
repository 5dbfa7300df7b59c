"""How the product's lists of words stand in SQL."""

from collections.abc import Iterable


def listed(values: Iterable[str]) -> str:
    """The words, quoted, with commas between."""
    return ", ".join(repr(value) for value in values)


def one_of(column: str, values: Iterable[str]) -> str:
    """A condition: the column holds one of these."""
    return f"{column} IN ({listed(values)})"
