"""Telling people: a row in the inbox of each, and by their kind's policy what is to be sent, in one transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from backend.db.work import Work
from backend.features.notices.kinds import KINDS, Kind
from backend.features.notices.repository import telling as repository
from backend.features.notices.rules import ANNOUNCED_AT_ONCE

Value = str | int | Mapping[str, str]
"""What fills a placeholder; a mapping says it in each language (zh-CN, zh-TW, en)."""


@dataclass(frozen=True, slots=True)
class About:
    """What a notice leads to. `thread_seq`: the last line that it tells of; who has read that far is not disturbed."""

    subject_kind: str
    subject_id: UUID
    thread_id: UUID | None = None
    thread_seq: int | None = None


@dataclass(frozen=True, slots=True)
class Telling:
    """What is told whom. `key` makes it once: nobody gets a second notice under it, however often it is told."""

    kind: str
    accounts: Sequence[UUID]
    data: Mapping[str, Value]
    about: About
    key: str


@dataclass(frozen=True, slots=True)
class Selected:
    """An audience as a query: one column of account ids. Its named parameters must not begin with `n_`."""

    sql: str
    params: Mapping[str, Any]


async def tell(work: Work, telling: Telling) -> int:
    """Tell these people. Returns how many it was news for.

    Their open sockets are poked when this commits; beyond two hundred people nobody's is, and they find it later.
    """
    kind = _kind(telling.kind, telling.data)
    if not telling.accounts:
        return 0
    about = telling.about
    if about.thread_id is not None and about.thread_seq is not None:
        await repository.supersede(work, kind.code, telling.accounts, about.thread_id, about.thread_seq)
    new = await repository.tell(
        work,
        kind,
        telling.accounts,
        telling.data,
        telling.key,
        subject=(about.subject_kind, about.subject_id),
        thread=(about.thread_id, about.thread_seq),
    )
    if len(new) <= ANNOUNCED_AT_ONCE:
        for account_id in new:
            work.announce(f"account:{account_id}")
    return len(new)


async def tell_selected(
    work: Work, kind: str, data: Mapping[str, Value], about: About, key: str, audience: Selected
) -> int:
    """Tell whom a query finds, ten thousand as one. Returns how many it was news for."""
    return await repository.tell_selected(
        work,
        _kind(kind, data),
        data,
        key,
        (audience.sql, audience.params),
        subject=(about.subject_kind, about.subject_id),
        thread=(about.thread_id, about.thread_seq),
    )


def _kind(code: str, data: Mapping[str, Value]) -> Kind:
    kind = KINDS[code]
    if data.keys() != kind.words:
        raise ValueError(f"{code} is told with {sorted(kind.words)}, not with {sorted(data)}")
    return kind
