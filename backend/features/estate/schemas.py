"""What the estate's addresses take and give."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field, PlainSerializer

from backend.core.wire import Answer, Asked, Line, Moment, Prose
from backend.features.estate.rules import Stage

SquareMetres = Annotated[
    Decimal,
    PlainSerializer(float, return_type=float, when_used="json"),
    Field(examples=[87.3], description="m²"),
]
_StageField = Field(
    examples=["waiting"], description="Follows from the dates; null when those are not yours to see"
)


class Dates(Answer):
    """An ownership's dates, local calendar days; null when not (yet) so."""

    subscribed_on: date | None = Field(examples=["2022-07-18"])
    signed_on: date | None = Field(examples=["2022-07-23"])
    delivery_due_on: date | None = Field(examples=["2024-06-28"])
    delivered_on: date | None = Field(examples=["2024-06-29"])
    keys_on: date | None = Field(examples=["2024-07-06"])
    moved_in_on: date | None = Field(examples=["2024-11-10"])


class MyProject(Answer):
    """The project a home stands in, and how to reach it."""

    id: UUID
    name: str = Field(examples=["朗润园"])
    phase: str | None = Field(examples=["一期"])
    address: str | None = Field(examples=["上海市浦东新区朗润路237弄"])
    service_centre: str | None = Field(examples=["朗润园物业服务中心"])
    hotline: str | None = Field(examples=["400-100-2000"])
    service_hours: str | None = Field(examples=["周一至周日 9:00-18:00"])


class MyHome(Answer):
    """A home of mine, by what my role in it may see."""

    id: UUID
    ownership_id: UUID
    role: Literal["owner", "family", "tenant"]
    building: str = Field(examples=["1号楼"])
    unit: str = Field(examples=["1单元"], description="Empty for a building without units")
    room: str = Field(examples=["0101"])
    layout: str | None = Field(examples=["C1 一室一厅"])
    area: SquareMetres | None
    fitout: str | None = Field(examples=["全装修"])
    project: MyProject
    stage: Stage | None = _StageField
    dates: Dates | None = Field(description="Null for a tenant")
    contract_no: str | None = Field(examples=["朗销字2022第00001号"], description="Owners only")


class MyHomes(Answer):
    """All of them: a person's homes are few."""

    items: list[MyHome]


class MyInvitation(Answer):
    """Somebody has invited me into their home."""

    id: UUID
    role: Literal["family", "tenant"]
    invited_by: str | None = Field(examples=["孙建华"])
    home: str = Field(examples=["同行花园 1号楼 1单元 0101"])
    expires_at: Moment


class MyInvitations(Answer):
    """Those not answered yet, newest first."""

    items: list[MyInvitation]


class Project(MyProject):
    """A project as staff see it."""

    region: str = Field(examples=["上海"])
    sales_open_on: date | None = Field(examples=["2022-06-01"])
    first_delivery_on: date | None = Field(
        examples=["2024-06-28"],
        description="Null: it follows from the homes, the first that is due or handed over.",
    )
    mass_move_in_on: date | None = Field(
        examples=["2024-06-29"], description="Null: it is the first delivery."
    )
    mass_move_in_ends_on: date | None = Field(
        examples=["2024-07-31"], description="The first day on which no daily summary is owed any more."
    )


_Day = Annotated[date, Field(ge=date(1990, 1, 1), le=date(2100, 12, 31), examples=["2024-06-28"])]


class EditProject(Asked):
    """What to write; what is left out stays, null clears."""

    phase: Line | None = None
    address: Line | None = None
    service_centre: Line | None = None
    hotline: Annotated[Line, Field(max_length=40)] | None = None
    service_hours: Line | None = None
    sales_open_on: _Day | None = None
    first_delivery_on: _Day | None = None
    mass_move_in_on: _Day | None = None
    mass_move_in_ends_on: _Day | None = None


class Resident(Answer):
    """A member of a household, masked (S3-23)."""

    account_id: UUID
    role: Literal["owner", "family", "tenant"]
    name: str | None = Field(examples=["李*"])
    phone: str | None = Field(examples=["+86 135****4684"])


class Home(Answer):
    """A home in a list, its people masked."""

    id: UUID
    building: str = Field(examples=["1号楼"])
    unit: str = Field(examples=["1单元"])
    room: str = Field(examples=["0101"])
    layout: str | None
    area: SquareMetres | None
    fitout: str | None
    ownership_id: UUID | None = Field(description="The current one; null for a home nobody owns")
    stage: Stage | None
    residents: list[Resident]


class Ownership(Answer):
    """One contract over one home. Its `ETag` is what an edit must carry as `If-Match`."""

    id: UUID
    home_id: UUID
    project_id: UUID
    building: str = Field(examples=["1号楼"])
    unit: str = Field(examples=["1单元"])
    room: str = Field(examples=["0101"])
    stage: Stage | None = _StageField
    dates: Dates | None
    contract_no: str | None = Field(examples=["朗销字2022第00001号"])
    address: str | None
    consultant: str | None = Field(examples=["冉春梅"])
    specialist: str | None = Field(examples=["佟涛"])
    remark: str | None = Field(description="Staff only")
    current_from: date | None = Field(description="Staff only")
    ended_on: date | None
    end_reason: str | None = Field(examples=["resale"], description="Staff only")


class HomeInFull(Answer):
    """A home with its current ownership and every one it has had, the newest first."""

    home: Home
    project_id: UUID
    project: str = Field(examples=["朗润园"])
    current: Ownership | None
    history: list[Ownership]


class _OwnershipFacts(Asked):
    contract_no: Line | None = Field(default=None, examples=["朗销字2022第00001号"])
    subscribed_on: date | None = None
    signed_on: date | None = None
    delivery_due_on: date | None = None
    delivered_on: date | None = None
    keys_on: date | None = None
    moved_in_on: date | None = None
    address: Line | None = None
    consultant: Line | None = None
    specialist: Line | None = None
    remark: Prose | None = None


class EditOwnership(_OwnershipFacts):
    """What to write, and why; what is left out stays, null clears."""

    reason: Annotated[
        Line,
        Field(
            min_length=2,
            examples=["业主来电更正"],
            description="Stands in the audit trail; where a date moves, also in the timeline that the owner reads.",
        ),
    ]


class Buyer(Asked):
    """A buyer; the phone in any spelling."""

    name: Annotated[Line, Field(max_length=64, examples=["王芳"])]
    phone: Annotated[Line, Field(max_length=40, examples=["138 1234 5678"])]


class Resale(_OwnershipFacts):
    """The buyers, and what is known of their contract."""

    buyer: Annotated[list[Buyer], Field(min_length=1, max_length=10)]
    reason: Annotated[Line, Field(min_length=2)] = "resale"


class Change(Answer):
    """A line of an ownership's audit trail. `actor_id` is null when it came from the command line."""

    id: UUID
    act: Literal["created", "imported", "edited", "ended"]
    actor_id: UUID | None
    before: dict[str, Any] = Field(examples=[{"keys_on": None}])
    after: dict[str, Any] = Field(examples=[{"keys_on": "2024-07-06"}])
    reason: str | None
    import_id: UUID | None
    at: Moment


class ImportSums(Answer):
    """Rows of the sheet by what became of them; of the good ones, by what they do to the estate."""

    rows: int = 0
    ok: int = 0
    refused: int = 0
    skipped: int = 0
    new: int = 0
    changed: int = 0
    same: int = 0


class ImportRefusal(Answer):
    """Why the whole file is refused."""

    code: str = Field(examples=["not_a_workbook"])
    detail: str = Field(examples=["这不是表格文件（按内容判断）。"])


class Import(Answer):
    """A workbook on its way in. Nothing of the estate is written before `commit`."""

    id: UUID
    state: Literal["received", "reading", "read", "committing", "committed", "refused"]
    file_name: str = Field(examples=["朗润园.xlsx"])
    region: str | None = Field(examples=["上海"])
    project: str | None = Field(examples=["朗润园"])
    project_id: UUID | None
    progress: int = Field(description="Rows read so far")
    sums: ImportSums
    refusal: ImportRefusal | None
    rows: str = Field(
        examples=["/v1/imports/0199d6a0-7c2e-7000-8000-6d1c5e0f4b11/rows"], description="Where its rows are"
    )
    created_at: Moment
    committed_at: Moment | None


class ImportRow(Answer):
    """A row of the sheet, counted as a person counts it: the first is 1."""

    row: int = Field(examples=[17])
    state: Literal["ok", "refused", "skipped"]
    column: str | None = Field(examples=["房号"], description="The header as the sheet spells it")
    code: str | None = Field(examples=["room_missing"])
    message: str | None = Field(examples=["“房号”是空的，请填写。"])
    notes: list[str] = Field(description="What was irregular and still read rightly, by code")
    effect: Literal["new", "changed", "same"] | None = Field(description="What a good row does to the estate")


class Commit(Asked):
    """Write the estate. With refused rows only when the good ones are to go in without them."""

    accept_good_rows: bool = False
