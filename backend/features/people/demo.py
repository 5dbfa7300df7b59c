"""The people of the demo estate. Their passwords are public, and production mode loads none of them."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from backend.core.clock import local_date
from backend.core.ids import new_id
from backend.db.work import Work
from backend.features.people.models import HouseholdMember, Position
from backend.features.people.repository import accounts, households
from backend.features.people.service.passwords import hash_password
from backend.features.people.service.staff import add_hashed, staff_by_number
from backend.platform.tree import Node, root_node

PASSWORD = "tongxing-demo"

_OWNER = "+8613800000001"
_HOUSEHOLD = {
    "+8613900000001": ("family", "孙思远", "家人 family"),
    "+8613900000002": ("tenant", "何雨欣", "租客 tenant"),
}
_STAFF = {
    "T0001": ("administrator", "周敏", "系统管理员 administrator"),
    "T0002": ("hotline_agent", "何静", "热线坐席 hotline agent"),
    "T0003": ("customer_manager", "刘洋", "客户经理 customer manager"),
    "T0004": ("repair_engineer", "陈刚", "房修工程师 repair engineer"),
    "T0005": ("customer_relations_specialist", "林静怡", "客户关系专员 specialist"),
    "T0006": ("quality_department", "王品", "品质部 quality department"),
    "T0007": ("hotline_agent", "方晴", "热线坐席 hotline agent"),
    "T0008": ("complaint_specialist", "赵清", "投诉处理专员 complaints"),
    "T0009": ("project_engineer", "高远", "项目工程师 project engineer"),
    "T0010": ("sales_site_manager", "许安", "营销案场经理 sales-site manager"),
    "T0011": ("property_manager", "唐宁", "物业经理 property manager"),
    "T0012": ("head_of_customer_relations", "沈岚", "客户关系负责人 head"),
    "T0013": ("leader_in_charge", "顾诚", "分管领导 leader in charge"),
    "T0014": ("repair_engineer", "丁伟", "房修工程师 repair engineer"),
}
_AT_THE_COMPANY = {
    "administrator",
    "hotline_agent",
    "quality_department",
    "complaint_specialist",
    "head_of_customer_relations",
    "leader_in_charge",
}
_TRADES = {"T0004": ["general", "plumbing"], "T0014": ["electrical", "doors_windows"]}
EMPLOYEES = tuple(_STAFF)


async def settle(work: Work, now: datetime, project: Node) -> list[dict[str, str]]:
    """Settle the demo's people, once; returns whom one may sign in as."""
    sign_ins = [
        {"who": "业主 owner 孙建华", "sign_in": _shown(_OWNER), "how": "one-time code, see the mailbox page"}
    ]
    owner = await accounts.owner_by_phone(work, _OWNER)
    homes = select(HouseholdMember.ownership_id).where(
        HouseholdMember.account_id == (owner.id if owner else None), HouseholdMember.ended_at.is_(None)
    )
    for ownership_id in (await work.scalars(homes)).all():
        for phone, (role, name, _) in _HOUSEHOLD.items():
            await _live_there(work, now, phone, role, name, ownership_id)
    for phone, (_, name, shown) in _HOUSEHOLD.items():
        sign_ins.append({"who": f"{shown} {name}", "sign_in": _shown(phone), "how": "one-time code"})
    missing = [number for number in _STAFF if await staff_by_number(work, number) is None]
    # One hash for them all: it takes a fifth of a second, and whoever starts the demo waits for it.
    password_hash = await hash_password(PASSWORD) if missing else ""
    for number, (role, name, shown) in _STAFF.items():
        if number in missing:
            account = await add_hashed(
                work, employee_no=number, name=name, password_hash=password_hash, phone=_phone(number)
            )
            node = await root_node(work) if role in _AT_THE_COMPANY else project
            work.add(
                Position(
                    id=new_id(),
                    account_id=account.id,
                    role=role,
                    node_id=node.id,
                    trades=_TRADES.get(number, []),
                    since=local_date(now),
                )
            )
        sign_ins.append({"who": f"{shown} {name}", "sign_in": number, "how": f"password {PASSWORD}"})
    return sign_ins


async def _live_there(
    work: Work, now: datetime, phone: str, role: str, name: str, ownership_id: UUID
) -> None:
    account = await accounts.owner_for_phone(work, phone)
    account.name = name
    await work.flush()
    if await households.role_in(work, account.id, ownership_id) is None:
        work.add(
            HouseholdMember(
                id=new_id(), ownership_id=ownership_id, account_id=account.id, role=role, since=now
            )
        )
    await work.flush()


def _phone(number: str) -> str:
    """Where an SMS for an employee goes: T0002 has 13700000002."""
    return f"1370000{number[1:]}"


def _shown(phone: str) -> str:
    return phone.removeprefix("+86")
