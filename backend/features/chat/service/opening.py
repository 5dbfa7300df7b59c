"""Opening a conversation: an owner from the app, or an employee for somebody who calls."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from backend.core.caller import Caller
from backend.core.errors import Conflict, Invalid, NotFound
from backend.core.ids import new_id
from backend.db.work import Work
from backend.features.chat import rules
from backend.features.chat.models import Conversation
from backend.features.chat.repository import agents, conversations
from backend.features.chat.service.desk import Desk, flush
from backend.features.chat.service.duty import NobodyOnDuty
from backend.features.chat.service.promising import promises_of
from backend.features.chat.service.rights import SHARING, require_seen
from backend.features.chat.service.sweeping import keep_sweeping
from backend.features.estate.service import lives_below
from backend.features.people.service import scope_of
from backend.features.roster.service import on_duty
from backend.platform.threads import NewEntry, open_threads


@dataclass(frozen=True, slots=True)
class Asked:
    """What is wanted. `id`: made by the phone, so that asking again opens nothing anew."""

    text: str
    id: UUID | None = None
    ownership_id: UUID | None = None
    project_id: UUID | None = None
    skill: str | None = None
    continues: UUID | None = None
    # Only by an employee.
    account_id: UUID | None = None
    caller_note: str | None = None
    channel: str | None = None


@dataclass(frozen=True, slots=True)
class _Place:
    """Where it belongs: the project, the node staff see it by, the home if it is about one."""

    project_id: UUID
    node_id: UUID
    ownership_id: UUID | None
    step: str | None
    shared: bool


async def open_conversation(
    work: Work, caller: Caller, now: datetime, nobody_on_duty: NobodyOnDuty, asked: Asked
) -> tuple[UUID, bool]:
    """Open one: its first line, its place in the queue and whoever takes it are one transaction.

    Returns its id, and whether it is new.

    Raises:
        Invalid: `home_or_project_missing`, `home_unknown`, `project_unknown`, `caller_unknown`, `caller_missing`,
        `continues_unknown`, `only_for_callers`.
        NotAllowed: `not_in_your_role`.
        Conflict: `id_taken`.
    """
    if asked.id is not None and await _opened_before(work, caller, now, asked.id):
        return asked.id, False
    if caller.kind == "owner":
        place = await _own_place(work, caller, asked)
        account_id: UUID | None = caller.account_id
    else:
        place, account_id = await _place_for_caller(work, caller, now, asked)
    if asked.continues is not None:
        await _check_continued(work, caller, now, asked.continues)
    id_ = asked.id or new_id()
    conversation = await _write(work, caller, now, asked, id_, place, account_id)
    if conversation is None:
        return id_, False
    if account_id is not None:
        await conversations.ask_in(work, conversation.id, account_id, "owner", now)
    mine = caller.kind == "staff"
    if mine:
        await agents.add_missing(work, caller.account_id)
    desk = await Desk.open(
        work, now, nobody_on_duty, [conversation], agent_ids=[caller.account_id] if mine else []
    )
    desk.entries.insert(
        0, NewEntry(conversation.thread_id, "text", {"text": asked.text}, caller.account_id, at=now)
    )
    desk.note(conversation, "opened", {"channel": conversation.channel}, caller.account_id)
    if mine and await _has_room(work, caller.account_id):
        [name] = (await conversations.names_of(work, [caller.account_id])).values()
        desk.give(conversation, caller.account_id, name, caller.account_id)
    else:
        desk.note(conversation, "queued", {})
    await desk.settle()
    await keep_sweeping(work, now)
    return conversation.id, True


async def _opened_before(work: Work, caller: Caller, now: datetime, id_: UUID) -> bool:
    found = await work.get(Conversation, id_)
    if found is None:
        return False
    if found.opened_by != caller.account_id:
        raise Conflict("id_taken", field="id")
    await require_seen(work, caller, now, id_)
    return True


async def _own_place(work: Work, caller: Caller, asked: Asked) -> _Place:
    """Of the caller's homes the one they name, or the project they live in; of a single one nothing need be named."""
    if asked.account_id or asked.caller_note or asked.channel:
        field = "account_id" if asked.account_id else "caller_note" if asked.caller_note else "channel"
        raise Invalid("only_for_callers", field=field)
    homes = await conversations.homes_of(work, caller.account_id)
    if asked.ownership_id is not None:
        homes = [home for home in homes if home.ownership_id == asked.ownership_id]
        if not homes:
            raise Invalid("home_unknown", field="ownership_id")
    if asked.project_id is not None:
        homes = [home for home in homes if home.project_id == asked.project_id]
        if not homes:
            raise Invalid("project_unknown", field="project_id")
    if len(homes) == 1 and (asked.ownership_id is not None or asked.project_id is None):
        return _at_home(homes[0], shared=homes[0].role in SHARING)
    return _in_project(homes)


def _in_project(homes: Sequence[Any]) -> _Place:
    projects = {home.project_id for home in homes}
    if len(projects) != 1:
        raise Invalid("home_or_project_missing", field="ownership_id")
    [project_id] = projects
    return _Place(project_id, project_id, None, None, shared=False)


def _at_home(home: Any, *, shared: bool) -> _Place:
    return _Place(home.project_id, home.building_id, home.ownership_id, home.step, shared)


async def _place_for_caller(
    work: Work, caller: Caller, now: datetime, asked: Asked
) -> tuple[_Place, UUID | None]:
    scope = await scope_of(work, caller, "answer_hotline", now)
    if asked.account_id is None and asked.ownership_id is None and asked.caller_note is None:
        raise Invalid("caller_missing", field="account_id")
    if asked.account_id is not None and not await lives_below(work, scope, asked.account_id):
        raise Invalid("caller_unknown", field="account_id")
    if asked.ownership_id is None:
        project_id = asked.project_id
        if project_id is None:
            raise Invalid("home_or_project_missing", field="project_id")
        if not await conversations.project_in_scope(work, project_id, scope):
            raise Invalid("project_unknown", field="project_id")
        return _Place(project_id, project_id, None, None, shared=False), asked.account_id
    home = await conversations.home_in_scope(work, asked.ownership_id, scope)
    if home is None or asked.project_id not in {None, home.project_id}:
        raise Invalid("home_unknown", field="ownership_id")
    if asked.account_id is None:
        # Somebody of the household, nobody knows who: it is the household's.
        return _at_home(home, shared=True), None
    theirs = await conversations.homes_of(work, asked.account_id)
    role = next((one.role for one in theirs if one.ownership_id == home.ownership_id), None)
    if role is None:
        raise Invalid("caller_unknown", field="account_id")
    return _at_home(home, shared=role in SHARING), asked.account_id


async def _check_continued(work: Work, caller: Caller, now: datetime, id_: UUID) -> None:
    try:
        await require_seen(work, caller, now, id_)
    except NotFound:
        raise Invalid("continues_unknown", field="continues") from None


async def _write(
    work: Work,
    caller: Caller,
    now: datetime,
    asked: Asked,
    id_: UUID,
    place: _Place,
    account_id: UUID | None,
) -> Conversation | None:
    # Whoever opens the same one at this moment waits here, and then finds it opened.
    thread_id = (await open_threads(work, "conversation", [id_]))[id_]
    if asked.id is not None and await _opened_before(work, caller, now, id_):
        return None
    somebody = bool(await on_duty(work, place.project_id, rules.AGENT, now))
    promises = await promises_of(work, place.project_id, now)
    conversation = Conversation(
        id=id_,
        project_id=place.project_id,
        node_id=place.node_id,
        ownership_id=place.ownership_id,
        account_id=account_id,
        caller_note=asked.caller_note,
        shared=place.shared,
        thread_id=thread_id,
        opened_by=caller.account_id,
        channel=asked.channel or ("app" if caller.kind == "owner" else "hotline"),
        step=place.step,
        role=rules.AGENT,
        skill=asked.skill,
        state="waiting",
        opened_at=now,
        waiting_since=now,
        promised_at=promises.first_answer(now, somebody_on_duty=somebody),
        continues_id=asked.continues,
    )
    work.add(conversation)
    await flush(work)
    return conversation


async def _has_room(work: Work, account_id: UUID) -> bool:
    [desk] = await agents.at_desk(work, [account_id], lock=False)
    return desk.limit is None or desk.load < desk.limit
