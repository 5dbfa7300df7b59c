"""Rows made into answers. What an owner must not see never passes here."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from backend.core.caller import Caller
from backend.core.locale import Locale, say
from backend.features.chat import schemas, service
from backend.features.chat.schemas import State
from backend.features.people.service import mask_name, mask_phone

_PREVIEW = 80


def conversation(found: service.Found, caller: Caller, locale: Locale) -> schemas.Conversation:
    """One, as the caller sees it."""
    row, staff = found.row, caller.kind == "staff"
    state = row.state if staff else _outside(row.state)
    agent = None
    if row.agent_id is not None and row.state != "closed":
        agent = schemas.Agent(account_id=row.agent_id, name=row.agent_name)
    return schemas.Conversation(
        id=row.id,
        thread_id=row.thread_id,
        project=schemas.Project(id=row.project_id, name=row.project),
        home=_home(row),
        state=state,
        channel=row.channel,
        opened_at=row.opened_at,
        waiting_since=row.waiting_since if row.state == "waiting" else None,
        place=row.place,
        promised_at=row.promised_at,
        first_answered_at=row.first_answered_at,
        agent=agent,
        duty=_duty(row, locale),
        closed_at=row.closed_at,
        rating=None if row.stars is None else schemas.Rating(stars=row.stars, text=row.rating_text),
        continues=row.continues_id,
        version=row.version,
        people=[_participant(one, staff) for one in found.people],
        staff=_for_staff(row) if staff else None,
    )


def _outside(state: State) -> State:
    """What an owner is told of a state: what was put off is in hand."""
    return "assigned" if state == "snoozed" else state


def _home(row: Any) -> schemas.Home | None:
    if row.ownership_id is None:
        return None
    return schemas.Home(ownership_id=row.ownership_id, building=row.building, unit=row.unit, room=row.room)


def _duty(row: Any, locale: Locale) -> schemas.Duty | None:
    if row.told_role is None:
        return None
    name = say(locale, f"role.{row.told_role}")
    return schemas.Duty(role=row.told_role, role_name=name, name=row.told_name)


def _participant(one: Any, staff: bool) -> schemas.Participant:
    name = mask_name(one.name) if staff and one.kind == "owner" and one.name else one.name
    return schemas.Participant(account_id=one.account_id, part=one.part, name=name, since=one.since)


def _for_staff(row: Any) -> schemas.ForStaff:
    return schemas.ForStaff(
        caller_id=row.account_id,
        caller_name=row.caller_name and mask_name(row.caller_name),
        caller_phone=row.caller_phone and mask_phone(row.caller_phone),
        caller_note=row.caller_note,
        step=row.step,
        role=row.role,
        skill=row.skill,
        snoozed_until=row.snoozed_until,
        close_reason=row.close_reason,
        shared=row.shared,
    )


def queued(row: Any, now: datetime, writers: Sequence[service.Writer]) -> schemas.Queued:
    """One that waits, for whoever looks over the queue."""
    body = row.said_body or {}
    words = body.get("text") or body.get("caption") or body.get("name")
    home = None
    if row.building is not None:
        home = f"{row.building} {row.unit} {row.room}".replace("  ", " ")
    return schemas.Queued(
        id=row.id,
        thread_id=row.thread_id,
        project=schemas.Project(id=row.project_id, name=row.project),
        home=home,
        role=row.role,
        skill=row.skill,
        channel=row.channel,
        caller=mask_name(row.caller_name) if row.caller_name else row.caller_note,
        waiting_since=row.waiting_since,
        waited_seconds=max(0, int((now - row.waiting_since).total_seconds())),
        place=row.place,
        promised_at=row.promised_at,
        late=row.promised_at is not None and row.promised_at < now,
        told_role=row.told_role,
        last_kind=row.said_kind,
        preview=words[:_PREVIEW] if words else None,
        typing=[
            schemas.Writer(
                kind="owner" if one.account_id is None else "staff", account_id=one.account_id, name=one.name
            )
            for one in writers
        ],
    )


def place(row: Mapping[str, Any]) -> schemas.Place:
    """Where it stands in line."""
    state = _outside(row["state"])
    return schemas.Place(
        id=row["id"],
        state=state,
        place=row["place"],
        promised_at=row["promised_at"],
        agent=row["agent_name"] if state == "assigned" else None,
    )


def context(told: service.Context, caller: Caller, locale: Locale) -> schemas.Context:
    """What stands beside a conversation."""
    return schemas.Context(
        conversation=conversation(told.found, caller, locale),
        homes=[
            schemas.ContextHome(
                home_id=one.home_id,
                ownership_id=one.ownership_id,
                project=schemas.Project(id=one.project_id, name=one.project),
                building=one.building,
                unit=one.unit,
                room=one.room,
                layout=one.layout,
                role=one.role,
            )
            for one in told.homes
        ],
        journey=told.journey,
        related=[conversation(service.Found(row), caller, locale) for row in told.related],
        tickets=[
            schemas.ContextTicket(
                id=one.id,
                thread_id=one.thread_id,
                ownership_id=one.ownership_id,
                place=one.place,
                component=one.component,
                description=one.description,
                urgent=one.urgent,
                state=one.state,
                state_words=say(locale, f"ticket.state_{one.state}"),
                engineer=one.engineer,
                opened_at=one.opened_at,
                ended_at=one.ended_at,
                due_at=one.due_at,
            )
            for one in told.tickets
        ],
        tasks=[schemas.ContextTask.model_validate(one) for one in told.tasks],
    )
