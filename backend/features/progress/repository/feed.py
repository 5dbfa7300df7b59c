"""The feed of a home: what phones ask for all the time, so one statement tells which posts and what of them may change.

What a published post says does not change; it is read elsewhere, once for many.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

from sqlalchemy import text

from backend.db.direct import Direct
from backend.db.work import Work
from backend.features.progress.repository.audience import ABOUT_ONE, REACHED


def _found(home: str, before: str, limit: str) -> str:
    """A query for the posts of a home.

    Whoever lives there is shown what they were told as well, such as the correction of a post for others: asked
    by account, for a post has ten thousand receipts. The home is found by itself (OFFSET), or all homes would be read.
    """
    return f"""SELECT p.id, p.published_at, p.kind FROM (
        SELECT o.id, o.project_id, o.home_id, j.step FROM ownership o
        LEFT JOIN journey j ON j.ownership_id = o.id AND j.ended_at IS NULL WHERE o.id = {home} OFFSET 0
    ) j CROSS JOIN LATERAL (SELECT building_id FROM home WHERE home.id = j.home_id OFFSET 0) h
    JOIN post p ON p.project_id = j.project_id AND p.state = 'published'
    WHERE ({ABOUT_ONE} AND {REACHED} OR EXISTS (
        SELECT FROM household_member x JOIN post_receipt r ON r.post_id = p.id AND r.account_id = x.account_id
        WHERE x.ownership_id = j.id AND x.ended_at IS NULL AND r.ownership_id = j.id OFFSET 0)){before}
    ORDER BY p.published_at DESC, p.id DESC LIMIT {limit}"""


_BEFORE: Final = " AND (p.published_at, p.id) < (:at, :id)"
_GATHERED_BEFORE: Final = " AND (asked.at IS NULL OR (p.published_at, p.id) < (asked.at, asked.id))"

_TIME: Final = """to_char({} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')"""
_SLOTS: Final = f"""SELECT json_agg(json_build_object('id', s.id, 'place', s.place,
        'starts_at', {_TIME.format("s.starts_at")}, 'ends_at', {_TIME.format("s.ends_at")},
        'left', s.capacity - s.booked) ORDER BY s.starts_at, s.place, s.id)::text
    FROM open_day_slot s WHERE s.post_id = f.id"""
_BOOKING: Final = f"""SELECT json_build_object('id', b.id, 'slot', b.slot_id, 'ownership', b.ownership_id,
        'place', s.place, 'starts_at', {_TIME.format("s.starts_at")}, 'ends_at', {_TIME.format("s.ends_at")},
        'persons', b.persons, 'booked_at', {_TIME.format("b.booked_at")}, 'cancelled_at', NULL)::text
    FROM open_day_booking b JOIN open_day_slot s ON s.id = b.slot_id
    WHERE b.post_id = f.id AND b.ownership_id = asked.ownership_id AND b.cancelled_at IS NULL"""
# For all who ask at once, each for a home: their role there, and the page.
_PAGE: Final = f"""
SELECT asked.place, m.role, page.posts
FROM unnest($1::uuid[], $2::uuid[], $3::timestamptz[], $4::uuid[])
    WITH ORDINALITY AS asked (ownership_id, account_id, at, id, place)
JOIN household_member m ON m.ownership_id = asked.ownership_id AND m.account_id = asked.account_id
    AND m.ended_at IS NULL
CROSS JOIN LATERAL (
    SELECT array_agg(ROW(
        f.id, f.published_at,
        (SELECT array_agg(c.id ORDER BY c.published_at, c.id) FROM post c
            WHERE c.corrects_id = f.id AND c.state = 'published'),
        {_TIME.format("r.read_at")}, {_TIME.format("r.confirmed_at")},
        CASE f.kind WHEN 'open_day' THEN ({_SLOTS}) END, CASE f.kind WHEN 'open_day' THEN ({_BOOKING}) END
    ) ORDER BY f.published_at DESC, f.id DESC) AS posts
    FROM ({_found("asked.ownership_id", _GATHERED_BEFORE, "$5 + 1")}) f
    LEFT JOIN post_receipt r ON r.post_id = f.id AND r.account_id = asked.account_id
) page"""


class Row(NamedTuple):
    """A post of a page, and what changes of it after it was published. Times, slots and booking as JSON has them."""

    id: UUID
    published_at: datetime
    corrected_by: Sequence[UUID] | None
    read_at: str | None
    confirmed_at: str | None
    slots: str | None
    booking: str | None


async def page(
    direct: Direct, ownership_id: UUID, account_id: UUID, after: tuple[datetime, UUID] | None, limit: int
) -> tuple[str, list[Row]] | None:
    """The account's role in this home and what was published about the home, the newest first, one more than `limit`.

    Also what was before it was theirs who own it now. None: it is no home of theirs.
    """
    asked = (ownership_id, account_id, *(after or (None, None)))
    rows = await direct.gathered(_PAGE, asked, (limit,))
    return (rows[0]["role"], [Row(*one) for one in rows[0]["posts"] or ()]) if rows else None


async def ids(
    work: Work, ownership_id: UUID, after: tuple[datetime, UUID] | None, limit: int
) -> Sequence[UUID]:
    """The posts of such a page, for an employee who looks."""
    values: dict[str, Any] = {"ownership_id": ownership_id, "limit": limit}
    if after is not None:
        values["at"], values["id"] = after
    found = _found(":ownership_id", _BEFORE if after else "", ":limit")
    return list(await work.scalars(text(found), values))
