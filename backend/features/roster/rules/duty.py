"""Who is on duty, at which node, and until when."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Literal
from uuid import UUID

from backend.core.clock import local_date
from backend.features.roster.rules.shifts import Ground, Post, midnight, planned

LOOKS_AHEAD: Final = timedelta(days=8)
"""How far ahead a change is looked for: all that comes every week is found; what lasts longer has no end in sight."""

_GROUNDS: Final[tuple[Ground, ...]] = ("shift", "extra", "stand_in", "always")


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


def _ground(post: Post, at: datetime) -> Ground | None:
    if not post.works or not post.held_on(local_date(at)):
        return None
    override = post.override_at(at)
    if override is None:
        return planned(post, at)
    return "extra" if override.kind == "extra" else None


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
    yield midnight(post.since)
    if post.until is not None:
        yield midnight(post.until)
    for override in post.overrides:
        yield override.since
        if override.until is not None:
            yield override.until
    if not post.shifts:
        return
    # What opens later than tomorrow is found from the midnights in between.
    yield midnight(day + timedelta(days=1))
    for opened in (day - timedelta(days=1), day):
        for shift in post.shifts:
            if shift.opens_on(opened):
                yield midnight(opened) + timedelta(minutes=shift.opens)
                yield midnight(opened) + timedelta(minutes=shift.closes)
