"""What each move does to a case, beside its state, its line and the clocks that it ends."""

from collections.abc import Awaitable, Callable
from typing import Any, Final

from backend.features.hotline.service.acting import Acting
from backend.features.hotline.service.moves import (
    answering,
    claiming,
    closing,
    dispatching,
    doing,
    joining,
    judging,
    passing,
    pausing,
    proposing,
    speaking,
    visiting,
)

Effect = Callable[[Acting, Any], Awaitable[dict[str, Any]]]
"""Does it, and gives what its line says."""

EFFECTS: Final[dict[str, Effect]] = {
    "classify": dispatching.classify,
    "dispatch": dispatching.dispatch,
    "take": dispatching.take,
    "contact": speaking.contact,
    "note_positions": speaking.note_positions,
    "pause": pausing.pause,
    "resume": pausing.resume,
    "answer_meanwhile": answering.answer_meanwhile,
    "propose": proposing.propose,
    "withdraw_proposal": proposing.withdraw,
    "accept": proposing.accept,
    "decline": proposing.decline,
    "agree_date": doing.agree_date,
    "progress": answering.progress,
    "finish": doing.finish,
    "answer": answering.answer,
    "explain": answering.explain,
    "conclude": doing.conclude,
    "judge": judging.judge,
    "visit": visiting.visit,
    "visit_low": visiting.visit_low,
    "visit_missed": visiting.visit_missed,
    "ask_closing": closing.ask_closing,
    "refuse_closing": closing.refuse_closing,
    "close": closing.close,
    "reopen": closing.reopen,
    "merge": joining.merge,
    "link": joining.link,
    "bar": judging.bar,
    "pass_on": passing.pass_on,
    "claim": claiming.claim,
    "decide_claim": claiming.decide,
    "withdraw_claim": claiming.withdraw,
}
"""By code."""
