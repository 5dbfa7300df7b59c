"""What a finding becomes."""

from typing import Final, Literal, get_args

Becomes = Literal["ticket", "case", "note"]
BECOMES: Final[tuple[Becomes, ...]] = get_args(Becomes)
