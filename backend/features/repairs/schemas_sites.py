"""Prices, construction companies and the joint repair team over the wire. Money is in whole fen."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, StrictInt, StringConstraints

from backend.core.wire import Answer, Asked, Line, Moment
from backend.features.repairs.rules.charges import MOST_FEN, MOST_ITEMS
from backend.features.repairs.rules.team import TeamDuty, TeamState

Fen = Annotated[
    StrictInt, Field(ge=0, le=MOST_FEN, description="Whole fen: 1 yuan is 100", examples=[12_000])
]
Code = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,49}$")]


class Price(Asked):
    """What one `unit` of something costs."""

    code: Code = Field(examples=["tap-replaced"], description="Its name in quotes")
    name: Line = Field(examples=["更换水龙头（不含材料）"])
    unit: Line = Field(examples=["个"])
    price_fen: Fen
    note: Line | None = None


class PricesSet(Asked):
    """All prices of a project's paid work, from now on."""

    items: Annotated[list[Price], Field(max_length=MOST_ITEMS)]
    reason: Line = Field(examples=["2027年收费标准"])


class Prices(Answer):
    """A published price list. `number` 0: nobody has published one, and nothing can be charged."""

    project: UUID
    number: int
    currency: Literal["CNY"] = "CNY"
    items: list[Price]
    reason: str | None
    published_by: UUID | None
    published_at: Moment | None


class CompanyAdded(Asked):
    """Somebody who built the project, or a part of it."""

    name: Line = Field(examples=["华建第三工程公司"])
    works: Line | None = Field(default=None, examples=["1—5号楼土建"])


class Company(Answer):
    """A construction company of a project."""

    id: UUID
    project: UUID
    name: str
    works: str | None
    added_by: UUID
    added_at: Moment


class TeamJoined(Asked):
    """An employee for the joint repair team, what they do in it, and for which unit."""

    account: UUID
    duty: TeamDuty
    unit: Line = Field(examples=["工程部"])


class TeamMember(Answer):
    """Somebody who is or was in the team. `on_duty`: now, by the roster, while the team exists."""

    id: UUID
    account: UUID
    name: str | None
    duty: TeamDuty
    unit: str
    joined_at: Moment
    left_at: Moment | None
    on_duty: bool


class Team(Answer):
    """The joint repair team of a project: from its mass move-in for three months, both days included.

    `not_set`: nobody has said when the mass move-in begins.
    """

    project: UUID
    state: TeamState
    starts_on: date | None
    ends_on: date | None
    members: list[TeamMember]
