"""What must stand before a move may be made, by name. Pure (CT-26, CT-28 to CT-30, HC-25, HC-37)."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Standing:
    """What stands of a case now.

    `positions`: the customer's and the company's are both noted (CT-26). `settled`: what is to be done is agreed, or
    was ordered. `dated`: so is by when.
    `answerable`: an answer is all it needs: no complaint, or about common parts, or nobody to reach (HC-37).
    `judged_invalid`: found invalid (HC-25). `paused`: its clocks stand still.
    """

    positions: bool = False
    settled: bool = False
    dated: bool = False
    answerable: bool = False
    judged_invalid: bool = False
    paused: bool = False


def missing(gate: str | None, stands: Standing) -> list[str]:
    """What still lacks for a gate, by name; empty: it is open. `closable` is met by what the move itself brings."""
    match gate:
        case "positions":
            return [] if stands.positions else ["positions"]
        case "settled":
            return [] if stands.settled else ["accepted_proposal"]
        case "dated":
            return [] if stands.dated else ["agreed_date"]
        case "answerable":
            return [] if stands.answerable else ["proposal"]
        case "judged_invalid":
            return [] if stands.judged_invalid else ["judgement"]
        case "paused":
            return [] if stands.paused else ["pause"]
        case "runs":
            return ["resume"] if stands.paused else []
        case _:
            return []
