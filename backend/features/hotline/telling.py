"""Rows made into answers. What somebody must not see never passes here."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from backend.core.caller import Caller
from backend.core.clock import SHANGHAI
from backend.core.locale import Locale, say
from backend.features.hotline import schemas, service
from backend.features.hotline.models import CaseClock
from backend.features.hotline.rules.words import Severity
from backend.features.people.service import mask_name, mask_phone
from backend.features.standard.service import Label


def case(found: service.Found, caller: Caller, locale: Locale, alike: Sequence[Any] = ()) -> schemas.Case:
    """One, as the caller sees it. `alike`: what may be about the same, for staff."""
    row, staff = found.row, caller.kind == "staff"
    return schemas.Case(
        id=row.id,
        number=row.number,
        thread_id=row.thread_id,
        from_thread_id=row.from_thread_id if staff or row.reporter_id == caller.account_id else None,
        ticket_id=row.ticket_id,
        kind=row.kind,
        channel=row.channel,
        severity=shown_severity(row.severity, caller),
        category=row.category,
        step=row.step,
        service=row.service,
        provider=row.provider,
        gist=row.gist,
        photos=row.photos or [],
        place=schemas.CasePlace.model_validate(row),
        anonymous=row.anonymous,
        contact=_contact(row, caller),
        state=row.state,
        state_words=say(locale, f"case.state_{row.state}"),
        round=row.round,
        responsible=_responsible(row, locale, staff=staff),
        paused_for=row.paused_for,
        promises=[promise(one, found.promises.get(one.code), locale) for one in found.clocks],
        links=[schemas.LinkOfCase(**one) for one in row.links or []] if staff else [],
        received_at=row.received_at,
        done_at=row.done_at,
        ended_at=row.ended_at,
        close_reason=row.close_reason,
        merged_into_id=row.merged_into_id,
        inside=_inside(row, alike) if staff else None,
        version=row.version,
        can=found.can,
    )


def promise(clock: CaseClock, words: Label | None, locale: Locale) -> schemas.CasePromise:
    """A clock in plain words."""
    return schemas.CasePromise(
        code=clock.code,
        round=clock.round,
        name=say(locale, f"case.clock_{clock.code}"),
        words=None if words is None else spoken(words, locale).format(due=day_and_hour(clock.due_at)),
        stands=say(locale, f"case.stands_{clock.state}"),
        starts_at=clock.starts_at,
        due_at=clock.due_at,
        first_promise=clock.first_promise,
        provisional=clock.provisional,
        state=clock.state,
        breached_at=clock.breached_at,
        ended_at=clock.ended_at,
    )


def spoken(words: Label, locale: Locale) -> str:
    """Words in a language."""
    return {"zh-CN": words.zh_cn, "zh-TW": words.zh_tw, "en": words.en}[locale]


def day_and_hour(moment: datetime) -> str:
    """A moment as a promise says it, by the clock on the wall there."""
    return f"{moment.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"


def shown_severity(severity: Severity, caller: Caller) -> Severity:
    """How grave it is; what somebody suspects of a complaint is nothing to tell whoever made it."""
    return severity if caller.kind == "staff" or severity != "suspected_invalid" else "general"


def _responsible(row: Any, locale: Locale, *, staff: bool) -> schemas.Responsible | None:
    if row.responsible_role is None:
        return None
    return schemas.Responsible(
        role=row.responsible_role,
        role_words=say(locale, f"role.{row.responsible_role}"),
        account_id=row.responsible_id,
        name=row.responsible_name,
        because=row.because if staff else None,
    )


def _contact(row: Any, caller: Caller) -> schemas.CaseContact:
    """In full for the household, and for whoever has it while it lives."""
    has_it: bool = row.ended_at is None and caller.account_id == row.responsible_id
    if caller.kind == "owner" or has_it:
        return schemas.CaseContact(name=row.contact_name, phone=row.contact_phone, email=row.contact_email)
    return schemas.CaseContact(
        name=row.contact_name and mask_name(row.contact_name),
        phone=row.contact_phone and mask_phone(row.contact_phone),
        email=row.contact_email
        and f"{row.contact_email[:1]}***{row.contact_email[row.contact_email.index('@') :]}",
    )


def _inside(row: Any, alike: Sequence[Any]) -> schemas.CaseInside:
    return schemas.CaseInside(
        opened_by=UUID(str(row.opened_by)),
        opened_at=row.opened_at,
        late_reason=row.late_reason,
        informed=row.informed_roles,
        customer_position=row.customer_position,
        company_position=row.company_position,
        validity=row.validity,
        cause=row.cause,
        harm=row.harm,
        alike=[schemas.CaseAlike.model_validate(one) for one in alike],
    )
