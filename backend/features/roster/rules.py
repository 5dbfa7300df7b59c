"""The domain of rosters, pure: shifts, overrides, and who is on duty.

- A shift opens on weekdays, local time, and may close on the next day; it belongs to the day it opens on. It knows no
  holidays: the hotline is answered round the clock (HC-01), and who is off on National Day is absent by an override.
- A position is on duty by the shifts that are valid on the day. On a day without any valid shift it is on duty around
  the clock: until somebody sets hours, a promise of 24 hours (HC-01) has to find whoever holds the role.
- An override is stronger than shifts: its position is absent, and somebody may stand in for what the shifts would have
  been; or it has extra duty.
- Who is on duty for a node holds the role at the nearest node, going up, at which anybody is on duty: after hours a
  site's calls go to whoever keeps the night (CT-39, FM-60).
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final, Literal
from uuid import UUID

from backend.core.clock import SHANGHAI, local_date

DAY: Final = 1440
LOOKS_AHEAD: Final = timedelta(days=31)
"""How far ahead a change is looked for; what lasts longer has no end in sight."""

Kind = Literal["absent", "extra"]
Ground = Literal["shift", "extra", "stand_in", "always"]
"""Why somebody is on duty. `always`: no shift is set for the day, so around the clock."""

_GROUNDS: Final[tuple[Ground, ...]] = ("shift", "extra", "stand_in", "always")


@dataclass(frozen=True, slots=True)
class Shift:
    """Half-open, in minutes after the local midnight of its day; `closes` over 1440 lies on the next day.

    `weekdays`: 1 is Monday. `until` is the first day on which it no longer opens.
    """

    weekdays: frozenset[int]
    opens: int
    closes: int
    since: date | None = None
    until: date | None = None

    def valid_on(self, day: date) -> bool:
        """Whether the day lies between its dates."""
        return (self.since is None or self.since <= day) and (self.until is None or day < self.until)

    def opens_on(self, day: date) -> bool:
        """Whether it opens on the day."""
        return day.isoweekday() in self.weekdays and self.valid_on(day)


@dataclass(frozen=True, slots=True)
class Override:
    """Absence or extra duty of a position from `since` until just before `until` (None: until it is ended).

    `stand_in` is a position.
    """

    id: UUID
    kind: Kind
    since: datetime
    until: datetime | None
    stand_in: UUID | None = None

    def holds_at(self, at: datetime) -> bool:
        """Whether it is in force."""
        return self.since <= at and (self.until is None or at < self.until)


@dataclass(frozen=True, slots=True)
class Post:
    """A position as a roster sees it: held from `since` until the day `until`; `works`: its account is not disabled."""

    id: UUID
    account_id: UUID
    name: str | None
    role: str
    node_id: UUID
    since: date
    until: date | None
    works: bool = True
    shifts: tuple[Shift, ...] = ()
    overrides: tuple[Override, ...] = ()

    def held_on(self, day: date) -> bool:
        """Whether it is held on the day."""
        return self.since <= day and (self.until is None or day < self.until)

    def override_at(self, at: datetime) -> Override | None:
        """The override in force, if there is one."""
        return next((override for override in self.overrides if override.holds_at(at)), None)


@dataclass(frozen=True, slots=True)
class Duty:
    """Somebody on duty for a node: by a position of their own, or standing in for another's (`stands_in_for`)."""

    account_id: UUID
    name: str | None
    position_id: UUID
    role: str
    node_id: UUID
    ground: Ground
    stands_in_for: UUID | None = None
    override_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Passed:
    """A nearer node at which nobody is on duty: nobody holds the role there, or whoever does is off duty."""

    node_id: UUID
    why: Literal["vacant", "off_duty"]


# --- One position ----------------------------------------------------------------------------------------------


def planned(post: Post, at: datetime) -> Ground | None:
    """Whether a position is on duty by its shifts alone."""
    day = local_date(at)
    if not post.held_on(day):
        return None
    since_midnight = at - _midnight(day)
    for opened, passed in (
        (day, since_midnight),
        (day - timedelta(days=1), since_midnight + timedelta(days=1)),
    ):
        if any(
            timedelta(minutes=shift.opens) <= passed < timedelta(minutes=shift.closes)
            for shift in post.shifts
            if shift.opens_on(opened)
        ):
            return "shift"
    return None if any(shift.valid_on(day) for shift in post.shifts) else "always"


def _ground(post: Post, at: datetime) -> Ground | None:
    if not post.works or not post.held_on(local_date(at)):
        return None
    override = post.override_at(at)
    if override is None:
        return planned(post, at)
    return "extra" if override.kind == "extra" else None


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), SHANGHAI)


def overlapping(shifts: Sequence[Shift]) -> int | None:
    """The place of the first shift that overlaps an earlier one, within a day or over midnight; None: none does."""
    for place, later in enumerate(shifts):
        if any(_overlap(earlier, later) for earlier in shifts[:place]):
            return place
    return None


def _overlap(one: Shift, other: Shift) -> bool:
    return any(
        one.opens < other.closes + shifted * DAY and other.opens + shifted * DAY < one.closes
        for opened in _days_of_both(one, other)
        if one.opens_on(opened)
        for shifted in (-1, 0, 1)
        if other.opens_on(opened + timedelta(days=shifted))
    )


def _days_of_both(one: Shift, other: Shift) -> list[date]:
    """Days among which two shifts meet if they ever do: both repeat weekly while both are valid."""
    sinces = [shift.since for shift in (one, other) if shift.since is not None]
    untils = [shift.until for shift in (one, other) if shift.until is not None]
    first = max(sinces) if sinces else min(untils, default=date(2024, 1, 1)) - timedelta(days=9)
    return [first + timedelta(days=number) for number in range(-1, 9)]


# --- Everybody of a role ---------------------------------------------------------------------------------------


def duties(posts: Sequence[Post], at: datetime) -> Iterator[Duty]:
    """Every duty of these positions at a moment. Whoever is absent themselves does not stand in."""
    by_id = {post.id: post for post in posts}
    for post in posts:
        override = post.override_at(at)
        ground = _ground(post, at)
        if ground is not None:
            extra = override.id if override is not None else None
            yield _duty(post, post.node_id, ground, override_id=extra)
        if override is None or override.kind != "absent" or override.stand_in is None:
            continue
        stand_in = by_id.get(override.stand_in)
        if stand_in is not None and planned(post, at) is not None and _can_stand_in(stand_in, at):
            yield _duty(stand_in, post.node_id, "stand_in", stands_in_for=post.id, override_id=override.id)


def _can_stand_in(post: Post, at: datetime) -> bool:
    override = post.override_at(at)
    present = override is None or override.kind == "extra"
    return present and post.works and post.held_on(local_date(at))


def _duty(
    post: Post, node_id: UUID, ground: Ground, *, stands_in_for: UUID | None = None, override_id: UUID | None
) -> Duty:
    return Duty(post.account_id, post.name, post.id, post.role, node_id, ground, stands_in_for, override_id)


def on_duty(path: Sequence[UUID], posts: Sequence[Post], at: datetime) -> list[Duty]:
    """Who is on duty for the node at the end of `path`: everybody on duty at the nearest node where anybody is.

    Nobody stands in it twice. Empty: nobody up to the company.
    """
    found = list(duties(posts, at))
    for node_id in reversed(path):
        here = [duty for duty in found if duty.node_id == node_id]
        if here:
            here.sort(key=lambda duty: (_GROUNDS.index(duty.ground), duty.position_id))
            once = {duty.account_id: duty for duty in reversed(here)}
            return [duty for duty in here if once[duty.account_id] is duty]
    return []


def passed_over(
    path: Sequence[UUID], posts: Sequence[Post], at: datetime, found: Sequence[Duty]
) -> list[Passed]:
    """The nodes nearer than those `found`, and why each was passed."""
    upwards = list(reversed(path))
    nearer = upwards if not found else upwards[: upwards.index(found[0].node_id)]
    day = local_date(at)
    held = {post.node_id for post in posts if post.works and post.held_on(day)}
    return [Passed(node_id, "off_duty" if node_id in held else "vacant") for node_id in nearer]


# --- Until when ------------------------------------------------------------------------------------------------


def on_duty_until(posts: Sequence[Post], duty: Duty, at: datetime) -> datetime | None:
    """Until when somebody is on duty for that node without a break, on whatever ground; None: no end in sight."""
    own = {post.id for post in posts if post.account_id == duty.account_id}
    concerned = [
        post
        for post in posts
        if post.id in own or any(override.stand_in in own for override in post.overrides)
    ]
    return _until_not(
        concerned,
        at,
        lambda then: any(
            (one.account_id, one.node_id) == (duty.account_id, duty.node_id)
            for one in duties(concerned, then)
        ),
    )


def changes_at(path: Sequence[UUID], posts: Sequence[Post], at: datetime) -> datetime | None:
    """When somebody else is on duty for the node than at `at`: the next handover; None: none in sight."""

    def who(then: datetime) -> set[tuple[UUID, UUID]]:
        return {(duty.account_id, duty.node_id) for duty in on_duty(path, posts, then)}

    now = who(at)
    return _until_not(posts, at, lambda then: who(then) == now)


def _until_not(posts: Sequence[Post], at: datetime, still: Callable[[datetime], bool]) -> datetime | None:
    then = at
    while (moment := _next_moment(posts, then)) is not None and moment <= at + LOOKS_AHEAD:
        if not still(moment):
            return moment.astimezone(UTC)
        then = moment
    return None


def _next_moment(posts: Iterable[Post], after: datetime) -> datetime | None:
    """The next moment at which one of these positions may come on duty or go off."""
    return min((moment for post in posts for moment in _moments(post, after) if moment > after), default=None)


def _moments(post: Post, after: datetime) -> Iterator[datetime]:
    day = local_date(after)
    yield _midnight(post.since)
    if post.until is not None:
        yield _midnight(post.until)
    for override in post.overrides:
        yield override.since
        if override.until is not None:
            yield override.until
    if not post.shifts:
        return
    # What opens later than tomorrow is found from the midnights in between.
    yield _midnight(day + timedelta(days=1))
    for opened in (day - timedelta(days=1), day):
        for shift in post.shifts:
            if shift.opens_on(opened):
                yield _midnight(opened) + timedelta(minutes=shift.opens)
                yield _midnight(opened) + timedelta(minutes=shift.closes)


# --- Standing in -----------------------------------------------------------------------------------------------

StandInFault = Literal[
    "stand_in_same_person",
    "stand_in_other_role",
    "stand_in_elsewhere",
    "stand_in_not_then",
    "stand_in_absent",
]


def stand_in_fault(
    absent: Post, path: Sequence[UUID], stand_in: Post, since: datetime, until: datetime | None
) -> StandInFault | None:
    """Why a position cannot stand in for another, whose node is the end of `path`, in that time; None: it can."""
    if stand_in.account_id == absent.account_id:
        return "stand_in_same_person"
    if stand_in.role != absent.role:
        return "stand_in_other_role"
    if stand_in.node_id not in path:
        return "stand_in_elsewhere"
    if not stand_in.works or not stand_in.held_on(local_date(since)) or not _held_until(stand_in, until):
        return "stand_in_not_then"
    if any(one.kind == "absent" and meet(one, since, until) for one in stand_in.overrides):
        return "stand_in_absent"
    return None


def _held_until(post: Post, until: datetime | None) -> bool:
    if post.until is None:
        return True
    return until is not None and until <= _midnight(post.until)


def held_between(post: Post, since: datetime, until: datetime | None) -> bool:
    """Whether a position is held at some moment of that time."""
    begins = until is None or _midnight(post.since) < until
    return begins and (post.until is None or since < _midnight(post.until))


def meet(override: Override, since: datetime, until: datetime | None) -> bool:
    """Whether an override and a time have a moment in common."""
    return (until is None or override.since < until) and (override.until is None or since < override.until)
