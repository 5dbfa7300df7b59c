"""How old live tickets are, in groups that a manager looks at. Pure; the groups are ours and no limit of the method."""

from typing import Final

BUCKETS: Final[tuple[tuple[int, int | None], ...]] = ((0, 1), (1, 3), (3, 7), (7, 30), (30, None))
"""From so many days on until just before so many; None: without end."""
