"""The owner's timeline: where am I, what comes next, who is my contact, what happened, what was promised and kept."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from backend.core.caller import Caller
from backend.core.clock import local_date
from backend.core.errors import NotFound
from backend.core.locale import Locale
from backend.features.journey.repository.timeline import timeline
from backend.features.journey.service.telling import tag_of, told
from backend.features.journey.service.wording import CONTACTS, Wording, wording_of
from backend.features.people.service import Asker, asker_of_dates
from backend.features.standard.service import stored
from backend.platform.process import Process

# An approved version never changes: its words are made ready once a process and language.
_wordings: dict[tuple[UUID, Locale], Wording] = {}


async def timeline_of(
    process: Process,
    caller: Caller,
    now: datetime,
    ownership_id: UUID,
    locale: Locale,
    *,
    shape: str,
    holds: Callable[[str], bool] | None,
) -> tuple[str, bytes | None]:
    """The journey's entity tag and, unless the caller `holds` that already, the journey as JSON.

    The household sees it by role, as the ownership's dates; employees in their scope, with what is meant for them only.

    Raises:
        NotAllowed: `not_in_your_role`: an employee without any position that sees the estate.
        NotFound: there is none for this caller.
    """
    asker = await asker_of_dates(process, caller, now)
    asked = (process, ownership_id, asker, now)
    if holds is not None:
        head = await _found("mark", *asked)
        tag = tag_of(head, *await _wordings_for(process, head, locale), shape)
        if holds(tag):
            return tag, None
    facts = await _found("facts", *asked)
    words = await _wordings_for(process, facts, locale)
    return tag_of(facts, *words, shape), told(ownership_id, facts, *words)


async def _found(
    what: Literal["mark", "facts"], process: Process, ownership_id: UUID, asker: Asker, now: datetime
) -> Any:
    found = await timeline(
        process.direct, what, ownership_id, asker, today=local_date(now), contact_roles=CONTACTS
    )
    if found is None:
        raise NotFound()
    return found


async def _wordings_for(process: Process, head: Any, locale: Locale) -> tuple[Wording, Wording]:
    """The words of the journey's standard, and of the one its project's own journey was laid out from."""
    version, shared = head["standard_version_id"], head["shared_version_id"]
    words = await wording_in(process, version, locale)
    return words, words if shared in {None, version} else await wording_in(process, shared, locale)


async def wording_in(process: Process, version_id: UUID, locale: Locale) -> Wording:
    """The words of a version of a standard in a language."""
    key = (version_id, locale)
    if key not in _wordings:
        async with process.works.begin() as work:
            _wordings[key] = wording_of((await stored(work, version_id)).document, locale)
    return _wordings[key]
