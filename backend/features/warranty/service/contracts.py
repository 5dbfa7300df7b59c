"""Works contracts: the ledger of who built what, and how each leaves its warranty (WR-16, WR-18, MG-07)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from backend.core.caller import Caller
from backend.core.clock import local_date
from backend.core.errors import Conflict, Invalid, NotFound
from backend.core.ids import new_id
from backend.db.work import Work
from backend.features.estate.service import project_scope
from backend.features.people.service import scope_of
from backend.features.warranty.models import WorksContract
from backend.features.warranty.repository import contracts as repository
from backend.features.warranty.rules import Stage


@dataclass(frozen=True, slots=True)
class ContractView:
    """A contract, and how many defects its company was sent in this project and has not put right."""

    contract: WorksContract
    open_defects: int


async def contracts_page(
    work: Work,
    caller: Caller,
    now: datetime,
    project_id: UUID,
    stage: Stage | None,
    ends_before: date | None,
    after: tuple[date | None, UUID] | None,
    limit: int,
) -> list[ContractView]:
    """A page of a project's contracts, what ends first coming first.

    Raises:
        NotAllowed: `not_in_your_role`.
        NotFound: no such project in the caller's scope.
    """
    await project_scope(work, caller, now, project_id, "oversee")
    return await _views(
        work, project_id, await repository.page(work, project_id, stage, ends_before, after, limit)
    )


async def enter_contract(
    work: Work, caller: Caller, now: datetime, project_id: UUID, number: str, facts: Mapping[str, Any]
) -> ContractView:
    """Enter a contract into a project's ledger.

    Raises:
        NotAllowed: `not_in_your_role`.
        NotFound: no such project in the caller's scope.
        Conflict: `works_contract_number_taken`.
        Invalid: `works_contract_days`.
    """
    await project_scope(work, caller, now, project_id, "keep_warranty")
    _check_days(facts)
    contract = WorksContract(
        id=new_id(),
        project_id=project_id,
        number=number,
        staged_at=now,
        staged_by=caller.account_id,
        **facts,
    )
    work.add(contract)
    try:
        await work.flush()
    except IntegrityError as error:
        if "uq_works_contract_number" in str(error.orig):
            raise Conflict("works_contract_number_taken", field="number") from None
        raise
    return (await _views(work, project_id, [contract]))[0]


async def contract_to_edit(work: Work, caller: Caller, now: datetime, contract_id: UUID) -> ContractView:
    """A contract that the caller may edit, locked until the end of the unit of work.

    Raises:
        NotAllowed: `not_in_your_role`.
        NotFound: there is none in the caller's scope.
    """
    scope = await scope_of(work, caller, "keep_warranty", now)
    contract = await repository.within(work, contract_id, scope)
    if contract is None:
        raise NotFound()
    return (await _views(work, contract.project_id, [contract]))[0]


async def edit_contract(work: Work, held: ContractView, facts: Mapping[str, Any]) -> ContractView:
    """Write what a contract says that `contract_to_edit` has found.

    Raises:
        Conflict: `works_contract_settled`.
        Invalid: `works_contract_days`.
    """
    _check_open(held.contract)
    _check_days(facts)
    for name, value in facts.items():
        setattr(held.contract, name, value)
    await work.flush()
    return (await _views(work, held.contract.project_id, [held.contract]))[0]


async def set_stage(
    work: Work, caller: Caller, now: datetime, held: ContractView, stage: Stage, settled_on: date | None
) -> ContractView:
    """Say where a contract stands that `contract_to_edit` has found. Settled is for good (WR-18).

    Raises:
        Conflict: `works_contract_settled`.
        Invalid: `settled_on_required`, `settled_on_alone`, `date_in_future`.
    """
    contract = held.contract
    _check_open(contract)
    if (stage == "settled") != (settled_on is not None):
        code = "settled_on_required" if settled_on is None else "settled_on_alone"
        raise Invalid(code, field="settled_on")
    if settled_on is not None and settled_on > local_date(now):
        raise Invalid("date_in_future", field="settled_on", value=settled_on.isoformat())
    if contract.stage != stage:
        contract.stage, contract.settled_on = stage, settled_on
        contract.staged_at, contract.staged_by = now, caller.account_id
        await work.flush()
    return held


def _check_open(contract: WorksContract) -> None:
    if contract.stage == "settled":
        raise Conflict("works_contract_settled")


def _check_days(facts: Mapping[str, Any]) -> None:
    starts_on, ends_on = facts["starts_on"], facts["ends_on"]
    if starts_on is not None and ends_on is not None and ends_on < starts_on:
        raise Invalid("works_contract_days", field="ends_on")


async def _views(work: Work, project_id: UUID, found: Sequence[WorksContract]) -> list[ContractView]:
    sent = await repository.open_defects(work, project_id, list({one.unit for one in found}))
    return [ContractView(one, sent.get(one.unit, 0)) for one in found]
