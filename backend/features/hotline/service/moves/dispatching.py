"""Saying what a case is about and whose it is: the end of C1 (HC-05 to HC-09, HC-21)."""

from collections.abc import Iterable
from typing import Any

from backend.core.errors import Conflict, Invalid
from backend.features.hotline.acts import Classify, Dispatch, Nothing
from backend.features.hotline.repository import cases
from backend.features.hotline.rules.choosing import Choice
from backend.features.hotline.service.acting import Acting
from backend.features.hotline.service.assigning import assign, named
from backend.features.hotline.service.receiving import informed_of
from backend.features.people.service import ROLES


async def classify(act: Acting, data: Classify) -> dict[str, Any]:
    """How grave, about what, at which step. Whose it is stays, until it is dispatched anew.

    Raises:
        Invalid: `value_missing`: nothing is said.
    """
    said = data.model_dump(exclude_none=True)
    if not said:
        raise Invalid("value_missing", field="category")
    act.change(**said)
    return said


async def dispatch(act: Acting, data: Dispatch) -> dict[str, Any]:
    """To the position of its category; whoever of it is on duty has it from now on, and is told (HC-10, HC-21).

    Raises:
        Invalid: `category_missing`, `role_unknown`.
        Conflict: `not_responsible`: whoever is named does not hold the position, or is kept from the case.
    """
    category = data.category or act.case.category
    if category is None:
        raise Invalid("category_missing", field="category")
    check_informed(data.informed)
    kept_from = (await cases.barred(act.work, [act.case.id]))[act.case.id]
    if data.responsible_id is None:
        choice = await assign(act.work, act.now, act.case, category)
    else:
        choice = await named(
            act.work, act.now, act.case, category, data.responsible_id, kept_from, act.caller.account_id
        )
    act.change(
        category=category,
        severity=data.severity or act.case.severity,
        informed_roles=sorted(set(data.informed)),
        **columns(choice),
    )
    if choice.account_id is not None:
        act.tell("case_assigned", [choice.account_id], "dispatch", {"number": act.case.number})
    if data.informed:
        has_it = kept_from if choice.account_id is None else kept_from | {choice.account_id}
        besides = await informed_of(act.work, act.now, act.case, data.informed, has_it)
        act.tell("case_informed", besides, "informed", {"number": act.case.number})
    if act.case.state == "received":
        await act.tell_household("dispatched")
    act.note("responsible_found", reasons(choice, data.informed), act.caller.account_id, audience="staff")
    return {"category": category} | said(choice)


async def take(act: Acting, _data: Nothing) -> dict[str, Any]:
    """Whoever holds the position, or the desk, has it from now on.

    Raises:
        Conflict: `taken_already`: by the caller.
    """
    if act.case.responsible_id == act.caller.account_id:
        raise Conflict("taken_already")
    before = act.case.responsible_id
    act.change(responsible_id=act.caller.account_id, because={"taken": True})
    if before is not None:
        act.tell_responsible("taken")
    return {"account": str(act.caller.account_id), "name": act.name}


def check_informed(roles: list[str]) -> None:
    """Whether these are positions.

    Raises:
        Invalid: `role_unknown`.
    """
    if any(role not in ROLES for role in roles):
        raise Invalid("role_unknown", field="informed")


def columns(choice: Choice) -> dict[str, Any]:
    """A choice as a case keeps it."""
    return {
        "responsible_role": choice.role,
        "responsible_id": choice.account_id,
        "because": dict(choice.because),
    }


def said(choice: Choice) -> dict[str, Any]:
    """A choice as its line says it to everybody."""
    account = None if choice.account_id is None else str(choice.account_id)
    return {"role": choice.role, "account": account, "name": choice.name}


def reasons(choice: Choice, informed: Iterable[str] = ()) -> dict[str, Any]:
    """How it was found and who else is informed, as a line says it to staff: what others have in hand is theirs."""
    return {"because": dict(choice.because), "informed": sorted(set(informed))}
