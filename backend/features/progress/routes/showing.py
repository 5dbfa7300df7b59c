"""How a post, its photos and its bookings are shown."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from backend.core.caller import Caller
from backend.features.files.service import Links, Size
from backend.features.progress import schemas, service
from backend.platform.process import Process

To = Callable[[UUID, Size], str]
"""Gives the address that opens one size of a file."""


def shown(process: Process, caller: Caller, view: service.PostView, to: To | None = None) -> schemas.Post:
    """A post as this caller sees it, with fresh links to its photos unless `to` leads elsewhere."""
    post, mine, to = view.post, view.mine, to or Links(process, caller).to
    return schemas.Post(
        id=post.id,
        project=post.project_id,
        kind=post.kind,
        state=post.state,
        title=post.title,
        text=post.text,
        stage=post.stage,
        milestone=view.milestone,
        month=post.month,
        everywhere=post.everywhere,
        buildings=[
            schemas.Building(building=one.building_id, name=one.name, percent=one.percent)
            for one in view.buildings
        ],
        photos=[
            schemas.Photo(
                file=one.file_id,
                viewpoint=one.viewpoint,
                caption=one.caption,
                sizes=sizes(to, one.file_id, one.sizes),
            )
            for one in view.photos
        ],
        slots=[
            schemas.Slot(
                id=one.id,
                place=one.place,
                starts_at=one.starts_at,
                ends_at=one.ends_at,
                left=one.capacity - one.booked,
            )
            for one in view.slots
        ],
        corrects=post.corrects_id,
        corrected_by=list(view.corrected_by),
        must_confirm=post.must_confirm,
        published_at=post.published_at,
        read_at=mine.read_at if mine is not None else None,
        confirmed_at=mine.confirmed_at if mine is not None else None,
        booking=booking_shown(view.booking) if view.booking is not None else None,
        desk=_desk(view) if caller.kind == "staff" else None,
    )


def sizes(to: To, file_id: UUID, kept: Mapping[Any, Mapping[str, int]]) -> dict[str, schemas.PhotoSize]:
    """The sizes of a photo, each with its address."""
    return {
        size: schemas.PhotoSize(width=one.get("width"), height=one.get("height"), link=to(file_id, size))
        for size, one in kept.items()
    }


def booking_shown(row: Any) -> schemas.Booking:
    """A booking with its slot."""
    return schemas.Booking(
        id=row.id,
        slot=row.slot_id,
        ownership=row.ownership_id,
        place=row.place,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        persons=row.persons,
        booked_at=row.booked_at,
        cancelled_at=row.cancelled_at,
    )


def _desk(view: service.PostView) -> schemas.Desk:
    post, counts = view.post, view.counts
    return schemas.Desk(
        written_by=post.written_by,
        edited_by=post.edited_by,
        edited_at=post.edited_at,
        reviewed_by=post.reviewed_by,
        reviewed_at=post.reviewed_at,
        opinion=post.opinion,
        scheduled_by=post.scheduled_by,
        publish_at=post.publish_at,
        taken_back_by=post.taken_back_by,
        taken_back_at=post.taken_back_at,
        taken_back_reason=post.taken_back_reason,
        steps=post.steps,
        names=[
            schemas.Named(account=one.account_id, name=one.name, consented=one.consented)
            for one in view.names
        ],
        told=counts.told if counts is not None else 0,
        read=counts.read if counts is not None else 0,
        confirmed=counts.confirmed if counts is not None else 0,
        version=post.version,
    )
