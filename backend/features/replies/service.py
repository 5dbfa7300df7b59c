"""The door of canned replies: reading, writing, and filling them in."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from backend.core.caller import Caller
from backend.core.errors import Conflict, Invalid, NotAllowed, NotFound
from backend.core.ids import new_id
from backend.core.locale import DEFAULT, Locale
from backend.db.work import Work
from backend.features.people.service import scope_of
from backend.features.replies import repository
from backend.features.replies.models import CannedReply
from backend.features.replies.rules import PLACEHOLDERS, BraceAlone, Filled, fill, placeholders_of
from backend.platform.tree import node_within, root_node

__all__ = [
    "PLACEHOLDERS",
    "CannedReply",
    "Filled",
    "FilledReply",
    "Reply",
    "edit",
    "fill",
    "filled",
    "find",
    "page",
    "placeholders_in",
    "withdraw",
    "write",
]


@dataclass(frozen=True, slots=True)
class Reply:
    """A reply to be written; `project_id` None: for the whole company."""

    project_id: UUID | None
    code: str
    title: str
    texts: Mapping[Locale, str]


@dataclass(frozen=True, slots=True)
class FilledReply:
    """A reply as it can be sent, in `locale`; `text` is None while values are `missing`."""

    id: UUID
    code: str
    title: str
    locale: Locale
    text: str | None
    missing: tuple[str, ...]


async def filled(
    work: Work, project_id: UUID, locale: Locale, values: Mapping[str, str | None]
) -> list[FilledReply]:
    """Every reply of a project, by code, filled with `values` (by the names of `PLACEHOLDERS`).

    A reply that has no text in `locale` is given in Simplified Chinese, and says so.
    """
    found = []
    for reply in await repository.of_project(work, project_id):
        spoken: Locale = locale if locale in reply.texts else DEFAULT
        result = fill(reply.texts[spoken], values)
        found.append(FilledReply(reply.id, reply.code, reply.title, spoken, result.text, result.missing))
    return found


async def page(
    work: Work, caller: Caller, now: datetime, project_id: UUID | None, after: str | None, limit: int
) -> Sequence[CannedReply]:
    """What stands for a project in the caller's scope; without one, for the whole company.

    Raises:
        NotAllowed: `not_in_your_role`.
        NotFound: no such project there.
    """
    scope = await scope_of(work, caller, "see_estate", now)
    if project_id is None:
        return await repository.of_company(work, after, limit)
    node = await node_within(work, project_id, scope)
    if node is None or node.kind != "project":
        raise NotFound()
    return await repository.of_project(work, project_id, after, limit)


async def write(work: Work, caller: Caller, now: datetime, wanted: Reply) -> CannedReply:
    """Write a reply for a project that the caller manages, or for the whole company.

    Raises:
        NotAllowed: `not_in_your_role`, for the company also when the caller manages less.
        Invalid: `project_unknown`, `reply_without_default`, `placeholder_unknown`, `brace_alone`.
        Conflict: `reply_code_taken`.
    """
    scope = await scope_of(work, caller, "oversee", now)
    node = await node_within(work, wanted.project_id or (await root_node(work)).id, scope)
    if wanted.project_id is None and node is None:
        raise NotAllowed("not_in_your_role")
    if node is None or node.kind not in ("project", "company"):
        raise Invalid("project_unknown", field="project")
    _check_texts(wanted.texts)
    reply = CannedReply(
        id=new_id(),
        node_id=node.id,
        code=wanted.code,
        title=wanted.title,
        texts=dict(wanted.texts),
        written_by=caller.account_id,
        written_at=now,
    )
    work.add(reply)
    try:
        await work.flush()
    except IntegrityError as error:
        if "uq_canned_reply_node_id_code" in str(error.orig):
            raise Conflict("reply_code_taken", field="code") from None
        raise
    return reply


async def find(work: Work, caller: Caller, now: datetime, reply_id: UUID) -> CannedReply:
    """A reply that the caller may change, locked.

    Raises:
        NotAllowed: `not_in_your_role`.
        NotFound: there is none.
    """
    reply = await repository.standing_within(work, reply_id, await scope_of(work, caller, "oversee", now))
    if reply is None:
        raise NotFound()
    return reply


async def edit(
    work: Work,
    caller: Caller,
    now: datetime,
    reply: CannedReply,
    title: str | None,
    texts: Mapping[Locale, str] | None,
) -> None:
    """Change the title or all texts of a reply that `find` has found; None leaves them. Raises as `write`."""
    if title is not None:
        reply.title = title
    if texts is not None:
        _check_texts(texts)
        reply.texts = dict(texts)
    reply.written_by, reply.written_at = caller.account_id, now
    await work.flush()


async def withdraw(work: Work, caller: Caller, now: datetime, reply: CannedReply) -> None:
    """Take a reply that `find` has found out of use; its code is free again. It stays on record."""
    reply.withdrawn_at, reply.withdrawn_by = now, caller.account_id
    await work.flush()


def placeholders_in(texts: Iterable[str]) -> list[str]:
    """What these texts are filled with, in the order of `PLACEHOLDERS`."""
    named = {name for text in texts for name in placeholders_of(text)}
    return [name for name in PLACEHOLDERS if name in named]


def _check_texts(texts: Mapping[Locale, str]) -> None:
    if DEFAULT not in texts:
        raise Invalid("reply_without_default", field=f"texts.{DEFAULT}")
    for locale, text in texts.items():
        try:
            named = placeholders_of(text)
        except BraceAlone:
            raise Invalid("brace_alone", field=f"texts.{locale}") from None
        for name in named:
            if name not in PLACEHOLDERS:
                raise Invalid(
                    "placeholder_unknown",
                    field=f"texts.{locale}",
                    name=name,
                    known=", ".join(f"{{{known}}}" for known in PLACEHOLDERS),
                )
