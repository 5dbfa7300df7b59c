"""The five clocks of a case (CT-05 to CT-07): what starts, warns, ends and voids each. Pure."""

from typing import Final

AT_RECEIPT: Final = ("C1", "C2", "C3")
"""What runs from receipt on (HC-12, HC-19, HC-20); C4 from what is agreed, C5 from what is done."""

GOES_ON: Final = frozenset({"C1", "C2", "C5"})
"""Ours alone: nobody waits for an owner whom they have not called, so these never stand still."""

ENDS: Final[dict[str, frozenset[str]]] = {
    "C1": frozenset({"dispatch", "pass_on"}),
    "C2": frozenset({"contact", "answer", "explain"}),
    "C3": frozenset({"propose", "agree_date", "answer", "explain"}),
    "C4": frozenset({"finish"}),
    "C5": frozenset({"visit", "visit_low"}),
}
"""The acts that end a clock; nothing else does. An answer and an explanation are talks that a person records; of what
was ordered, the agreed date is the reply."""

VOIDS: Final[dict[str, frozenset[str]]] = {
    "merge": frozenset({"C1", "C2", "C3", "C4", "C5"}),
    "pass_on": frozenset({"C2", "C3", "C4", "C5"}),
    "conclude": frozenset({"C3", "C4"}),
    "close": frozenset({"C1", "C2", "C3", "C4", "C5"}),
    "reopen": frozenset({"C5"}),
}
"""Clocks that an act leaves nothing to: what they were about is over, and nobody has met it."""


def owed(code: str, *, contactable: bool, common_part: bool) -> bool:
    """Whether a clock is owed at all: nobody calls a person whom nobody can reach, and whoever cannot be reached, or
    wrote of common parts, is not visited (HC-37, HC-38, CT-29).
    """
    if code == "C2":
        return contactable
    return code != "C5" or (contactable and not common_part)


def met_by(code: str) -> tuple[str, ...]:
    """The clocks that a move ends."""
    return tuple(clock for clock, acts in ENDS.items() if code in acts)
