"""What employees do with a conversation."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Response

from backend.core.locale import Locale
from backend.features.chat import schemas, service, telling
from backend.features.chat.routes.asked import OnNobody
from backend.platform.http.caller import Staff
from backend.platform.http.etags import IfMatch, check_version, version_tag
from backend.platform.http.problems import problems
from backend.platform.http.route import Here, Lang, Uow, router

handling = router(tag="conversations")

_REFUSED = problems(401, 403, 404, 409, 412)


@dataclass(frozen=True, slots=True)
class _Acting:
    """The conversation in the path, locked, with the caller's verbs; `do` answers with it as it stands then."""

    verbs: service.Handling
    do: Callable[[Awaitable[None]], Awaitable[schemas.Conversation]]


async def _acting(
    process: Here,
    work: Uow,
    caller: Staff,
    lang: Lang,
    nobody_on_duty: OnNobody,
    conversation_id: UUID,
    response: Response,
    if_match: IfMatch = None,
) -> _Acting:
    now = process.clock.now()
    conversation = await service.to_handle(work, caller, now, conversation_id)

    async def shown(locale: Locale) -> schemas.Conversation:
        return telling.conversation(
            await service.find_conversation(work, caller, now, conversation_id), caller, locale
        )

    if if_match is not None:
        check_version(if_match, conversation.version, (await shown(lang)).model_dump(mode="json"))

    async def do(verb: Awaitable[None]) -> schemas.Conversation:
        await verb
        # Whoever hands it on may no longer see it; what they have done they are told all the same.
        told = await service.find_handled(work, conversation_id)
        response.headers["etag"] = version_tag(told.row.version)
        return telling.conversation(told, caller, lang)

    verbs = service.Handling(work, process.waker, caller, now, nobody_on_duty, conversation)
    return _Acting(verbs, do)


Acting = Annotated[_Acting, Depends(_acting)]


@handling.post("/conversations/{conversation_id}/take", responses=_REFUSED)
async def take_conversation(acting: Acting) -> schemas.Conversation:
    """Take it, out of the queue or over from somebody. With `If-Match`, only as I have seen it."""
    return await acting.do(acting.verbs.take())


@handling.post("/conversations/{conversation_id}/transfer", responses=_REFUSED)
async def transfer_conversation(acting: Acting, asked: schemas.Transfer) -> schemas.Conversation:
    """Hand it to a person or to a role's queue, without losing a word; the note is for employees only."""
    to = service.To(asked.to_account, asked.to_role, asked.skill, asked.note)
    return await acting.do(acting.verbs.transfer(to))


@handling.post("/conversations/{conversation_id}/snooze", responses=_REFUSED)
async def snooze_conversation(acting: Acting, asked: schemas.Snooze) -> schemas.Conversation:
    """Put it off until a time. Its owner's next line brings it back at once.

    It comes back to whoever put it off, or to the queue when they are off duty, away or full by then.
    """
    return await acting.do(acting.verbs.snooze(asked.until))


@handling.post("/conversations/{conversation_id}/close", responses=_REFUSED)
async def close_conversation(acting: Acting, asked: schemas.Close) -> schemas.Conversation:
    """It is over. Its owner may rate it once, and open it again by saying something."""
    return await acting.do(acting.verbs.close(asked.reason))


@handling.post("/conversations/{conversation_id}/reopen", responses=_REFUSED)
async def reopen_conversation(acting: Acting) -> schemas.Conversation:
    """Go on with it, in my hands."""
    return await acting.do(acting.verbs.reopen())


@handling.post("/conversations/{conversation_id}/participants", responses=_REFUSED)
async def add_participant(acting: Acting, asked: schemas.NewParticipant) -> schemas.Conversation:
    """Ask an employee in: an engineer, a specialist. They see the whole conversation while they take part."""
    return await acting.do(acting.verbs.ask_in(asked.account_id))


@handling.delete("/conversations/{conversation_id}/participants/{account_id}", responses=_REFUSED)
async def remove_participant(acting: Acting, account_id: UUID) -> schemas.Conversation:
    """Somebody who was asked in no longer takes part."""
    return await acting.do(acting.verbs.let_go(account_id))
