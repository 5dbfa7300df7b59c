"""The owner's timeline (18a, OW-01 to OW-14): one answer, each caller's part of it, unchanged told cheaply."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from httpx import AsyncClient, Response
from sqlalchemy import select, text

from backend.core.clock import local_date
from backend.core.ids import new_id
from backend.features.journey.schemas_timeline import Timeline
from backend.features.journey.service.wording import CONTACTS
from backend.features.people.models import HouseholdMember, Position
from backend.features.people.rules import ROLES
from backend.platform.outbox import Waker
from backend.platform.process import Process
from backend.platform.threads import erase
from backend.platform.tree import Node
from tests.fixtures.application import Drain
from tests.fixtures.estate import Estate, account_of, home_row, ownership_of, project_of
from tests.fixtures.journeys import Fire
from tests.fixtures.people import SignedIn, owner_account, staff_account
from tests.fixtures.process import Begin, Forward
from tests.fixtures.written_journeys import Laid, Owed, happened, lay_out, lay_out_project, midnight, turn

OWNER = "+8613542604684"
DAY = date(2026, 12, 18)

PROMISES = (
    Owed("cooling-off", "STEP-2", date(2022, 7, 21), "done", done_on=date(2022, 7, 21)),
    Owed("specialist-first-contact", "STEP-2", date(2022, 7, 25), "done", done_on=date(2022, 8, 2)),
    Owed("sales-visit", "STEP-2", date(2022, 7, 30), "missed", before_record=True),
    Owed("delivery-pack", "STEP-4", date(2026, 11, 30), "due", first_due_on=date(2026, 9, 30)),
    Owed("three-month-visit", "STEP-5", DAY, provisional=True),
    Owed("one-year-check", "STEP-6", None),
    Owed("warranty-notice", "STEP-6", date(2026, 11, 1), "late"),
    Owed("warranty-expiry-notice", "STEP-6", date(2026, 10, 1), "missed"),
    Owed("pre-sale-risk-check", "STEP-4", date(2026, 11, 2), "late", owner_sees=False),
)
SHARED = (
    Owed(
        "progress-post",
        "STEP-3",
        date(2022, 6, 30),
        "done",
        done_on=date(2022, 6, 29),
        occurrence=date(2022, 6, 1),
    ),
    Owed("progress-post", "STEP-3", date(2026, 11, 30), "due", occurrence=date(2026, 11, 1)),
    Owed("move-in-group", "STEP-4", date(2026, 11, 30), "due", owner_sees=False),
)


@dataclass(slots=True)
class Journeys:
    """The home's journey and its project's; `ask(headers)` reads the timeline."""

    home: Laid
    project: Laid
    address: str
    client: AsyncClient
    owner: dict[str, str]
    waker: Waker

    async def ask(self, headers: dict[str, str] | None = None, **more: str) -> Response:
        named = {name.replace("_", "-"): value for name, value in more.items()}
        return await self.client.get(self.address, headers={**(headers or self.owner), **named})

    async def told(self, headers: dict[str, str] | None = None, **more: str) -> dict[str, Any]:
        answer = await self.ask(headers, **more)
        assert answer.status_code == 200, answer.text
        Timeline.model_validate_json(answer.content, strict=False)
        told: dict[str, Any] = answer.json()
        return told


@pytest.fixture
async def journeys(
    estate: Estate, client: AsyncClient, process: Process, work: Begin, signed_in: SignedIn
) -> Journeys:
    assert (await estate()).written
    project_id = await project_of(process)
    async with work() as unit:
        home = await lay_out(unit, "合同-0101", PROMISES)
        project = await lay_out_project(unit, project_id, SHARED)
        for number in range(3):
            await happened(unit, home, f"line_{number}")
        await happened(unit, home, "note_between_us", audience="staff")
    owner = await signed_in(await account_of(process, OWNER))
    return Journeys(
        home, project, f"/v1/ownerships/{home.ownership_id}/journey", client, owner, process.waker
    )


def by_obligation(told: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {one["obligation"]: one for one in told["promises"]}


# --- What an owner sees ----------------------------------------------------------------------------------------


async def test_an_owner_sees_it_all_in_one_answer(journeys: Journeys) -> None:
    told = await journeys.told()
    assert told["home"] == {"building": "1号楼", "unit": "1单元", "room": "0101"}
    assert told["project"]["name"] == "朗润园"
    assert told["standard"] == {"code": "six-plus-two", "version": "A/0"}
    # CT-01, CT-02: six in order, +1 under all of them, +2 of the project.
    assert [(step["code"], step["number"], step["kind"], step["state"]) for step in told["steps"]] == [
        ("STEP-1", "1", "in_order", "passed"),
        ("STEP-2", "2", "in_order", "passed"),
        ("STEP-3", "3", "in_order", "current"),
        ("STEP-4", "4", "in_order", "ahead"),
        ("STEP-5", "5", "in_order", "ahead"),
        ("STEP-6", "6", "in_order", "ahead"),
        ("PLUS-1", "+1", "under_all", "current"),
        ("PLUS-2", "+2", "of_project", "ahead"),
    ]
    assert told["step"] == "STEP-3"
    assert told["steps"][2]["name"] == "亲密接触"
    assert [(one["name"], one["due_on"], one["state"]) for one in told["next"]] == [
        ("工程进展公示", "2026-11-30", "due"),
        ("寄发交付资料", "2026-11-30", "due"),
        ("入住三个月居住回访", "2026-12-18", "coming"),
    ]
    assert [line["kind"] for line in told["happened"]["items"]] == ["line_2", "line_1", "line_0"]
    assert told["happened"]["thread"] == str(journeys.home.thread_id)
    assert told["sums"] == {
        "promised": 7,
        "kept": 1,
        "kept_late": 1,
        "late": 1,
        "missed": 1,
        "open": 3,
        "before_record": 1,
    }


async def test_promises_are_said_in_words_with_the_first_and_the_present_day(journeys: Journeys) -> None:
    told = by_obligation(await journeys.told())
    assert set(told) == {one.obligation for one in PROMISES[:-1]} | {"progress-post"}
    assert {code: one["kept"] for code, one in told.items()} == {
        "cooling-off": True,
        "specialist-first-contact": False,
        "sales-visit": None,
        "delivery-pack": None,
        "three-month-visit": None,
        "one-year-check": None,
        "warranty-notice": None,
        "warranty-expiry-notice": False,
        "progress-post": None,
    }
    # Its day was over when the record began: nobody is blamed for what is not known.
    assert [code for code, one in told.items() if one["before_record"]] == ["sales-visit"]
    pack = told["delivery-pack"]
    assert (pack["first_due_on"], pack["due_on"]) == ("2026-09-30", "2026-11-30")
    assert "2026年11月30日" in pack["promise"]
    visit = told["three-month-visit"]
    assert visit["provisional"]
    assert visit["responsible"] == {"code": "customer_relations_specialist", "name": "客户关系专员"}
    assert "客户关系专员" in visit["promise"]
    assert (told["one-year-check"]["due_on"], told["cooling-off"]["responsible"]) == (None, None)
    # What is promised to the whole project: from the day they signed, 2022-07-23.
    assert (told["progress-post"]["of"], told["progress-post"]["due_on"]) == ("project", "2026-11-30")
    assert "朗润园" in told["progress-post"]["promise"]
    assert all("{" not in one["promise"] for one in told.values())


LANGUAGES = {
    "zh-CN": ("亲密接触", "2026年12月18日", "客户关系专员", "（日期待定）"),
    "zh-TW": ("親密接觸", "2026年12月18日", "客戶關係專員", "（日期待定）"),
    "en": ("Close contact", "18 December 2026", "customer relations specialist", "a day still to be set"),
}


async def test_every_language_has_its_words_and_its_tag(journeys: Journeys) -> None:
    tags = set()
    for language, (step, day, role, unknown) in LANGUAGES.items():
        told = await journeys.told(accept_language=language)
        assert told["steps"][2]["name"] == step
        promises = by_obligation(told)
        assert day in promises["three-month-visit"]["promise"]
        assert role in promises["three-month-visit"]["promise"]
        assert unknown in promises["one-year-check"]["promise"]
        tags.add((await journeys.ask(accept_language=language)).headers["etag"])
    assert len(tags) == 3


async def test_names_go_into_sentences_as_they_are(journeys: Journeys, work: Begin) -> None:
    name = '朗"润\\园{due}</b>'
    async with work() as unit:
        await unit.execute(text("UPDATE project SET name = :name"), {"name": name})
        await unit.execute(text("UPDATE home SET room = :room"), {"room": '"1\\'})
    told = await journeys.told()
    assert (told["project"]["name"], told["home"]["room"]) == (name, '"1\\')
    assert name in by_obligation(told)["progress-post"]["promise"]


async def test_plus_two_hangs_on_the_project_and_leaves_the_owners_step_alone(
    journeys: Journeys, work: Begin
) -> None:
    async with work() as unit:
        await unit.execute(text("UPDATE journey SET step = 'PLUS-2' WHERE ownership_id IS NULL"))
    told = await journeys.told()
    assert told["step"] == "STEP-3"
    assert [step["code"] for step in told["steps"] if step["state"] == "current"] == [
        "STEP-3", "PLUS-1", "PLUS-2",
    ]  # fmt: skip


async def test_who_has_not_signed_sees_no_promise_to_the_whole_project(
    journeys: Journeys, work: Begin
) -> None:
    async with work() as unit:
        await unit.execute(text("UPDATE ownership SET signed_on = NULL, delivery_due_on = NULL"))
    assert "progress-post" not in by_obligation(await journeys.told())


async def test_further_lines_follow_on_the_first_page(journeys: Journeys, work: Begin) -> None:
    async with work() as unit:
        for number in range(30):
            await happened(unit, journeys.home, f"more_{number}")
    happened_ = (await journeys.told())["happened"]
    assert [line["kind"] for line in happened_["items"]] == [f"more_{n}" for n in range(29, 9, -1)]
    assert happened_["next"] == happened_["items"][-1]["seq"]


# --- The contact -----------------------------------------------------------------------------------------------


async def test_the_contact_is_one_the_nearest_and_then_whoever_stands_in(
    journeys: Journeys, process: Process, work: Begin
) -> None:
    """CT-31: one contact; vacant, the next one up; nobody, the next role; nobody at all, the hotline (CT-40)."""
    assert set(CONTACTS) <= set(ROLES)
    async with work() as unit:
        nodes = {node.name: node for node in await unit.scalars(select(Node))}
    project, building = nodes["朗润园"], nodes["1号楼"]
    contact = (await journeys.told())["contact"]
    assert contact == {
        "name": None, "role": None, "hotline": None, "service_centre": None, "service_hours": None,
    }  # fmt: skip
    appointed = [
        ("hotline_agent", building, None),
        ("head_of_customer_relations", None, "head_of_customer_relations"),
        ("customer_service_specialist", nodes["上海"], "customer_service_specialist"),
        ("customer_relations_specialist", nodes["上海"], "customer_relations_specialist"),
        ("customer_relations_specialist", project, "customer_relations_specialist"),
        ("customer_relations_specialist", nodes["2号楼"], "customer_relations_specialist"),
        ("customer_relations_specialist", building, "customer_relations_specialist"),
        # Who makes the promises of a step is asked about it: in step 3 the customer manager (RO-01, TM-05).
        ("customer_manager", None, "customer_manager"),
    ]
    last = None
    for number, (role, node, expected) in enumerate(appointed):
        async with work() as unit:
            account = await staff_account(unit, f"C{number}", role, node)
        if node is not nodes["2号楼"]:
            last = account.name
        contact = (await journeys.told())["contact"]
        assert (contact["role"] and contact["role"]["code"]) == expected, role
        assert contact["name"] == (last if expected else None), role


async def test_a_contact_who_leaves_is_followed_by_the_next(
    journeys: Journeys, process: Process, work: Begin, forward: Forward
) -> None:
    async with work() as unit:
        nodes = {node.name: node for node in await unit.scalars(select(Node))}
        near = await staff_account(unit, "C1", "customer_relations_specialist", nodes["1号楼"])
        far = await staff_account(unit, "C2", "customer_relations_specialist", nodes["朗润园"])
        unit_position = (await unit.scalars(select(Position).where(Position.account_id == near.id))).one()
        unit_position.until = local_date(process.clock.now()) + timedelta(days=1)
    first = await journeys.ask()
    assert first.json()["contact"]["name"] == near.name
    await forward(timedelta(days=1))
    then = await journeys.ask(if_none_match=first.headers["etag"])
    assert (then.status_code, then.json()["contact"]["name"]) == (200, far.name)
    async with work() as unit:
        await unit.execute(text("UPDATE account SET disabled_at = app_now() WHERE id = :id"), {"id": far.id})
        await unit.execute(text("UPDATE project SET hotline = '400-100-2000'"))
    contact = (await journeys.told())["contact"]
    assert (contact["name"], contact["hotline"]) == (None, "400-100-2000")


# --- Who sees what ---------------------------------------------------------------------------------------------


async def test_who_sees_a_journey(
    journeys: Journeys, process: Process, work: Begin, signed_in: SignedIn, staffed: SignedIn
) -> None:
    async with work() as unit:
        nodes = {node.name: node for node in await unit.scalars(select(Node))}
        members = {}
        for number, role in enumerate(("family", "tenant", "former")):
            account = await owner_account(unit, f"+861331111333{number}", role)
            members[role] = account.id
            now = process.clock.now()
            unit.add(
                HouseholdMember(
                    id=new_id(),
                    ownership_id=journeys.home.ownership_id,
                    account_id=account.id,
                    role="owner" if role == "former" else role,
                    since=now - timedelta(days=2),
                    ended_at=now if role == "former" else None,
                )
            )
    asked = {
        "nobody": ({"authorization": "Bearer none"}, 401),
        "family": (await signed_in(members["family"]), 200),
        "tenant": (await signed_in(members["tenant"]), 404),
        "former owner": (await signed_in(members["former"]), 404),
        "neighbour": (await signed_in(await account_of(process, "+8613688889999")), 404),
        "engineer of the building": (await staffed("S1", "repair_engineer", nodes["1号楼"]), 200),
        "engineer next door": (await staffed("S2", "repair_engineer", nodes["2号楼"]), 404),
        "administrator": (await staffed("S3", "administrator"), 200),
        "without a position": (await staffed("S4"), 403),
    }
    for who, (headers, status) in asked.items():
        assert (await journeys.ask(headers)).status_code == status, who
        assert (await journeys.ask(headers, if_none_match='"x"')).status_code == status, who
    # Lines and promises between employees are theirs alone.
    staff = await journeys.told(asked["administrator"][0])
    assert "note_between_us" in [line["kind"] for line in staff["happened"]["items"]]
    assert by_obligation(staff)["pre-sale-risk-check"]["owner_sees"] is False
    for who in ("family",):
        shown = (await journeys.ask(asked[who][0])).text
        assert "note_between_us" not in shown
        assert "pre-sale-risk-check" not in shown
    unknown = await journeys.client.get(f"/v1/ownerships/{new_id()}/journey", headers=journeys.owner)
    assert unknown.status_code == 404
    strange = await journeys.client.get("/v1/ownerships/1/journey", headers=journeys.owner)
    assert strange.status_code == 422


async def test_an_ownership_without_a_journey_has_none(
    estate: Estate, client: AsyncClient, process: Process, work: Begin, signed_in: SignedIn
) -> None:
    assert (await estate()).written
    headers = await signed_in(await account_of(process, OWNER))
    async with work() as unit:
        ownership_id = await unit.scalar(text("SELECT id FROM ownership WHERE contract_no = '合同-0101'"))
    assert (await client.get(f"/v1/ownerships/{ownership_id}/journey", headers=headers)).status_code == 404


# --- As it is laid out ---


async def test_an_imported_home_has_its_timeline_at_once(
    estate: Estate,
    client: AsyncClient,
    process: Process,
    signed_in: SignedIn,
    drain: Drain,
    fire: Fire,
    forward: Forward,
) -> None:
    """From the workbook to the phone: laid out, told in words, and turned by its timers (S2-26, TM-03, CT-35)."""
    today = local_date(process.clock.now())
    signed = {
        "认购日期": str(today),
        "签约日期": str(today),
        "合同交付日期": str(today + timedelta(days=300)),
    }
    assert (await estate([home_row("0101", "李欣", "13542604684", **signed)])).written
    headers = await signed_in(await account_of(process, OWNER))
    address = f"/v1/ownerships/{await ownership_of(process, '合同-0101')}/journey"
    assert (await client.get(address, headers=headers)).status_code == 404
    await drain()
    first = await client.get(address, headers=headers)
    Timeline.model_validate_json(first.content)
    told = by_obligation(first.json())
    assert first.json()["step"] == "STEP-3"
    assert [line["kind"] for line in first.json()["happened"]["items"]] == ["journey_begun"]
    week = today + timedelta(days=7)
    assert (told["specialist-first-contact"]["state"], told["specialist-first-contact"]["due_on"]) == (
        "due",
        str(week),
    )
    assert f"{week.year}年{week.month}月{week.day}日" in told["specialist-first-contact"]["promise"]
    assert [one["due_on"] for one in first.json()["next"]] == sorted(
        one["due_on"] for one in first.json()["next"]
    )
    await forward(timedelta(days=9))
    held = {**headers, "if-none-match": first.headers["etag"]}
    assert (await client.get(address, headers=held)).status_code == 304
    assert await fire() > 0
    late = await client.get(address, headers=held)
    assert by_obligation(late.json())["specialist-first-contact"]["state"] == "late"
    assert by_obligation(late.json())["cooling-off"]["kept"]
    assert late.json()["happened"]["items"][0]["kind"] == "milestone_late"


async def test_what_was_late_on_record_stays_on_record_when_it_is_given_up(
    estate: Estate,
    client: AsyncClient,
    process: Process,
    signed_in: SignedIn,
    drain: Drain,
    fire: Fire,
    forward: Forward,
) -> None:
    """A visit owed before the import, and still to be done, was in somebody's hands: nobody is let off by waiting."""
    today = local_date(process.clock.now())
    lived = today - timedelta(days=200)
    long_ago = dict.fromkeys(("认购日期", "签约日期"), str(lived - timedelta(days=900)))
    there = dict.fromkeys(("合同交付日期", "实际交付日期", "领钥匙日期", "入住日期"), str(lived))
    assert (await estate([home_row("0101", "李欣", "13542604684", **long_ago, **there)])).written
    await drain()
    headers = await signed_in(await account_of(process, OWNER))
    address = f"/v1/ownerships/{await ownership_of(process, '合同-0101')}/journey"

    async def visit() -> tuple[Any, ...]:
        told = (await client.get(address, headers=headers)).json()
        one = by_obligation(told)["three-month-visit"]
        return one["state"], one["kept"], one["before_record"], told["sums"]["missed"]

    assert await visit() == ("late", None, False, 0)
    sales = by_obligation((await client.get(address, headers=headers)).json())["sales-visit"]
    assert (sales["state"], sales["kept"], sales["before_record"]) == ("missed", None, True)
    await forward(timedelta(days=170))
    headers = await signed_in(await account_of(process, OWNER))
    assert await fire() > 0
    assert await visit() == ("missed", False, False, 1)


async def test_the_tag_tells_what_was_before_the_record(
    estate: Estate, client: AsyncClient, process: Process, work: Begin, signed_in: SignedIn, drain: Drain
) -> None:
    """A visit given up before the import; when it turns out that it was still owed, whoever holds the answer learns."""
    lived = str(local_date(process.clock.now()) - timedelta(days=400))
    columns = ("认购日期", "签约日期", "合同交付日期", "实际交付日期", "领钥匙日期", "入住日期")
    assert (await estate([home_row("0101", "李欣", "13542604684", **dict.fromkeys(columns, lived))])).written
    await drain()
    headers = await signed_in(await account_of(process, OWNER))
    address = f"/v1/ownerships/{await ownership_of(process, '合同-0101')}/journey"
    first = await client.get(address, headers=headers)
    visit = by_obligation(first.json())["three-month-visit"]
    assert (visit["state"], visit["kept"], visit["before_record"]) == ("missed", None, True)
    async with work() as unit:
        await turn(unit, UUID(visit["id"]), ends_at=process.clock.now() + timedelta(days=1))
    again = await client.get(address, headers={**headers, "if-none-match": first.headers["etag"]})
    assert again.status_code == 200
    visit = by_obligation(again.json())["three-month-visit"]
    assert (visit["state"], visit["kept"], visit["before_record"]) == ("missed", False, False)


# --- Unchanged -------------------------------------------------------------------------------------------------

Act = Callable[[Any, Journeys], Awaitable[Any]]


def _turn(place: int, **to: object) -> Act:
    return lambda unit, journeys: turn(unit, journeys.home.milestones[place], **to)


def _turn_shared(place: int, **to: object) -> Act:
    return lambda unit, journeys: turn(unit, journeys.project.milestones[place], **to)


def _sql(statement: str) -> Act:
    return lambda unit, _: unit.execute(text(statement))


ACTS: dict[str, tuple[Act, bool, bool]] = {
    "a line for everybody": (lambda unit, j: happened(unit, j.home), True, True),
    "a line for employees": (lambda unit, j: happened(unit, j.home, audience="staff"), False, True),
    "a line is taken back": (
        lambda unit, j: happened(unit, j.home, "withdrawn", hides=1), True, True,
    ),
    "an employees' line is taken back": (
        lambda unit, j: happened(unit, j.home, "withdrawn", hides=4, audience="staff"), False, True,
    ),
    "a line is erased": (lambda unit, j: erase(unit, j.waker, j.home.thread_id, [2]), True, True),
    "a promise is late": (_turn(3, state="late"), True, True),
    "a promise is moved": (_turn(4, due_on=date(2026, 12, 20), due_at=midnight(date(2026, 12, 20))), True, True),
    "a promise is certain": (_turn(4, provisional=False), True, True),
    "a promise is kept": (
        _turn(6, state="done", done_at=midnight(DAY), recorded_at=midnight(DAY)), True, True,
    ),
    "an internal obligation is done": (
        _turn(8, state="done", done_at=midnight(DAY), recorded_at=midnight(DAY)), False, True,
    ),
    "a note on a promise": (_turn(3, note="电话里说过了"), False, False),
    "the project's promise is late": (_turn_shared(1, state="late"), True, True),
    "the project's promise of before": (_turn_shared(0, state="missed", done_at=None, recorded_at=None), False, False),
    "the project's internal obligation": (_turn_shared(2, state="late"), False, False),
    "the step": (_sql("UPDATE journey SET step = 'STEP-4' WHERE ownership_id IS NOT NULL"), True, True),
    "the project's step": (_sql("UPDATE journey SET step = 'PLUS-2' WHERE ownership_id IS NULL"), True, True),
    "the hotline": (_sql("UPDATE project SET hotline = '400-100-2000'"), True, True),
    "a contact": (lambda unit, _: staff_account(unit, "C1", "customer_manager"), True, True),
    "a second contact": (lambda unit, _: staff_account(unit, "C2", "customer_ambassador"), False, False),
    "a hotline agent": (lambda unit, _: staff_account(unit, "C3", "hotline_agent"), False, False),
    "another home": (
        lambda unit, _: lay_out(unit, "合同-0102", PROMISES), False, False,
    ),
}  # fmt: skip
"""An act; whether the owner sees it; whether an employee does."""


async def test_a_tag_changes_exactly_with_what_its_reader_sees(
    journeys: Journeys, work: Begin, staffed: SignedIn, forward: Forward
) -> None:
    readers = {"owner": journeys.owner, "staff": await staffed("S1", "administrator")}
    held = {who: await journeys.ask(headers) for who, headers in readers.items()}
    assert held["owner"].headers["etag"] != held["staff"].headers["etag"]
    for act, (do, *sees) in ACTS.items():
        async with work() as unit:
            await do(unit, journeys)
        for (who, headers), seen in zip(readers.items(), sees, strict=True):
            before = held[who]
            answer = await journeys.ask(headers, if_none_match=before.headers["etag"])
            assert answer.status_code == (200 if seen else 304), f"{act}: {who}"
            full = await journeys.ask(headers)
            # The tag of the cheap look is that of the whole answer, and so is what it says.
            assert (full.content != before.content) == seen, f"{act}: {who}"
            assert full.headers["etag"] == answer.headers["etag"], f"{act}: {who}"
            assert answer.content == (full.content if seen else b"")
            held[who] = full
    # Time alone turns nothing that nobody has written down.
    await forward(timedelta(days=40))
    answer = await journeys.ask(if_none_match=held["owner"].headers["etag"])
    assert (answer.status_code, answer.headers["cache-control"]) == (304, "private, no-cache")
