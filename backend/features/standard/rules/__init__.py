"""The domain of standards, pure: versions and the days they are in order, what is wrong in a document, what it leaves
open, and how two of them differ.
"""

from backend.features.standard.rules.checks import Fault, faults
from backend.features.standard.rules.differences import Difference, differences
from backend.features.standard.rules.gaps import Gap, not_set
from backend.features.standard.rules.plain import digest, plain
from backend.features.standard.rules.versions import (
    FIRST,
    Edition,
    VersionsUsedUp,
    effective,
    in_order,
    last_day_in_order,
    next_version,
    standing,
)

__all__ = [
    "FIRST",
    "Difference",
    "Edition",
    "Fault",
    "Gap",
    "VersionsUsedUp",
    "differences",
    "digest",
    "effective",
    "faults",
    "in_order",
    "last_day_in_order",
    "next_version",
    "not_set",
    "plain",
    "standing",
]
