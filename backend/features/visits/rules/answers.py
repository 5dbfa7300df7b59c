"""What is asked at a visit, and whether it was all asked. Pure.

A2 asks of each standard action that the owner sees whether it was done (RV-18), A3 how good it was (RV-19). The method
gives no wording and no scale: an action is asked about by its own name, and 1 to 5 stars are ours, as for repairs.
"""

from typing import Final, Literal, get_args

Part = Literal["script", "check", "A2", "A3"]
PARTS: Final[tuple[Part, ...]] = get_args(Part)

LOW: Final = 2
"""So many stars or fewer are a low answer, which opens a case again. The method sets no number (GP-03); ours."""


def is_low(accepted: bool | None, stars: int | None) -> bool:
    """Whether a visit says that the matter is not settled: not accepted, or found bad."""
    return accepted is False or (stars is not None and stars <= LOW)
