"""What a ticket can be, and every move that leads from one state to the next. Pure.

The one table `MOVES` is what the server decides by, what the database holds (`models.py`) and what `docs/repairs.md`
is drawn from.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final, Literal, get_args

State = Literal[
    "reported",
    "accepted",
    "appointed",
    "on_the_way",
    "arrived",
    "working",
    "done",
    "cleaned",
    "signed",
    "visited",
    "closed",
    "rejected",
    "held",
    "not_a_repair",
    "contested",
    "cancelled",
]
STATES: Final[tuple[State, ...]] = get_args(State)

ENDED: Final[tuple[State, ...]] = ("closed", "cancelled")
"""Nothing is owed any more."""

Part = Literal["owner", "engineer", "desk", "manager"]
"""In what part somebody acts: of the ticket's household; its one engineer; who serves repairs there; who oversees it.

Nobody acts in two at once: the engineer is neither desk nor manager of their own ticket (RP-04, CT-17, CT-30).
"""

HOLD_REASONS: Final = ("waiting_for_owner", "waiting_for_material", "access_refused", "weather")
OWNERS_HOLD: Final = frozenset({"waiting_for_owner", "access_refused"})
"""While a ticket is held for one of these its clocks stand still; for the others they go on: they are ours to bear."""

SUCCESSION_REASONS: Final = ("left_company", "long_illness", "owner_asks")
"""Why alone a ticket's engineer may change (RP-04, CT-17)."""


@dataclass(frozen=True, slots=True)
class Move:
    """One move.

    `line`: the kind of the entry that records it. `sources`: where from; `target`: where to, None: the state stays.
    `parts`: who may. `needs`: the gate that must be passed, by name (`gates.py`).
    """

    code: str
    line: str
    sources: tuple[State, ...]
    target: State | None
    parts: tuple[Part, ...]
    needs: str | None = None


_LIVE: Final[tuple[State, ...]] = tuple(state for state in STATES if state not in ENDED)
_BEFORE_WORK: Final[tuple[State, ...]] = (
    "reported",
    "accepted",
    "appointed",
    "on_the_way",
    "arrived",
    "rejected",
)
_AT_HOME: Final[tuple[State, ...]] = ("arrived", "working")
FINISHED: Final[tuple[State, ...]] = ("done", "cleaned", "signed")
"""The work is done; the return visit is owed."""
_HOLDABLE: Final[tuple[State, ...]] = (
    "accepted",
    "appointed",
    "on_the_way",
    "arrived",
    "working",
    "rejected",
)

_ALL: Final = (
    # Taking it on, speaking, proposing, agreeing. `dispatch` only where there was nobody when it was reported.
    Move("dispatch", "engineer_named", ("reported",), None, ("desk", "manager")),
    Move("accept", "accepted", ("reported",), "accepted", ("engineer",)),
    Move("contact", "contacted", _LIVE, None, ("engineer", "desk")),
    Move("propose", "proposed", (*_BEFORE_WORK, "working", "held"), None, ("engineer",)),
    Move("agree", "agreed", (*_BEFORE_WORK, "working", "held"), None, ("owner", "desk"), "proposed"),
    Move(
        "appoint",
        "appointed",
        ("accepted", "appointed", "rejected"),
        "appointed",
        ("owner", "engineer", "desk"),
    ),
    # The visit.
    Move("set_out", "set_out", ("appointed", "rejected"), "on_the_way", ("engineer",)),
    Move("hurry", "set_out", ("accepted",), "on_the_way", ("engineer",), "urgent"),
    Move("arrive", "arrived", ("on_the_way", "rejected"), "arrived", ("engineer",)),
    Move("call_off", "visit_called_off", ("appointed",), "accepted", ("owner", "engineer", "desk")),
    Move("miss", "visit_missed_by_engineer", ("appointed", "on_the_way"), "accepted", ("owner", "desk")),
    Move("abort", "visit_aborted", ("on_the_way", "arrived"), "accepted", ("engineer",)),
    Move("protect", "protected", ("arrived",), None, ("engineer",)),
    Move("start", "started", ("arrived",), "working", ("engineer",), "protected"),
    Move("finish", "finished", ("working",), "done", ("engineer",), "finished"),
    # After the work.
    Move("book_cleaning", "cleaning_booked", ("done",), None, ("engineer", "desk")),
    Move("tick_cleaning", "cleaned", ("done",), "cleaned", ("owner",), "cleaned"),
    Move("sign", "signed", ("cleaned",), "signed", ("owner",), "signed"),
    Move("reject", "rejected", FINISHED, "rejected", ("owner",)),
    Move("rate", "rated", ("signed", "visited", "closed"), None, ("owner",)),
    Move("visit", "visited", FINISHED, "visited", ("desk", "manager"), "visited"),
    Move("visit_unsettled", "visited_unsettled", FINISHED, "rejected", ("desk", "manager")),
    Move("visit_missed", "visit_missed", FINISHED, None, ("desk", "manager")),
    Move("close", "closed", ("visited",), "closed", ("desk", "manager")),
    Move("reopen", "reopened", ("visited", "closed"), "rejected", ("owner", "desk")),
    # Standing still.
    Move("hold", "held", _HOLDABLE, "held", ("engineer", "desk")),
    Move("resume", "resumed", ("held",), "accepted", ("owner", "engineer", "desk")),
    # Ending without a repair.
    Move(
        "cancel",
        "cancelled",
        ("reported", "accepted", "appointed", "rejected", "held"),
        "cancelled",
        ("owner", "desk"),
    ),
    Move(
        "refuse",
        "not_a_repair",
        ("accepted", "appointed", "arrived"),
        "not_a_repair",
        ("engineer",),
        "refused",
    ),
    Move("contest", "contested", ("not_a_repair",), "contested", ("owner",)),
    Move("overrule", "overruled", ("contested",), "accepted", ("desk", "manager")),
    Move("uphold", "upheld", ("contested",), "closed", ("desk", "manager")),
    Move("let_go", "let_go", ("not_a_repair",), "closed", ("owner",)),
    # Living conditions, and the rare change of the one person.
    Move("ask_living", "living_asked", _LIVE, None, ("owner", "engineer", "desk")),
    Move("decide_living", "living_decided", _LIVE, None, ("manager",)),
    Move("succeed", "engineer_changed", STATES, None, ("manager",)),
)

MOVES: Final[dict[str, Move]] = {move.code: move for move in _ALL}
"""By code."""

STEPS: Final[frozenset[tuple[State, State]]] = frozenset(
    (source, move.target) for move in _ALL if move.target is not None for source in move.sources
)
"""Every change of state that any move makes."""


def legal(state: State, parts: Collection[Part]) -> list[str]:
    """The moves that somebody in these parts may make now, gates aside."""
    return [move.code for move in _ALL if state in move.sources and any(part in move.parts for part in parts)]


def leads(move: Move, state: State) -> State:
    """Where a legal move leads from a state."""
    return state if move.target is None else move.target
