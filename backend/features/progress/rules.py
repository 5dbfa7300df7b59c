"""The domain of posts, pure: their kinds, what each needs, and for how long one can be taken back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, Literal, get_args
from uuid import UUID

from backend.core.errors import Fault

Kind = Literal["progress", "planning_or_design_change", "letter_home", "newsletter", "open_day", "correction"]
"""Progress (S3-19, S3-26), changes to planning and design (S3-20), letters home (S3-27, CC-13), the newsletter (S3-29,
S3-32, CC-15, CC-17, SN-26), open days and early viewings (S3-21, S3-28), and what corrects one of these."""

KINDS: Final[tuple[Kind, ...]] = get_args(Kind)

State = Literal["draft", "reviewed", "scheduled", "published", "taken_back"]
STATES: Final[tuple[State, ...]] = get_args(State)

TAKE_BACK: Final = timedelta(minutes=15)
"""For so long a published post can be taken back: whoever published it gets it on their own phone within a minute or
two and sees a wrong building or photo there; later most owners have read it, and are owed a correction instead."""

WAITING: Final = "STEP-3"
"""The step of those who wait for their homes (S3-01): whom a post is for unless somebody chooses otherwise."""

MOST_PHOTOS: Final = 50
MOST_BUILDINGS: Final = 300
MOST_SLOTS: Final = 100
MOST_NAMES: Final = 100

NOTICE: Final[dict[Kind, str]] = {
    "progress": "progress_post",
    "planning_or_design_change": "progress_notice_to_confirm",
    "letter_home": "letter_home",
    "newsletter": "newsletter",
    "open_day": "open_day",
    "correction": "post_correction",
}
"""As what its readers are told of it."""

OBLIGATION: Final = "progress-post"
"""What a progress post of its month meets (S3-26, TM-05, CT-09)."""


@dataclass(frozen=True, slots=True)
class Slot:
    """One place and time of an open day, for so many people."""

    place: str
    starts_at: datetime
    ends_at: datetime
    capacity: int


@dataclass(frozen=True, slots=True)
class Photo:
    """A photo of a post. `viewpoint` names from where it is taken, month by month."""

    file_id: UUID
    viewpoint: str | None
    caption: str | None


@dataclass(frozen=True, slots=True)
class BuildingStands:
    """How far a building is, in whole percent; None: nothing is said of it."""

    building_id: UUID
    percent: int | None


@dataclass(frozen=True, slots=True)
class Content:
    """What a post says and whom it is for.

    `everywhere`: for the whole project, whatever buildings it names. `steps`: for those who are in one of them; none:
    for every owner. `month`: the first day of the month that a progress post reports on; None: that of its publication.
    `names`: the accounts of those whom it names or pictures; it is published with the consent of each (CC-14, CT-37).
    """

    title: str
    text: str
    stage: str | None = None
    milestone: str | None = None
    month: date | None = None
    everywhere: bool = True
    buildings: Sequence[BuildingStands] = ()
    steps: Sequence[str] = (WAITING,)
    photos: Sequence[Photo] = ()
    slots: Sequence[Slot] = ()
    names: Sequence[UUID] = ()


def faults_of(kind: Kind, content: Content, *, today: date) -> tuple[Fault, ...]:
    """What cannot be meant of a post of this kind.

    Codes: `buildings_missing`, `named_twice`, `only_of_progress`, `month_not_first`, `month_ahead`,
    `slots_missing`, `only_of_open_days`, `slot_reversed`.
    """
    found = []
    if not content.everywhere and not content.buildings:
        found.append(Fault("buildings", "buildings_missing", {}))
    if len({one.building_id for one in content.buildings}) < len(content.buildings):
        found.append(Fault("buildings", "named_twice", {}))
    if len({one.file_id for one in content.photos}) < len(content.photos):
        found.append(Fault("photos", "named_twice", {}))
    if len(set(content.names)) < len(content.names):
        found.append(Fault("names", "named_twice", {}))
    if kind != "progress":
        for field, value in (("month", content.month), ("milestone", content.milestone)):
            if value is not None:
                found.append(Fault(field, "only_of_progress", {}))
    if content.month is not None and content.month.day != 1:
        found.append(Fault("month", "month_not_first", {}))
    elif content.month is not None and content.month > today:
        found.append(Fault("month", "month_ahead", {}))
    if kind == "open_day" and not content.slots:
        found.append(Fault("slots", "slots_missing", {}))
    if kind != "open_day" and content.slots:
        found.append(Fault("slots", "only_of_open_days", {}))
    for number, slot in enumerate(content.slots):
        if slot.starts_at >= slot.ends_at:
            found.append(Fault(f"slots.{number}.ends_at", "slot_reversed", {}))
    return tuple(found)


def must_be_confirmed(kind: Kind, corrected: bool) -> bool:
    """Whether readers must say that they have read it: changes to planning and design (S3-20) and what corrects one.

    `corrected`: whether the post that this one corrects must be.
    """
    return kind == "planning_or_design_change" or (kind == "correction" and corrected)
