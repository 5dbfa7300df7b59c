"""What each move does beside changing the state: its evidence, its clocks, whom it tells. One verb a move."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from backend.features.repairs.service.acting import Acting
from backend.features.repairs.service.moves import (
    cleaning,
    deciding,
    dispatching,
    ending,
    holding,
    living,
    speaking,
    succeeding,
    visiting,
)

Effect = Callable[[Acting, Any], Awaitable[Mapping[str, Any]]]
"""Takes what the move brings; returns the body of its entry."""

EFFECTS: Final[dict[str, Effect]] = {
    "dispatch": dispatching.dispatch,
    "accept": speaking.accept,
    "contact": speaking.contact,
    "propose": speaking.propose,
    "agree": speaking.agree,
    "appoint": visiting.appoint,
    "set_out": visiting.set_out,
    "hurry": visiting.set_out,
    "arrive": visiting.arrive,
    "call_off": visiting.call_off,
    "miss": visiting.miss,
    "abort": visiting.abort,
    "protect": visiting.protect,
    "start": visiting.start,
    "finish": visiting.finish,
    "book_cleaning": cleaning.book,
    "tick_cleaning": cleaning.tick,
    "sign": deciding.sign,
    "reject": deciding.reject,
    "rate": deciding.rate,
    "visit": deciding.visit,
    "visit_unsettled": deciding.visit_unsettled,
    "visit_missed": deciding.visit_missed,
    "close": ending.close,
    "reopen": deciding.reopen,
    "hold": holding.hold,
    "resume": holding.resume,
    "cancel": ending.cancel,
    "refuse": ending.refuse,
    "contest": ending.contest,
    "overrule": ending.overrule,
    "uphold": ending.uphold,
    "let_go": ending.let_go,
    "ask_living": living.ask,
    "decide_living": living.decide,
    "succeed": succeeding.succeed,
}
"""By the code of the move."""
