"""Promises 1-1-1-0 as gates: what must stand before a move may be made. Pure (RP-02 to RP-13, FM-55, CT-17)."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

COVERS: Final = ("furniture", "fit_out", "appliances", "shoe_covers", "floor_mat")
"""What is covered, with a photo of each, before work may start (RP-06, FM-55)."""

ELSEWHERE: Final = "cut_elsewhere"
"""Cutting and mixing happen elsewhere (RP-11): ticked before work may start."""

PROTECTIONS: Final = (*COVERS, ELSEWHERE)


@dataclass(frozen=True, slots=True)
class Standing:
    """What stands of a ticket's evidence now, for its present visit.

    `covered`: what is ticked. `livable`: whether the home can be lived in during the work; None: not said. `living`:
    how the newest request for living conditions stands: None, "asked", "granted" or "declined". `consented`: the
    work is free, or the owner has consented to its quote (CT-36).
    """

    urgent: bool = False
    proposed: bool = False
    covered: frozenset[str] = frozenset()
    livable: bool | None = None
    living: str | None = None
    finished: bool = False
    cleaning_booked: bool = False
    cleaning_ticked: bool = False
    signed: bool = False
    consented: bool = True
    engineers: int = 1


def missing(gate: str | None, stands: Standing) -> list[str]:
    """What still lacks for a gate, by name; empty: it is open.

    `finished`, `signed`, `visited` and `refused` are met by what the move itself brings.
    """
    match gate:
        case "urgent":
            return [] if stands.urgent else ["urgent"]
        case "proposed":
            return [] if stands.proposed else ["proposal"]
        case "protected":
            lacking = [item for item in PROTECTIONS if item not in stands.covered]
            if stands.livable is False and stands.living not in {"granted", "declined"}:
                lacking.append("living_conditions")
            if not stands.consented:
                lacking.append("consent")
            return lacking
        case "cleaned":
            return [] if stands.cleaning_booked else ["cleaning_booked"]
        case _:
            return []


TICKS: Final = ("one_person", "one_protection", "one_cleaning", "zero_worry")


def ticks(stands: Standing) -> dict[str, bool]:
    """The four ticks an owner sees: 1 person, 1 protection, 1 cleaning, 0 worry (RP-02, RP-05, RP-07, RP-10).

    Zero worry: cut elsewhere, water and electricity and losses on record as ours, and whoever could not live there was
    offered something.
    """
    covered = stands.covered
    return {
        "one_person": stands.engineers == 1,
        "one_protection": _all(COVERS, covered),
        "one_cleaning": stands.cleaning_ticked,
        "zero_worry": ELSEWHERE in covered
        and stands.finished
        and (stands.livable is not False or stands.living == "granted"),
    }


def _all(wanted: Collection[str], there: Collection[str]) -> bool:
    return all(one in there for one in wanted)
