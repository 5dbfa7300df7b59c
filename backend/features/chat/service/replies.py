"""Canned replies, filled in for one conversation."""

from datetime import datetime
from uuid import UUID

from backend.core.caller import Caller
from backend.core.locale import DEFAULT, LOCALES, Locale, say
from backend.db.work import Work
from backend.features.chat.repository import conversations
from backend.features.chat.service.reading import find_conversation
from backend.features.replies.service import FilledReply, filled


async def replies_for(
    work: Work, caller: Caller, now: datetime, id_: UUID, locale: Locale | None
) -> list[FilledReply]:
    """Those of its project in the caller's language, or in `locale`, with the caller's own name as the agent's.

    The owner is called by what employees see of a name (S3-23): a surname. What is not known is `missing`.

    Raises:
        NotFound: there is none for this caller.
    """
    row = (await find_conversation(work, caller, now, id_)).row
    spoken = locale or _theirs(row.caller_locale)
    names = await conversations.names_of(work, [caller.account_id])
    home = None if row.building is None else " ".join(filter(None, (row.building, row.unit, row.room)))
    called = say(spoken, "chat.called", surname=row.caller_name[:1]) if row.caller_name else None
    values = {
        "owner": called,
        "home": home,
        "project": row.project,
        "hotline": row.hotline,
        "agent": names[caller.account_id],
    }
    return await filled(work, row.project_id, spoken, values)


def _theirs(written: str | None) -> Locale:
    return next((one for one in LOCALES if one == written), DEFAULT)
