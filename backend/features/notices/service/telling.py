"""Telling people: a row in the inbox of each, and by their kind's policy what is to be sent, in one transaction."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from backend.db.work import Work
from backend.features.notices.kinds import Policy
from backend.features.notices.policies import policies_now
from backend.features.notices.repository import telling as repository
from backend.features.notices.rules import ANNOUNCED_AT_ONCE
from backend.features.standard.service import NoticeChannel
from backend.platform.realtime.inboxes import EVERYBODY

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
    """What is told whom. `key` makes it once: nobody gets a second notice under it, however often it is told.

    `by`: of the channels of its kind only these; none named, all of them.
    """

    kind: str
    accounts: Sequence[UUID]
    data: Mapping[str, Value]
    about: About
    key: str
    by: frozenset[NoticeChannel] = frozenset()


@dataclass(frozen=True, slots=True)
class Selected:
    """An audience as a query: one column of account ids. Its named parameters must not begin with `n_`."""

    sql: str
    params: Mapping[str, Any]


async def tell(work: Work, telling: Telling) -> int:
    """Tell these people. Returns how many it was news for: see `tell_many`."""
    return await tell_many(work, [telling])


async def tell_many(work: Work, tellings: Sequence[Telling]) -> int:
    """Tell any number of things, a statement a kind. Returns how many rows of inboxes came of it.

    The open sockets of those concerned are poked when this commits; beyond two hundred people each node asks for all
    whose sockets it has.
    """
    if not any(one.accounts for one in tellings):
        return 0
    policies = await policies_now(work)
    by_kind: dict[tuple[str, frozenset[NoticeChannel]], list[repository.Row]] = {}
    for one in tellings:
        _check(policies[one.kind], one.data)
        by_kind.setdefault((one.kind, one.by), []).extend(
            _row(account, one.data, one.about, one.key) for account in one.accounts
        )
    told: set[UUID] = set()
    count = 0
    for (code, by), rows in by_kind.items():
        # Two rows under one key would be one too many for a statement that counts on it.
        unique = list({(row.account_id, row.key): row for row in rows}.values())
        if not unique:
            continue
        await repository.supersede(work, code, unique)
        policy = policies[code]
        if by:
            policy = replace(policy, channels=tuple(one for one in policy.channels if one in by))
        if len(unique) > ANNOUNCED_AT_ONCE and policy.lane == "normal":
            # So many are no matter of moments, and must not keep others waiting.
            policy = replace(policy, lane="bulk")
        new = await repository.tell(work, policy, unique)
        if policy.sms_after is not None:
            await repository.go_on_waiting(work, unique)
        told.update(new)
        count += len(new)
    _announce(work, told)
    return count


async def tell_selected(
    work: Work, kind: str, data: Mapping[str, Value], about: About, key: str, audience: Selected
) -> int:
    """Tell whom a query finds, ten thousand as one. Returns how many it was news for."""
    policy = (await policies_now(work))[kind]
    _check(policy, data)
    told = _row(about.subject_id, data, about, key)
    count = await repository.tell_selected(work, policy, told, audience.sql, audience.params)
    if count:
        work.announce(EVERYBODY)
    return count


async def withdraw(work: Work, subject_kind: str, subject_id: UUID) -> None:
    """Nobody is to be told of this any more: it leaves the inboxes, and what was not sent yet is not sent.

    What is with a provider already, or on a phone, cannot be called back; the log of each notice still says so.
    """
    _announce(work, await repository.withdraw(work, subject_kind, subject_id))


def _announce(work: Work, accounts: Collection[UUID]) -> None:
    if len(accounts) > ANNOUNCED_AT_ONCE:
        work.announce(EVERYBODY)
        return
    for account_id in accounts:
        work.announce(f"account:{account_id}")


def _row(account_id: UUID, data: Mapping[str, Value], about: About, key: str) -> repository.Row:
    return repository.Row(
        account_id, key, data, about.subject_kind, about.subject_id, about.thread_id, about.thread_seq
    )


def _check(policy: Policy, data: Mapping[str, Value]) -> None:
    kind = policy.kind
    if data.keys() != kind.words:
        raise ValueError(f"{kind.code} is told with {sorted(kind.words)}, not with {sorted(data)}")
