"""Visits as the wire tells them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from backend.core.locale import Locale, say
from backend.features.people.service import mask_name, mask_phone
from backend.features.standard.service import Label, Line
from backend.features.visits import schemas
from backend.features.visits.service import VisitView


def listed(row: Any, now: datetime, lang: Locale, *, whole: bool) -> schemas.ListedVisit:
    """A visit in a list; `whole`: with name and number in full."""
    return schemas.ListedVisit(**_listed(row, now, lang, whole=whole))


def visit(found: VisitView, now: datetime, lang: Locale, *, owner: bool) -> schemas.Visit:
    """One visit. What is asked is for who makes it; an owner sees the questions and what they answered."""
    row, sheet = found.row, found.sheet
    made = None
    if row.completed_at is not None:
        made = schemas.VisitMadeTold(
            at=row.completed_at,
            **{name: getattr(row, name) for name in schemas.VisitMadeTold.model_fields if name != "at"},
        )
    return schemas.Visit(
        **_listed(row, now, lang, whole=found.whole),
        script=_lines(sheet.questions, lang),
        checklist=_lines(sheet.checks, lang),
        actions=[
            schemas.VisitAction(action=one.code, name=_words(one.name, lang), rules=list(one.rules))
            for one in sheet.actions.values()
        ],
        bookings=[schemas.VisitBookingTold.model_validate(one) for one in found.bookings],
        attempts=[] if owner else [schemas.VisitAttemptTold.model_validate(one) for one in found.attempts],
        answers=[schemas.VisitAnswerTold.model_validate(one) for one in found.answers],
        findings=[schemas.VisitFindingTold.model_validate(one) for one in found.findings],
        made=made,
        void_why=row.void_why,
        voided_at=row.voided_at,
        may_make=found.makes,
    )


def _listed(row: Any, now: datetime, lang: Locale, *, whole: bool) -> dict[str, Any]:
    name, phone = row.contact_name, row.contact_phone
    if not whole:
        name, phone = name and mask_name(name), phone and mask_phone(phone)
    booked = None
    if row.starts_at is not None:
        booked = schemas.VisitBookedFor(starts_at=row.starts_at, ends_at=row.ends_at, mode=row.booked_mode)
    live = row.state in {"planned", "booked"}
    until = now if live else row.completed_at
    same = (
        "id", "kind", "state", "subject_kind", "subject_id", "thread_id", "role", "visitor_id", "visitor", "due_at",
        "first_due_at", "completed_at", "low", "version",
    )  # fmt: skip
    return {one: getattr(row, one) for one in same} | {
        "kind_words": say(lang, f"visit.kind_{row.kind}"),
        "place": schemas.VisitPlace.model_validate(row),
        "contact": schemas.VisitContact(account_id=row.contact_id, name=name, phone=phone),
        "overdue": row.due_at is not None and until is not None and row.due_at < until,
        "booked": booked,
    }


def _lines(lines: Mapping[int, Line], lang: Locale) -> list[schemas.VisitQuestion]:
    return [
        schemas.VisitQuestion(line=place, text=_words(one.text, lang), rules=list(one.rules))
        for place, one in lines.items()
    ]


def _words(label: Label, lang: Locale) -> str:
    return {"zh-CN": label.zh_cn, "zh-TW": label.zh_tw, "en": label.en}[lang]
