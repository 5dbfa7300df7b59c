"""What the acts share: the people, where it happens, and what has come to be."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from backend.story.telling import ZONE, Teller
from backend.story.town import Employee, Json, Owner, Town

_OWNERS: Final = (
    ("朱娜", "13800000002"),
    ("黄芳", "13800000003"),
    ("杨敏", "13800000004"),
    ("林桂英", "13800000005"),
    ("张霞", "13800000006"),
    ("马雨欣", "13800000008"),
)
"""Whose story it is: another one's each year."""


@dataclass(slots=True)
class Stage:
    """Everything an act needs; what one act has made is here for the next.

    `begins`: when the owner writes, 23:40 on the eve of the next National Day there is.
    """

    town: Town
    teller: Teller
    begins: datetime
    owner: Owner
    agent: Employee
    day_agent: Employee
    specialist: Employee
    project_engineer: Employee
    head: Employee
    repair_engineer: Employee
    visitor: Employee
    manager: Employee
    home: Json = field(default_factory=dict)
    talk: Json = field(default_factory=dict)
    case: Json = field(default_factory=dict)
    ticket: Json = field(default_factory=dict)
    taps: dict[str, str] = field(default_factory=dict)
    """The link that each employee was last called with, by number."""

    @property
    def called(self) -> tuple[Employee, ...]:
        """Whom the chain calls, in its order."""
        return self.agent, self.specialist, self.project_engineer, self.head

    @property
    def place(self) -> str:
        """The home, as people name it."""
        home = self.home
        return f"{home['project']['name']}{home['building']}{home['unit']}{home['room']}"

    def day(self, october: int, hour: int, minute: int = 0) -> datetime:
        """A moment of the days after."""
        return self.begins.replace(month=10, day=october, hour=hour, minute=minute)


def stage_in(town: Town, teller: Teller) -> Stage:
    """The demo estate's people, on their places."""
    begins = next_eve(town.now())
    return Stage(
        town=town,
        teller=teller,
        begins=begins,
        owner=Owner(town, *_OWNERS[begins.year % len(_OWNERS)]),
        agent=Employee(town, "何静", "T0002"),
        day_agent=Employee(town, "方晴", "T0007"),
        specialist=Employee(town, "赵清", "T0008"),
        project_engineer=Employee(town, "高远", "T0009"),
        head=Employee(town, "沈岚", "T0012"),
        repair_engineer=Employee(town, "陈刚", "T0004"),
        visitor=Employee(town, "林静怡", "T0005"),
        manager=Employee(town, "刘洋", "T0003"),
    )


def next_eve(now: datetime) -> datetime:
    """23:40 on the next 30 September: so the story can be told again on a system that has been through it."""
    today = now.astimezone(ZONE)
    eve = today.replace(month=9, day=30, hour=23, minute=40, second=0, microsecond=0)
    return eve if eve > today + timedelta(minutes=15) else eve.replace(year=eve.year + 1)
