"""The shift that moves a whole running system forward: its database functions and every process's clock together.

For the demo and for tests. Production mode never reads it into a clock, has no route to set it and refuses to start
when one is set.
"""

from backend.platform.shift.service import FollowedShift, advance, read_shift

__all__ = ["FollowedShift", "advance", "read_shift"]
