"""What each move brings with it: the same for a request, for the verb `move`, and for what a phone recorded offline."""

from typing import Annotated, Final, Literal
from uuid import UUID

from pydantic import AfterValidator, Field, StrictBool
from pydantic_core import PydanticCustomError

from backend.core.wire import Asked, Instant, Line, Prose
from backend.features.repairs.rules.gates import PROTECTIONS

Photos = Annotated[list[UUID], Field(max_length=20)]
Proof = Annotated[list[UUID], Field(min_length=1, max_length=20)]
HoldReason = Literal["waiting_for_owner", "waiting_for_material", "access_refused", "weather"]
SuccessionReason = Literal["left_company", "long_illness", "owner_asks"]
AbortReason = Literal["nobody_home", "access_refused", "wrong_part", "put_off_by_owner"]
Protection = Literal["furniture", "fit_out", "appliances", "shoe_covers", "floor_mat", "cut_elsewhere"]


class Nothing(Asked):
    """A move that needs no words."""


class Contact(Asked):
    """A call or talk with the owner, as a person records it (C2: HC-12; a push receipt is no contact)."""

    reached: StrictBool
    words: Prose


class Propose(Asked):
    """What is wrong, why, and what we propose (EN-07)."""

    cause: Prose
    proposal: Prose


class Agree(Asked):
    """The date that the owner agrees the work is done by: C4 runs from now (HC-32)."""

    done_by: Instant


class Appoint(Asked):
    """A time of visit that both sides have agreed on."""

    starts_at: Instant
    ends_at: Instant


class CallOff(Asked):
    """Why an agreed visit does not take place, and is not moved yet."""

    reason: Prose


class Miss(Asked):
    """Nobody came at the agreed time; what is to be said about it."""

    words: Prose | None = None


class Abort(Asked):
    """A visit on which nothing could be done."""

    reason: AbortReason
    words: Prose | None = None


class Tick(Asked):
    """One protection. `absent`: there is nothing of the kind to cover; the photo shows that."""

    item: Protection
    absent: StrictBool = False
    photos: Photos = Field(default=[])


def _once(ticks: list[Tick]) -> list[Tick]:
    if len({one.item for one in ticks}) < len(ticks):
        raise PydanticCustomError("item_twice", "each item once")
    return ticks


class Protect(Asked):
    """Protections that stand now, with photos (RP-05, RP-06, RP-11, FM-55)."""

    items: Annotated[list[Tick], Field(min_length=1, max_length=len(PROTECTIONS)), AfterValidator(_once)]


class Start(Asked):
    """Whether the home can be lived in during the work (RP-13)."""

    livable: StrictBool


class Losses(Asked):
    """What the work used and damaged, in words; borne by the company, whatever it is (RP-12). Null: none."""

    water: Line | None
    electricity: Line | None
    other: Prose | None


class Finish(Asked):
    """What was done, with photos after."""

    words: Prose
    photos: Proof
    losses: Losses


class BookCleaning(Asked):
    """Which professional company cleans when; it costs the owner nothing (RP-08, RP-09)."""

    company: Line
    starts_at: Instant


class Sign(Asked):
    """The owner's opinion; left out, a bare signature counts as consent (RC-10). `photo`: of the written one."""

    opinion: Prose | None = None
    photo: UUID | None = None


class Reject(Asked):
    """Why it goes back to the same engineer."""

    reason: Prose
    photos: Photos = Field(default=[])


class Rate(Asked):
    """How the household found it."""

    stars: Annotated[int, Field(ge=1, le=5, strict=True)]
    words: Prose | None = None


class Words(Asked):
    """What is to be said about it."""

    words: Prose


class Reason(Asked):
    """Why."""

    reason: Prose


class Hold(Asked):
    """Why it stands still."""

    reason: HoldReason
    words: Prose | None = None


class Refuse(Asked):
    """Why this is no repair, and the photos that prove it."""

    reason: Prose
    photos: Proof


class DecideLiving(Asked):
    """Whether living conditions are offered, and which or why not (RP-13; by whom is GP-21, so by a manager)."""

    granted: StrictBool
    words: Prose


class Succeed(Asked):
    """Who takes it over, and why: the caller approves it (CT-17)."""

    to: UUID
    reason: SuccessionReason
    words: Prose


ACTS: Final[dict[str, type[Asked]]] = {
    "dispatch": Nothing,
    "accept": Nothing,
    "contact": Contact,
    "propose": Propose,
    "agree": Agree,
    "appoint": Appoint,
    "set_out": Nothing,
    "hurry": Nothing,
    "arrive": Nothing,
    "call_off": CallOff,
    "miss": Miss,
    "abort": Abort,
    "protect": Protect,
    "start": Start,
    "finish": Finish,
    "book_cleaning": BookCleaning,
    "tick_cleaning": Nothing,
    "sign": Sign,
    "reject": Reject,
    "rate": Rate,
    "visit": Words,
    "visit_unsettled": Words,
    "visit_missed": Words,
    "close": Nothing,
    "reopen": Reject,
    "hold": Hold,
    "resume": Nothing,
    "cancel": Reason,
    "refuse": Refuse,
    "contest": Reason,
    "overrule": Words,
    "uphold": Words,
    "let_go": Nothing,
    "ask_living": Words,
    "decide_living": DecideLiving,
    "succeed": Succeed,
}
"""What each move of `rules.states.MOVES` brings."""
