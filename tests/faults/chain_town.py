"""An estate whose hotline has a bad week: who is on duty when, when the centre opens, and what people do about cases.

Everything is drawn from a seed. What was done when is written down, for the reference to reckon with.
"""

import random
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from httpx import AsyncClient
from sqlalchemy import select

from backend.core.caller import Caller
from backend.core.config import Settings
from backend.core.ids import new_id
from backend.features.hotline.service import move
from backend.features.people.models import Position
from backend.platform.process import Process
from backend.platform.tree import Node
from tests.faults.reference_chain import BEIJING, SHIFTS, Days
from tests.fixtures.people import header_for, staff_account

DAY: Final = timedelta(days=1)
WEEK: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

HOLIDAYS: Final = {
    # From the Monday of the week before: what the State Council gave in 2026, a Saturday made up for each.
    "spring": ("1111110" + "0000000" + "0001110", (2, 9)),
    "national": ("1110000" + "0001110" + "1111100", (9, 28)),
}
"""Which days open (1) from a Monday on, and near which month and day that Monday lies."""

PEOPLE: Final = {
    "day": ("hotline_agent", 8, 20),
    "night": ("hotline_agent", 20, 8),
    "specialist": ("complaint_specialist", 0, 24),
    "engineer": ("project_engineer", 0, 24),
    "second": ("project_engineer", 0, 24),
    "head": ("head_of_customer_relations", 8, 20),
    "leader": ("leader_in_charge", 0, 24),
}
"""Who holds which position, on duty from which hour until which, every day."""


def first_monday(month: int, day: int, after: datetime) -> date:
    """The first Monday on or after a day of the year that lies ahead."""
    today = after.astimezone(BEIJING).date() + DAY
    year = today.year + (today > date(today.year, month, day))
    first = date(year, month, day)
    return first + (-first.weekday() % 7) * DAY


def on_duty(role: str, moment: datetime) -> Collection[str]:
    """Who is on duty with a role."""
    hour = moment.astimezone(BEIJING).hour
    return [
        who
        for who, (held, since, until) in PEOPLE.items()
        if held == role and (since <= hour < until if since < until else hour >= since or hour < until)
    ]


@dataclass
class Done:
    """What became of one case: when it came, and what was done when."""

    id: UUID
    received: datetime
    acts: dict[str, datetime] = field(default_factory=dict)
    agreed_until: datetime | None = None


@dataclass
class Town:
    """The estate and its people, over one window of days."""

    process: Process
    settings: Settings
    client: AsyncClient
    chance: random.Random
    project: UUID
    monday: date
    opens: str
    accounts: dict[str, UUID] = field(default_factory=dict)
    headers: dict[str, dict[str, str]] = field(default_factory=dict)
    cases: list[Done] = field(default_factory=list)
    plans: dict[UUID, list[tuple[datetime, str]]] = field(default_factory=dict)
    acknowledged: dict[UUID, list[datetime]] = field(default_factory=dict)

    @property
    def days(self) -> Days:
        """The days that open, and every weekday of the quarter after them."""
        later = (self.monday + n * DAY for n in range(len(self.opens), 90))
        return Days(
            frozenset(self.monday + n * DAY for n, opens in enumerate(self.opens) if opens == "1")
            | frozenset(day for day in later if day.weekday() < 5)
        )

    async def settle(self) -> None:
        """Everybody has their position and shifts, and the centre its days."""
        async with self.process.works.begin() as work:
            node = await work.get_one(Node, self.project)
            positions = {}
            for number, (who, (role, _, _)) in enumerate(PEOPLE.items()):
                account = await staff_account(work, f"N{number}", role, node)
                self.accounts[who] = account.id
                held = select(Position.id).where(Position.account_id == account.id)
                positions[who] = (await work.scalars(held)).one()
            self.accounts["admin"] = (await staff_account(work, "N99", "administrator")).id
        await self.sign_in()
        for who, (_, since, until) in PEOPLE.items():
            shift = {"weekdays": WEEK, "opens": f"{since:02}:00", "closes": f"{until:02}:00"}
            await self._put(f"/v1/positions/{positions[who]}/shifts", {"shifts": [shift], "reason": "排班"})
        shifts = [{"opens": f"{opens:%H:%M}", "closes": f"{closes:%H:%M}"} for opens, closes in SHIFTS]
        place = {"node": str(self.project), "reason": "开放时间"}
        await self._put("/v1/calendar/hours", place | {"week": dict.fromkeys(WEEK, shifts)})
        open_days = self.days.open
        every = [self.monday + n * DAY for n in range(90)]
        days = [{"day": str(day), "shifts": shifts if day in open_days else []} for day in every]
        await self._put("/v1/calendar/overrides", place | {"days": days})

    async def sign_in(self) -> None:
        """Sessions of employees end with the day."""
        for who in ("day", "admin"):
            self.headers[who] = await header_for(self.process, self.settings, self.accounts[who])

    async def _put(self, path: str, asked: dict[str, Any]) -> None:
        answer = await self.client.put(path, json=asked, headers=self.headers["admin"] | {"if-match": "*"})
        assert answer.status_code == 200, (path, answer.text)

    async def open(self, many: int) -> None:
        """So many cases come in now; an agent records them, and sends some of it twice."""
        for _ in range(many):
            asked: dict[str, Any] = {
                "id": str(new_id()),
                "kind": "complaint",
                "gist": "楼道渗水，一直没有人来看",
                "channel": "hotline",
                "project_id": str(self.project),
                "contact": {"name": "王女士", "phone": "13812345678"},
            }
            if self.chance.random() < 0.7:
                asked["category"] = "works"
            else:
                # Nobody has said whose it is, and C1 goes on.
                asked["channel"] = "email"
            told = await self._bring(asked)
            if self.chance.random() < 0.3:
                # A tired network: it is sent once more.
                assert (await self._bring(asked))["id"] == told["id"]
            one = Done(UUID(told["id"]), datetime.fromisoformat(told["received_at"]))
            if "category" in asked:
                one.acts["dispatch"] = one.received
            self.cases.append(one)
            self.plans[one.id] = self._planned(one)

    async def _bring(self, asked: dict[str, Any]) -> dict[str, Any]:
        answer = await self.client.post("/v1/cases", json=asked, headers=self.headers["day"])
        assert answer.status_code in {200, 201}, answer.text
        told: dict[str, Any] = answer.json()
        return told

    def _planned(self, one: Done) -> list[tuple[datetime, str]]:
        """What will be done about a case, and when: some of it, all of it, or nothing at all."""
        hours, at = self.chance.uniform, one.received
        planned = []
        if self.chance.random() < 0.7:
            planned.append((at + timedelta(hours=hours(0, 40)), "contact"))
        for act, most in (("dispatch", 12), ("propose", 90), ("accept", 30), ("finish", 60), ("visit", 150)):
            if self.chance.random() < 0.2:
                break
            if act not in one.acts:
                at += timedelta(hours=hours(0, most))
                planned.append((at, act))
        return sorted(planned)

    async def act(self, now: datetime) -> None:
        """Do what was to be done by now."""
        for one in self.cases:
            plan = self.plans[one.id]
            while plan and plan[0][0] <= now:
                _, act = plan.pop(0)
                await self._do(one, act, self.process.clock.now())

    async def _do(self, one: Done, act: str, now: datetime) -> None:
        who, data = "specialist", dict[str, Any]()
        match act:
            case "contact":
                data = {"reached": True, "words": "已致电，约好上门"}
            case "dispatch":
                data = {"category": "works"}
            case "propose":
                await self._move(one, "note_positions", {"customer": "要修好", "company": "尽快修"}, who, now)
                data = {"cause": "防水层老化", "proposal": "重做防水"}
            case "accept":
                one.agreed_until = now + timedelta(hours=self.chance.randint(4, 48))
                data = {"words": "业主电话同意", "done_by": one.agreed_until.isoformat()}
            case "finish":
                data = {"words": "已完成"}
            case "visit":
                who, data = "leader", {"accepted": True, "opinion": "满意"}
        await self._move(one, act, data, who, now)
        one.acts[act] = now

    async def _move(self, one: Done, code: str, data: dict[str, Any], who: str, now: datetime) -> None:
        caller = Caller(self.accounts[who], new_id(), "staff")
        async with self.process.works.begin() as work:
            await move(self.process, work, caller, now, one.id, code, data)
