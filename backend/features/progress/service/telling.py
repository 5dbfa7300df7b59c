"""Telling people: the audience of a post by one statement, whoever booked a visit by name."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, Literal
from uuid import UUID

from backend.core.clock import SHANGHAI
from backend.db.work import Work
from backend.features.notices.service import About, Selected, Telling, Value, tell, tell_many, tell_selected
from backend.features.progress.models import Post
from backend.features.progress.repository import audience, posts
from backend.features.progress.rules import NOTICE

SUBJECT: Final = "post"
"""The kind of subject that a post is to its photos and to those who are told of it."""


async def tell_published(work: Work, post: Post) -> None:
    """Tell everybody that a post was written down for; nobody twice, whatever is repeated."""
    code = NOTICE[post.kind]
    if code == "open_day":
        [first, *_] = await posts.slots_of(work, [post.id])
        day = _day(first.starts_at)
    else:
        day = ""
    known: dict[str, Value] = {
        "project": await posts.project_name(work, post.project_id),
        "title": post.title,
        "stage": post.stage or post.title,
        "day": day,
    }
    words: dict[str, tuple[str, ...]] = {
        "progress_post": ("project", "stage"),
        "post_correction": ("project", "stage"),
    }
    words |= {"newsletter": ("title",), "open_day": ("project", "title", "day")}
    data = {name: known[name] for name in words.get(code, ("project", "title"))}
    told = Selected(audience.TOLD, {"post_id": post.id})
    await tell_selected(work, code, data, About(SUBJECT, post.id), f"post:{post.id}", told)


async def tell_booked(work: Work, post: Post, booking: Any) -> None:
    """Tell whoever booked that they have a place."""
    data: dict[str, Value] = {
        "project": await posts.project_name(work, post.project_id),
        "day": _day(booking.starts_at),
    }
    about = About(SUBJECT, post.id)
    await tell(work, Telling("open_day_booked", [booking.account_id], data, about, f"booking:{booking.id}"))


def authors(post: Post) -> list[UUID]:
    """The employees whose post it is: who wrote it, who changed it last, and who has it published."""
    return list(
        {one: None for one in (post.written_by, post.edited_by, post.scheduled_by) if one is not None}
    )


async def tell_consent(
    work: Work,
    post: Post,
    code: Literal["post_held_back", "post_consent_withdrawn"],
    accounts: Sequence[UUID],
    missing: Mapping[UUID, int],
) -> None:
    """Tell employees that these people, by account and the number of their word, have withdrawn their consent.

    The words name nobody, and not the title either, in which a name may stand.
    """
    data: dict[str, Value] = {"project": await posts.project_name(work, post.project_id)}
    about = About(SUBJECT, post.id)
    await tell_many(
        work,
        [
            Telling(code, accounts, data, about, f"post-consent:{post.id}:{account_id}:{number}")
            for account_id, number in missing.items()
        ],
    )


def _day(moment: datetime) -> str:
    return moment.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")
