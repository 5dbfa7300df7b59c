"""A project's working time: hours from its own words, from administrators, overrides; and what is refused."""

import asyncio
from collections import Counter
from datetime import date, datetime, time
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from httpx import AsyncClient, Response
from openpyxl import Workbook

from backend.core.clock import SHANGHAI, MovableClock
from backend.core.ids import new_id
from backend.db.work import Work
from backend.features.estate.service import import_file
from backend.platform.calendar import MAINLAND, calendar_of, set_hours_from_words
from backend.platform.process import Process
from backend.platform.tree import Node, add_node, root_node
from backend.worker import crons
from tests.fixtures.estate import COLUMNS, LANG_RUN, Estate, account_of, home_row, project_of
from tests.fixtures.logs import Lines
from tests.fixtures.people import SignedIn
from tests.fixtures.process import Begin

OWNER = "+8613542604684"
OFFICE = [{"opens": "09:00", "closes": "18:00"}]
WEEK = dict.fromkeys(("monday", "tuesday", "wednesday", "thursday", "friday"), OFFICE)
Header = dict[str, str]


@pytest.fixture
async def admin(staffed: SignedIn) -> Header:
    return await staffed("A1", "administrator")


async def read(client: AsyncClient, header: Header, project: UUID, first: str, last: str) -> dict[str, Any]:
    query = {"project": str(project), "from": first, "to": last}
    answered = await client.get("/v1/calendar", params=query, headers=header)
    assert answered.status_code == 200, answered.text
    assert answered.headers["etag"] == f'"{answered.json()["version"]}"'
    found: dict[str, Any] = answered.json()
    return found


async def put(
    client: AsyncClient, header: Header, what: str, node: UUID, tag: str | None = "*", **asked: Any
) -> Response:
    matching = {} if tag is None else {"if-match": tag}
    return await client.put(
        f"/v1/calendar/{what}",
        json={"node": str(node), "reason": "调整"} | asked,
        headers={**header, **matching},
    )


def open_from_to(day: dict[str, Any]) -> list[tuple[str, str]]:
    return [(one["opens"][11:16], one["closes"][11:16]) for one in day["open"]]


async def test_a_project_goes_by_the_nearest_hours_and_by_a_marked_placeholder_without_any(
    client: AsyncClient, process: Process, estate: Estate, admin: Header
) -> None:
    assert (await estate()).written
    project = await project_of(process)
    async with process.works.begin() as work:
        node = await work.get_one(Node, project)
        assert node.parent_id is not None
        region, company = node.parent_id, node.path[0]
    unset = await read(client, admin, project, "2026-10-09", "2026-10-11")
    assert (unset["hours_set"], unset["version"], unset["time_zone"]) == (False, 0, "Asia/Shanghai")
    assert [(day["kind"], open_from_to(day)) for day in unset["days"]] == [
        ("workday", [("01:00", "10:00")]),
        ("makeup_workday", [("01:00", "10:00")]),
        ("weekend", []),
    ]
    assert unset["days"][1]["name"] == {"zh": "国庆节", "en": "National Day"}
    listed = (await client.get("/v1/calendar/not-set", headers=admin)).json()["items"]
    assert [one["name"] for one in listed] == ["朗润园"]
    # Each nearer one wins over the one above it.
    for number, (place, opens, zone) in enumerate(
        (
            (company, "08:00", "Asia/Shanghai"),
            (region, "07:00", "Asia/Urumqi"),
            (project, "06:00", "Asia/Shanghai"),
        ),
        start=1,
    ):
        asked = {"monday": [{"opens": opens, "closes": "12:00"}]}
        made = await put(client, admin, "hours", place, week=asked, time_zone=zone)
        assert (made.status_code, made.json()["number"], made.headers["etag"]) == (200, number, f'"{number}"')
        found = await read(client, admin, project, "2026-11-23", "2026-11-23")
        assert (found["hours_set"], found["time_zone"], found["version"]) == (True, zone, number)
        offset = 6 if zone == "Asia/Urumqi" else 8
        start = (int(opens[:2]) - offset) % 24
        assert open_from_to(found["days"][0])[0][0] == f"{start:02}:00"
        shown = (await client.get("/v1/calendar/hours", params={"node": str(project)}, headers=admin)).json()
        assert (shown["set_at"], shown["hours"]["week"]["monday"]) == (str(place), asked["monday"])
    assert (await client.get("/v1/calendar/not-set", headers=admin)).json()["items"] == []


async def test_overrides_are_set_all_or_none_and_taken_back(
    client: AsyncClient, process: Process, estate: Estate, admin: Header
) -> None:
    assert (await estate()).written
    project = await project_of(process)
    async with process.works.begin() as work:
        company = (await root_node(work)).id
    night = [{"opens": "22:00", "closes": "02:00"}, {"opens": "09:00", "closes": "12:00"}]
    days = [
        {"day": "2026-11-23", "shifts": [], "name": "台风"},
        {"day": "2026-11-29", "shifts": night, "name": "开放日"},
        {"day": "2027-02-08", "shifts": []},
    ]
    made = await put(client, admin, "overrides", company, '"0"', days=days)
    assert (made.status_code, made.json()["act"], made.json()["moved_count"]) == (200, "overrides", 0)
    nearer = [{"day": "2026-11-23", "shifts": OFFICE, "name": "照常"}]
    assert (await put(client, admin, "overrides", project, '"1"', days=nearer)).status_code == 200
    found = await read(client, admin, project, "2026-11-23", "2027-02-09")
    by_day = {day["day"]: day for day in found["days"]}
    assert (by_day["2026-11-23"]["kind"], by_day["2026-11-23"]["name"]["zh"]) == ("override", "照常")
    assert open_from_to(by_day["2026-11-29"]) == [("01:00", "04:00"), ("14:00", "18:00")]
    assert (by_day["2027-02-08"]["provisional"], by_day["2027-02-09"]["kind"]) == (False, "workday")
    assert by_day["2027-02-09"]["provisional"] is True
    back = await put(client, admin, "overrides", project, days=[{"day": "2026-11-23", "shifts": None}])
    assert back.status_code == 200
    assert (await read(client, admin, project, "2026-11-23", "2026-11-23"))["days"][0]["name"]["zh"] == "台风"
    # One wrong day, and none is set.
    good, bad = {"day": "2026-12-01", "shifts": []}, {"day": "2026-12-02", "shifts": [OFFICE[0], OFFICE[0]]}
    assert (await put(client, admin, "overrides", project, days=[good, bad])).status_code == 422
    assert (await read(client, admin, project, "2026-12-01", "2026-12-01"))["days"][0]["kind"] == "workday"


async def test_what_cannot_be_is_refused_by_field(
    client: AsyncClient, process: Process, estate: Estate, admin: Header, staffed: SignedIn
) -> None:
    assert (await estate()).written
    project, nowhere = await project_of(process), new_id()
    two, same = {"opens": "09:00", "closes": "12:00"}, {"opens": "09:00", "closes": "09:00"}
    late, bad = {"opens": "20:00", "closes": "10:00"}, "string_pattern_mismatch"
    day = {"day": "2026-12-01", "shifts": []}
    over = {"opens": "11:59", "closes": "13:00"}
    for what, asked, field, code in (
        ("hours", {"week": {}}, "week", "hours_empty"),
        ("hours", {"week": {"monday": [two, over]}}, "week.monday", "shifts_overlap"),
        ("hours", {"week": {"sunday": [late], "monday": [two]}}, "week.monday", "shifts_overlap"),
        ("hours", {"week": {"monday": [same]}}, "week.monday.0", "shift_empty"),
        ("hours", {"week": {"monday": [{"opens": "9", "closes": "18:00"}]}}, "week.monday.0.opens", bad),
        ("hours", {"week": {"monday": [{"opens": "24:00", "closes": "18:00"}]}}, "week.monday.0.opens", bad),
        ("hours", {"week": {"monday": OFFICE * 9}}, "week.monday", "too_long"),
        ("hours", {"week": {"someday": OFFICE}}, "week.someday", "extra_forbidden"),
        ("hours", {"week": WEEK, "time_zone": "Asia/Nowhere"}, "time_zone", "time_zone_unknown"),
        ("hours", {"week": WEEK, "time_zone": "Europe/London"}, "time_zone", "time_zone_shifts"),
        ("hours", {"week": WEEK, "time_zone": "../../etc/passwd"}, "time_zone", "string_pattern_mismatch"),
        ("hours", {"week": WEEK, "node": str(nowhere)}, "node", "node_unknown"),
        ("hours", {"week": WEEK, "node": "a"}, "node", "uuid_parsing"),
        ("hours", {"week": WEEK, "reason": "a\x00b"}, "reason", "control_character"),
        ("hours", {"week": WEEK, "reason": " "}, "reason", "string_too_short"),
        ("overrides", {"days": []}, "days", "too_short"),
        ("overrides", {"days": [day] * 401}, "days", "too_long"),
        ("overrides", {"days": [day, day]}, "days.1.day", "day_twice"),
        ("overrides", {"days": [{"day": "2026-12-01"}]}, "days.0.shifts", "missing"),
        ("overrides", {"days": [day | {"name": "开\x00放"}]}, "days.0.name", "control_character"),
        ("overrides", {"days": [day | {"shifts": [two, over]}]}, "days.0.shifts", "shifts_overlap"),
        ("overrides", {"days": [day | {"shifts": [same]}]}, "days.0.shifts.0", "shift_empty"),
        ("overrides", {"days": [day | {"day": "2126-12-01"}]}, "days", "calendar_too_far"),
        ("overrides", {"days": [day | {"day": "2026-02-30"}]}, "days.0.day", "date_from_datetime_parsing"),
    ):  # fmt: skip
        changed: dict[str, Any] = {"node": project} | asked
        refused = await put(client, admin, what, **changed)
        assert refused.status_code == 422, asked
        assert [(one["field"], one["code"]) for one in refused.json()["errors"]] == [(field, code)], asked
    nothing = await put(client, admin, "overrides", project, days=[{"day": "2026-12-01", "shifts": None}])
    assert nothing.json()["code"] == "nothing_to_change"
    assert (await put(client, admin, "hours", project, week=WEEK)).status_code == 200
    assert (await put(client, admin, "hours", project, week=WEEK)).json()["code"] == "nothing_to_change"
    queries: tuple[tuple[dict[str, str], int, str | None], ...] = (
        ({"from": "2026-12-02", "to": "2026-12-01"}, 422, "dates_reversed"),
        ({"from": "2026-01-01", "to": "2027-02-05"}, 422, "range_too_long"),
        ({"from": "2026-01-01", "to": "2027-02-04"}, 200, None),
        ({"from": "2003-12-31", "to": "2004-01-01"}, 422, "calendar_too_far"),
        ({"from": "2100-12-31", "to": "2101-01-01"}, 422, "calendar_too_far"),
        ({"from": "0001-01-01", "to": "9999-12-31"}, 422, "range_too_long"),
        ({"from": "yesterday", "to": "2026-12-01"}, 422, "fields_invalid"),
        ({"from": "2026-12-01"}, 422, "fields_invalid"),
        ({"from": "2026-12-01", "to": "2026-12-01", "project": str(nowhere)}, 404, "not_found"),
        ({"from": "2026-12-01", "to": "2026-12-01", "project": "a"}, 422, "fields_invalid"),
    )
    for query, status, refusal in queries:
        answered = await client.get("/v1/calendar", params={"project": str(project)} | query, headers=admin)
        assert (answered.status_code, answered.json().get("code")) == (status, refusal), query
    for number, status in ((0, 422), (10**30, 422), ("a", 422), (999, 404)):
        assert (await client.get(f"/v1/calendar/versions/{number}", headers=admin)).status_code == status
    engineer = await staffed("E1", "repair_engineer")
    assert (await put(client, engineer, "hours", project, week=WEEK)).status_code == 403


async def test_publishing_needs_the_version_that_was_read(
    client: AsyncClient, process: Process, estate: Estate, admin: Header
) -> None:
    assert (await estate()).written
    assert (await estate([home_row("0101", "何静", "13500001111")], project="平江里", region="苏州")).written
    project, other = await project_of(process), await project_of(process, "平江里")
    missing = await put(client, admin, "hours", project, None, week=WEEK)
    assert (missing.status_code, missing.json()["code"]) == (422, "if_match_required")
    racing = await asyncio.gather(
        *(
            put(client, admin, "overrides", project, '"0"', days=[{"day": f"2026-12-0{n}", "shifts": []}])
            for n in range(1, 5)
        )
    )
    assert Counter(one.status_code for one in racing) == {200: 1, 412: 3}
    stale = next(one for one in racing if one.status_code == 412)
    assert (stale.json()["present"]["version"], stale.json()["code"]) == (1, "changed_meanwhile")
    # Another region's calendar has not changed by it, though numbers run on.
    elsewhere = await put(client, admin, "hours", other, '"0"', week=WEEK)
    assert (elsewhere.status_code, elsewhere.json()["number"]) == (200, 2)
    assert (await put(client, admin, "hours", project, '"1"', week=WEEK)).json()["number"] == 3
    version = (await client.get("/v1/calendar/versions/1", headers=admin)).json()
    assert (version["reason"], version["node"], version["moved"]) == ("调整", str(project), [])
    assert len(version["change"]["days"]) == 1
    me = (await client.get("/v1/me", headers=admin)).json()["id"]
    assert version["published_by"] == me


async def test_a_due_time_is_explained_interval_by_interval(
    client: AsyncClient, process: Process, estate: Estate, admin: Header, signed_in: SignedIn
) -> None:
    assert (await estate()).written
    project = await project_of(process)
    owner = await signed_in(await account_of(process, OWNER))

    async def ask(start: str, kind: str, value: Any, header: Header = owner, **more: str) -> Response:
        asked = {"project": str(project), "start": start, "rule": {"kind": kind, "value": value}} | more
        return await client.post("/v1/calendar/due", json=asked, headers=header)

    told = (await ask("2026-09-30T16:00:00+08:00", "working_hours", 4)).json()
    assert told == {
        "due": "2026-10-08T03:00:00.000Z",
        "day": "2026-10-08",
        "provisional": False,
        "hours_set": False,
        "time_zone": "Asia/Shanghai",
        "version": 0,
        "counted": [
            {"opens": "2026-09-30T08:00:00.000Z", "closes": "2026-09-30T10:00:00.000Z", "day": "2026-09-30"},
            {"opens": "2026-10-08T01:00:00.000Z", "closes": "2026-10-08T03:00:00.000Z", "day": "2026-10-08"},
        ],
    }
    across = (await ask("2026-12-30T08:00:00Z", "working_days", 2)).json()
    assert (across["due"], across["provisional"]) == ("2027-01-04T10:00:00.000Z", True)
    for start, kind, value, field in (
        ("2026-09-30T16:00:00", "working_hours", 4, "start"),
        ("1999-09-30T16:00:00Z", "working_hours", 4, None),
        ("0001-01-01T00:00:00+23:59", "working_days", 4, None),
        ("9999-12-31T23:59:59-23:59", "elapsed_hours", 87_000, None),
        ("2099-09-30T16:00:00Z", "calendar_months", 1200, None),
        ("2026-09-30T16:00:00Z", "working_hours", 0, "rule.working_hours.value"),
        ("2026-09-30T16:00:00Z", "working_hours", "4", "rule.working_hours.value"),
        ("2026-09-30T16:00:00Z", "working_days", 10**30, "rule.working_days.value"),
        ("2026-09-30T16:00:00Z", "moons", 4, "rule"),
    ):
        refused = await ask(start, kind, value)
        assert refused.status_code == 422, (start, kind, value)
        if field is None:
            assert refused.json()["code"] == "calendar_too_far"
        else:
            assert refused.json()["errors"][0]["field"] == field
    for wrong in (str(new_id()), str((await parents(process, project))[0])):
        for header, status in ((owner, 404), (admin, 404)):
            assert (
                await ask("2026-09-30T16:00:00Z", "working_days", 1, header, project=wrong)
            ).status_code == status


async def parents(process: Process, project: UUID) -> list[UUID]:
    async with process.works.begin() as work:
        return (await work.get_one(Node, project)).path[:-1]


async def words_at(work: Work, process: Process, node: UUID, words: str | None) -> tuple[bool, int]:
    await set_hours_from_words(work, process.clocks, node, words, actor=None)
    calendar = await calendar_of(work, node)
    return calendar.hours_set, calendar.version


async def test_words_set_hours_until_an_administrator_does(
    work: Begin, process: Process, client: AsyncClient, admin: Header
) -> None:
    async with work() as session:
        project = await add_node(session, await root_node(session), "project", name="甲", key="甲")
        for words, expected in (
            (None, (False, 0)),
            ("看情况", (False, 0)),
            ("周一至周日 9:00-18:00", (True, 1)),
            ("周一至周日 9:00-18:00", (True, 1)),
            ("9:00 起", (False, 2)),
            ("24小时", (True, 3)),
            (None, (False, 4)),
            ("24小时", (True, 5)),
        ):
            assert await words_at(session, process, project.id, words) == expected, words
    version = (await client.get("/v1/calendar/versions/2", headers=admin)).json()
    assert (version["act"], version["change"]) == ("words", {"hours": None, "words": "9:00 起", "days": []})
    shown = (await client.get("/v1/calendar/hours", params={"node": str(project.id)}, headers=admin)).json()
    assert (shown["words"], shown["hours"]["observes_holidays"]) == ("24小时", False)
    assert (await put(client, admin, "hours", project.id, week=WEEK)).status_code == 200
    async with work() as session:
        assert await words_at(session, process, project.id, "周一 9:00-18:00") == (True, 6)


async def test_a_projects_own_words_are_read_when_it_is_edited(
    client: AsyncClient, process: Process, estate: Estate, admin: Header
) -> None:
    assert (await estate()).written
    project = await project_of(process)
    for words, is_set in (("周一至周日 9:00-18:00", True), ("请来电", False), ("每天 8:30-20:00", True)):
        edited = await client.patch(
            f"/v1/projects/{project}", json={"service_hours": words}, headers={**admin, "if-match": "*"}
        )
        assert edited.status_code == 200
        found = await read(client, admin, project, "2026-11-28", "2026-11-28")
        assert (found["hours_set"], bool(found["days"][0]["open"])) == (is_set, is_set)
    # Imported again, a project keeps its fact and its hours.
    assert (await estate()).written
    assert (await read(client, admin, project, "2026-11-28", "2026-11-28"))["version"] == 3


async def test_operators_are_warned_two_months_ahead(process_alone: Process, logged: Lines) -> None:
    [warning] = [one for one in crons(process_alone) if one.name == "warn_of_the_calendar"]
    assert isinstance(process_alone.clock, MovableClock)
    told: list[int] = []
    for day in (date(MAINLAND.last_year, 10, 31), date(MAINLAND.last_year, 11, 1)):
        noon = datetime.combine(day, time(12), SHANGHAI)
        process_alone.clock.shift += noon - process_alone.clock.now()
        await warning.coroutine({})
        lines = [line for line in logged() if "calendar_not_published" in line.values()]
        told.append(len(lines))
    assert told == [0, 1]


async def test_an_imported_workbook_sets_the_hours_its_project_names(
    process: Process, tmp_path: Path
) -> None:
    book = Workbook()
    facts, ledger = book.active, book.create_sheet("业主台账")
    assert facts is not None
    facts.title = "项目"
    for fact in (("项目名称", "朗润园"), ("城市公司", "上海"), ("服务时间", "周一至周日 9:00-18:00")):
        facts.append(fact)
    ledger.append(COLUMNS)
    ledger.append([LANG_RUN[0].get(column) for column in COLUMNS])
    path = tmp_path / "朗润园.xlsx"
    book.save(path)
    for _ in range(2):
        report = await import_file(
            process,
            path,
            dry_run=False,
            accept_good_rows=False,
            region=None,
            project=None,
            on_progress=lambda _: None,
        )
        assert report.written, report
        async with process.works.begin() as work:
            found = await calendar_of(work, await project_of(process))
        assert (found.hours_set, found.version, len(found.week[6])) == (True, 1, 1)
