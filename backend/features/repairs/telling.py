"""Rows made into answers. What somebody must not see never passes here."""

from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from backend.core.caller import Caller
from backend.core.locale import Locale, say
from backend.features.files.service import Links, Size
from backend.features.people.service import mask_name, mask_phone
from backend.features.repairs import schemas, service
from backend.features.standard.service import Label
from backend.platform.process import Process

_LOCAL: Final = ZoneInfo("Asia/Shanghai")


def ticket(process: Process, found: service.Found, caller: Caller, locale: Locale) -> schemas.Ticket:
    """One, as the caller sees it."""
    row = found.row
    return schemas.Ticket(
        id=row.id,
        thread_id=row.thread_id,
        from_thread_id=row.from_thread_id
        if caller.kind == "staff" or row.reporter_id == caller.account_id
        else None,
        project=schemas.Project(id=row.project_id, name=row.project),
        home=schemas.Home(ownership_id=row.ownership_id, building=row.building, unit=row.unit, room=row.room),
        place=row.place,
        component=row.component,
        description=row.description,
        photos=row.photos or [],
        suits=row.suits,
        urgent=row.urgent,
        cover=row.cover,
        state=row.state,
        state_words=say(locale, f"ticket.state_{row.state}"),
        hold_reason=row.hold_reason,
        engineer=None
        if row.engineer_id is None
        else schemas.Engineer(
            account_id=row.engineer_id,
            name=row.engineer_name,
            phone=_engineers_phone(process, row, caller),
            photo=_face(process, caller, row.engineer_face),
            because=row.because,
        ),
        contact=_contact(row, caller, ended=row.ended_at is not None),
        promises=[
            schemas.Promise(
                code=one.code,
                round=one.number,
                starts_at=one.starts_at,
                due_at=one.due_at,
                first_promise=one.first_promise,
                state=one.state,
                words=_promised(found.promises.get(one.code), locale, one.due_at),
                pauses=one.pauses,
                ended_at=one.ended_at,
            )
            for one in found.clocks
        ],
        ticks=schemas.Ticks(**found.ticks),
        protections=[schemas.Protection(**one) for one in row.protections or []],
        finish=row.finish and schemas.Finish.model_validate(row.finish),
        cleaning=row.cleaning and schemas.Cleaning.model_validate(row.cleaning),
        signature=row.signature and schemas.Signature.model_validate(row.signature),
        living=row.living and schemas.Living.model_validate(row.living),
        rating=row.rating and schemas.Rating.model_validate(row.rating),
        successions=[schemas.Succession(**one) for one in row.successions or []],
        visit=row.visit,
        visits_abortive=row.visits_abortive,
        appointments_moved=row.appointments_moved,
        opened_at=row.opened_at,
        done_at=row.done_at,
        ended_at=row.ended_at,
        version=row.version,
        can=found.can,
    )


def _engineers_phone(process: Process, row: Any, caller: Caller) -> str | None:
    """For the household while the ticket lives, unless they are connected without it."""
    if caller.kind != "owner" or row.ended_at is not None or process.settings.numbers_url:
        return None
    phone: str | None = row.engineer_phone
    return phone


def _face(process: Process, caller: Caller, face: dict[str, Any] | None) -> dict[Size, str] | None:
    if face is None:
        return None
    links = Links(process, caller)
    return {size: links.to(face["id"], size) for size in face["sizes"]}


def _contact(row: Any, caller: Caller, *, ended: bool) -> schemas.Contact:
    """In full for the household, and for the engineer while the ticket is live."""
    if caller.kind == "owner" or (caller.account_id == row.engineer_id and not ended):
        return schemas.Contact(name=row.contact_name, phone=row.contact_phone)
    return schemas.Contact(
        name=row.contact_name and mask_name(row.contact_name),
        phone=row.contact_phone and mask_phone(row.contact_phone),
    )


def _promised(words: Label | None, locale: Locale, due_at: datetime) -> str | None:
    if words is None:
        return None
    spoken = {"zh-CN": words.zh_cn, "zh-TW": words.zh_tw, "en": words.en}[locale]
    return spoken.format(due=f"{due_at.astimezone(_LOCAL):%Y-%m-%d %H:%M}")
