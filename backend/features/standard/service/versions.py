"""The life of a version: drafted, approved by another, effective from a day, and superseded (RC-18, RC-27, RC-28)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from backend.core.caller import Caller
from backend.core.clock import local_date
from backend.core.errors import Conflict, Fault, Invalid, NotAllowed, NotFound
from backend.core.ids import new_id
from backend.db.work import Work
from backend.features.people.service import ROLES, Capability, scope_of
from backend.features.standard import repository
from backend.features.standard.document import Standard
from backend.features.standard.models import StandardVersion
from backend.features.standard.reading import Unreadable
from backend.features.standard.rules import (
    FIRST,
    Edition,
    VersionsUsedUp,
    digest,
    faults,
    in_order,
    last_day_in_order,
    next_version,
    plain,
    standing,
)
from backend.features.standard.rules.versions import Standing
from backend.platform.tree import root_node

_LATEST: Final = date(2100, 12, 31)


@dataclass(frozen=True, slots=True)
class Told:
    """A version as it stands on a day."""

    row: StandardVersion
    standing: Standing
    in_order: bool
    in_order_until: date | None


async def standards_page(work: Work, now: datetime, after: str | None, limit: int) -> Sequence[Any]:
    """The standards by code, each with its version in effect today and its draft."""
    return await repository.standards(work, local_date(now), after or "", limit)


async def versions_of(work: Work, now: datetime, code: str) -> list[Told]:
    """Every version of a standard, the first one first; their documents are not read.

    Raises:
        NotFound: no such standard.
    """
    found = await repository.versions(work, code)
    if not found:
        raise NotFound()
    editions = [Edition(row.version, row.effective_from, days) for row, days in found]
    today = local_date(now)
    return [
        Told(
            row,
            standing(edition, editions, today),
            in_order(edition, editions, today),
            last_day_in_order(edition, editions) if edition.effective_from else None,
        )
        for (row, _), edition in zip(found, editions, strict=True)
    ]


async def version_of(work: Work, now: datetime, code: str, version: str) -> tuple[Told, Standard]:
    """One version with its document.

    Raises:
        NotFound: no such version.
    """
    row = await repository.version(work, code, version)
    if row is None:
        raise NotFound()
    told = next(one for one in await versions_of(work, now, code) if one.row.id == row.id)
    return told, Standard.model_validate(row.document)


async def editor(work: Work, caller: Caller, now: datetime) -> None:
    """Only whoever writes standards for the whole company goes on.

    Raises:
        NotAllowed: `not_in_your_role`.
    """
    await _at_the_company(work, caller, now, "edit_standard")


async def draft_to_edit(
    work: Work, caller: Caller, now: datetime, code: str, version: str, capability: Capability
) -> StandardVersion:
    """A draft, locked until the end of the unit of work, as are all versions of its standard.

    Raises:
        NotAllowed: `not_in_your_role`.
        NotFound: no such version.
        Conflict: `standard_approved`.
    """
    await _at_the_company(work, caller, now, capability)
    if await repository.version(work, code, version) is None:
        raise NotFound()
    await repository.lock(work, code)
    row = await repository.version(work, code, version, lock=True)
    assert row is not None
    if row.state == "approved":
        raise Conflict("standard_approved", version=version)
    return row


async def propose(
    work: Work, caller: Caller, now: datetime, code: str, standard: Standard
) -> StandardVersion:
    """Draft the next version. The text in effect holds until the draft is approved (RC-18); the caller is an `editor`.

    Raises:
        Invalid: `standard_wrong` with every fault, `standard_other_code`, `standard_version_expected`.
        Conflict: `standard_draft_exists`, `standard_versions_used_up`.
    """
    _sound(code, standard)
    await repository.lock(work, code)
    rows = [row for row, _ in await repository.versions(work, code)]
    for row in rows:
        if row.state == "draft":
            raise Conflict("standard_draft_exists", version=row.version)
    try:
        _this_version(standard, next_version(rows[-1].version) if rows else FIRST)
    except VersionsUsedUp:
        raise Conflict("standard_versions_used_up") from None
    draft = StandardVersion(id=new_id(), code=code, version=standard.version, state="draft")
    _write(draft, caller, now, standard)
    work.add(draft)
    await work.flush()
    return draft


async def replace_draft(
    work: Work, caller: Caller, now: datetime, draft: StandardVersion, standard: Standard
) -> StandardVersion:
    """Give a draft that `draft_to_edit` has found another text. Whoever writes it is who proposes it from now on.

    Raises:
        Invalid: `standard_wrong` with every fault, `standard_other_code`, `standard_version_expected`.
    """
    _sound(draft.code, standard)
    _this_version(standard, draft.version)
    _write(draft, caller, now, standard)
    await work.flush()
    return draft


async def approve(
    work: Work, caller: Caller, now: datetime, draft: StandardVersion, effective_from: date, reason: str
) -> StandardVersion:
    """Approve a draft that `draft_to_edit` has found; it takes effect on a day to come, or today.

    The method reviews by another than the one who wrote (RO-52) and lets the quality department supervise (RO-45).

    Raises:
        NotAllowed: `standard_own_draft`.
        Invalid: `standard_effective_in_past`, `standard_effective_too_early`, `date_out_of_range`.
    """
    if draft.proposed_by == caller.account_id:
        raise NotAllowed("standard_own_draft")
    if effective_from < local_date(now):
        raise Invalid("standard_effective_in_past", field="effective_from")
    if effective_from > _LATEST:
        raise Invalid("date_out_of_range", field="effective_from", value=effective_from.isoformat())
    for row, _ in await repository.versions(work, draft.code):
        if row.effective_from is not None and row.effective_from >= effective_from:
            raise Invalid(
                "standard_effective_too_early",
                field="effective_from",
                version=row.version,
                date=row.effective_from.isoformat(),
            )
    draft.state = "approved"
    draft.approved_by, draft.approved_at = caller.account_id, now
    draft.effective_from, draft.reason = effective_from, reason
    await work.flush()
    return draft


def unreadable(error: Unreadable) -> Invalid:
    """The refusal of a document that could not be read."""
    return Invalid(
        "standard_wrong",
        faults=tuple(Fault(one.path or "body", one.code, one.params) for one in error.faults),
    )


def _sound(code: str, standard: Standard) -> None:
    if standard.code != code:
        raise Invalid("standard_other_code", field="code", expected=code)
    if found := faults(standard, ROLES):
        raise Invalid(
            "standard_wrong", faults=tuple(Fault(one.path, one.code, one.params) for one in found[:200])
        )


def _this_version(standard: Standard, expected: str) -> None:
    if standard.version != expected:
        raise Invalid("standard_version_expected", field="version", expected=expected)


def _write(draft: StandardVersion, caller: Caller, now: datetime, standard: Standard) -> None:
    draft.document, draft.digest = plain(standard), digest(standard)
    draft.proposed_by, draft.proposed_at = caller.account_id, now


async def _at_the_company(work: Work, caller: Caller, now: datetime, capability: Capability) -> None:
    # A standard is the whole company's; a position at one project says nothing about it.
    scope = await scope_of(work, caller, capability, now)
    if (await root_node(work)).id not in scope:
        raise NotAllowed("not_in_your_role")
