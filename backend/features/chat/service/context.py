"""What whoever answers wants to see beside a conversation, in one request: masked, and within their scope."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from backend.core.caller import Caller
from backend.core.clock import local_date
from backend.core.errors import NotFound
from backend.core.locale import Locale
from backend.db.work import Work
from backend.features.chat.repository import context, views
from backend.features.chat.service.reading import Found, find_conversation
from backend.features.chat.service.rights import ANSWERING
from backend.features.journey.service import timeline_of, words
from backend.features.people.service import scope_of
from backend.features.repairs.service import tickets_of
from backend.features.standard.service import stored
from backend.platform.process import Process

_RELATED = 20


@dataclass(frozen=True, slots=True)
class Context:
    """`journey`: step, next promises and contact of the home it is about, as the owner's timeline has them.

    `tickets`: repairs of these homes, those that live first.
    """

    found: Found
    homes: Sequence[Any]
    journey: dict[str, Any] | None
    related: Sequence[Any]
    tickets: Sequence[Any]
    tasks: Sequence[dict[str, Any]]


async def context_of(
    process: Process, work: Work, caller: Caller, now: datetime, id_: UUID, locale: Locale
) -> Context:
    """All of it.

    Raises:
        NotFound: there is none for this caller.
        NotAllowed: `not_in_your_role`.
    """
    found = await find_conversation(work, caller, now, id_)
    row = found.row
    scope = await scope_of(work, caller, "see_people", now)
    homes = await context.homes(work, row.account_id, row.ownership_id, scope)
    about = homes[0] if homes and row.ownership_id in {None, homes[0].ownership_id} else None
    filters = {"about": id_, "about_account": row.account_id, "about_ownership": row.ownership_id}
    today = local_date(now)
    related = await views.seen(work, caller.account_id, ANSWERING, today, filters, None, _RELATED)
    open_tasks = await context.tasks(work, [home.journey_id for home in homes if home.journey_id is not None])
    return Context(
        found,
        homes,
        None if about is None else await _journey(process, caller, now, about.ownership_id, locale),
        related,
        await tickets_of(work, [home.ownership_id for home in homes], _RELATED),
        [await _task(work, task, locale) for task in open_tasks],
    )


async def _journey(
    process: Process, caller: Caller, now: datetime, ownership_id: UUID, locale: Locale
) -> dict[str, Any] | None:
    try:
        _, told = await timeline_of(process, caller, now, ownership_id, locale, shape="", holds=None)
    except NotFound:
        return None
    read: dict[str, Any] = json.loads(told or b"{}")
    return {name: read[name] for name in ("step", "next", "contact", "standard")}


async def _task(work: Work, task: Any, locale: Locale) -> dict[str, Any]:
    document = (await stored(work, task.standard_version_id)).document
    name = next(one.name for one in document.obligations if one.code == task.obligation)
    return {
        "id": task.id,
        "ownership_id": task.ownership_id,
        "obligation": task.obligation,
        "name": words(name, locale),
        "step": task.step,
        "role": task.role,
        "due_at": task.due_at,
    }
