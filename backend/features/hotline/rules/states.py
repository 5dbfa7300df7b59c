"""What a case can be, and every move that leads from one state to the next. Pure.

The one table `MOVES` is what the server decides by, what the database holds (`models/holding.py`) and what
`docs/cases.md` is drawn from.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final, Literal, get_args

State = Literal[
    "received",
    "dispatched",
    "proposed",
    "declined",
    "agreed",
    "done",
    "visited",
    "closed",
    "merged",
    "passed_on",
]
STATES: Final[tuple[State, ...]] = get_args(State)

ENDED: Final[tuple[State, ...]] = ("closed", "merged", "passed_on")
"""Nothing is owed here any more: closed; part of another case; a repair's ticket goes on with it."""

WAITING: Final[tuple[State, ...]] = ("proposed", "done", "visited")
"""It may be that no clock runs here: it waits for the owner's answer, or for whoever closes it."""

Part = Literal["owner", "desk", "department", "manager", "visitor"]
"""In what part somebody acts.

`owner`: of the home's household, or who brought it. `desk`: takes calls there. `department`: the person in whose
hands it is, or who holds the responsible position. `manager`: oversees there. `visitor`: who may make its return
visit, having handled nothing of it (HC-38, CT-30).
"""


@dataclass(frozen=True, slots=True)
class Move:
    """One move.

    `line`: the kind of the entry that records it. `sources`: where from; `target`: where to, None: the state stays.
    `parts`: who may. `needs`: the gate that must be passed, by name (`gates.py`). `inside`: its line is for staff only.
    `handles`: whoever makes it has handled the case, and does not make its return visit.
    """

    code: str
    line: str
    sources: tuple[State, ...]
    target: State | None
    parts: tuple[Part, ...]
    needs: str | None = None
    inside: bool = False
    handles: bool = True


_LIVE: Final[tuple[State, ...]] = tuple(state for state in STATES if state not in ENDED)
_OPEN: Final[tuple[State, ...]] = ("received", "dispatched", "declined")
"""Nothing lies before the owner, and nothing is agreed."""
_BEFORE: Final[tuple[State, ...]] = (*_OPEN, "proposed", "agreed")
"""The matter itself is not done with yet."""
_OURS: Final[tuple[Part, ...]] = ("desk", "department", "manager")

_ALL: Final = (
    # Record and dispatch (C1), and speaking with the owner (C2).
    Move("classify", "classified", _BEFORE, None, ("desk", "manager"), inside=True),
    Move("dispatch", "dispatched", _OPEN, "dispatched", ("desk", "manager")),
    Move("take", "taken", ("dispatched", "declined", "proposed", "agreed"), None, ("department", "desk")),
    Move("contact", "contacted", _LIVE, None, _OURS),
    Move("note_positions", "positions_noted", _BEFORE, None, _OURS, inside=True),
    Move("answer_meanwhile", "answered_meanwhile", (*_OPEN, "proposed"), None, _OURS),
    # The loop of proposals, until both agree (C3, HC-29, HC-30).
    Move("propose", "proposed", ("dispatched", "declined"), "proposed", _OURS, "positions"),
    Move("withdraw_proposal", "proposal_withdrawn", ("proposed",), "dispatched", _OURS),
    Move("accept", "accepted", ("proposed",), "agreed", ("owner", "desk")),
    Move("decline", "declined", ("proposed",), "declined", ("owner", "desk")),
    # What was agreed is done (C4).
    Move(
        "agree_date", "date_agreed", ("dispatched", "declined", "agreed"), None, ("owner", *_OURS), "settled"
    ),
    Move("progress", "progressed", _LIVE, None, _OURS),
    Move("finish", "finished", ("dispatched", "declined", "agreed"), "done", _OURS, "dated"),
    # Done without a proposal: answered, explained as invalid, or carried as far as it goes.
    Move("answer", "answered", ("dispatched", "declined"), "done", _OURS, "answerable"),
    Move("explain", "explained", ("dispatched", "declined"), "done", _OURS, "judged_invalid"),
    Move("conclude", "concluded", ("dispatched", "declined", "agreed"), "done", _OURS),
    Move("judge", "judged", _LIVE, None, ("desk", "manager"), inside=True),
    # The return visit, by somebody else (C5), and the end.
    Move("visit", "visited", ("done",), "visited", ("visitor",), handles=False),
    Move("visit_low", "visited_low", ("done",), "dispatched", ("visitor",), handles=False),
    Move("visit_missed", "visit_missed", ("done",), None, ("visitor",), handles=False),
    Move("ask_closing", "closing_asked", ("done", "visited"), None, ("desk", "manager"), inside=True),
    Move("refuse_closing", "closing_refused", ("done", "visited"), None, ("manager",), inside=True),
    Move("close", "closed", ("done", "visited"), "closed", ("desk", "manager"), "closable"),
    Move("reopen", "reopened", ("done", "visited", "closed"), "dispatched", ("owner", "desk", "manager")),
    # Standing still, for the owner's sake; the state stays.
    Move("pause", "paused", _BEFORE, None, _OURS, "runs"),
    Move("resume", "resumed", _LIVE, None, ("owner", *_OURS), "paused"),
    # With other matters.
    Move("merge", "merged", _BEFORE, "merged", ("desk", "manager")),
    Move("link", "linked", STATES, None, _OURS, inside=True),
    Move("pass_on", "passed_on", _OPEN, "passed_on", ("desk", "manager")),
    Move("bar", "barred", _LIVE, None, ("desk", "manager"), inside=True),
    # Compensation and change of home (HC-44, HC-45, CT-43).
    Move("claim", "claimed", _LIVE, None, ("owner", *_OURS)),
    Move("decide_claim", "claim_decided", _LIVE, None, ("manager",)),
    Move("withdraw_claim", "claim_withdrawn", _LIVE, None, ("owner", "desk")),
)

MOVES: Final[dict[str, Move]] = {move.code: move for move in _ALL}
"""By code."""

STEPS: Final[frozenset[tuple[State, State]]] = frozenset(
    (source, move.target)
    for move in _ALL
    if move.target is not None
    for source in move.sources
    if source != move.target
)
"""Every change of state that any move makes."""


def legal(state: State, parts: Collection[Part]) -> list[str]:
    """The moves that somebody in these parts may make now, gates aside."""
    return [move.code for move in _ALL if state in move.sources and any(part in move.parts for part in parts)]


def leads(move: Move, state: State) -> State:
    """Where a legal move leads from a state."""
    return state if move.target is None else move.target
