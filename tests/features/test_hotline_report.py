"""The hotline's report: what it counts is what stands on the cases, in every form it comes in."""

import csv
import io
from datetime import timedelta
from typing import Any

from openpyxl import load_workbook
from sqlalchemy import text

from backend.core.clock import local_date
from tests.fixtures.cases import Desk
from tests.fixtures.hotline import code
from tests.fixtures.process import Begin


async def test_rates_count_what_stands_on_the_cases(desk: Desk, work: Begin) -> None:
    """HC-27, HC-28, CT-28, MG-01: handled, and accepted only beside it; a late reply shows until the end."""
    now = desk.process.clock.now()
    first = await desk.call()
    second = await desk.call(gist="楼道灯坏了", category="works", severity="urgent")
    await desk.bring(desk.owner, kind="enquiry", gist="地下车位怎么申请")
    answer = await desk.agent.ask("POST", f"cases/{second['id']}/merging", json={"into": first["id"]})
    assert answer.status_code == 200, answer.text
    async with work() as unit:
        # As the clocks' timer does when the reply is late.
        await unit.execute(
            text(
                "UPDATE case_clock SET state = 'breached', breached_at = due_at WHERE code = 'C3' AND case_id = :id"
            ),
            {"id": first["id"]},
        )
    days: dict[str, Any] = {
        "from": str(now.date() - timedelta(days=1)),
        "to": str(now.date() + timedelta(days=1)),
    }
    answer = await desk.head.ask("GET", "reports/hotline", params=days)
    assert answer.status_code == 200, answer.text
    report = answer.json()
    complaints = report["complaints"]
    assert {name: complaints[name] for name in ("received", "elsewhere", "closed", "late")} == {
        "received": 2,
        "elsewhere": 1,
        "closed": 0,
        "late": 1,
    }
    assert complaints["handled"] == {"count": 0, "of": 1, "percent": 0.0, "target": 100, "met": False}
    assert complaints["accepted_only"]["of"] == 1
    assert complaints["replied_in_time"] == {"count": 0, "of": 1, "percent": 0.0, "target": 100, "met": False}
    assert report["all"]["received"] == 3
    assert {one["key"]: one["received"] for one in report["by_kind"]} == {"complaint": 2, "enquiry": 1}
    assert {one["key"]: one["received"] for one in report["by_severity"]} == {"general": 1, "urgent": 1}
    assert {one["key"]: one["received"] for one in report["by_category"]} == {"works": 1, "property": 1}
    assert {one["key"] for one in report["by_outcome"]} == {"open", "merged"}
    assert sum(one["received"] for one in report["by_hour"]) == 2
    stands = {one["code"]: (one["met"], one["missed"], one["open"], one["void"]) for one in report["clocks"]}
    assert stands["C1"] == (2, 0, 1, 0)
    assert stands["C3"] == (0, 1, 1, 1)

    table = await desk.head.ask("GET", "reports/hotline", params=days | {"format": "csv"})
    assert table.headers["content-type"] == "text/csv; charset=utf-8"
    rows = list(csv.reader(io.StringIO(table.content.decode("utf-8-sig"), newline="")))
    assert ["投诉", "2", "1", "0", "0", "0", "1", "0.0%", "0.0%", "0.0%"] in rows
    book = await desk.head.ask("GET", "reports/hotline", params=days | {"format": "xlsx"})
    sheets = load_workbook(io.BytesIO(book.content))
    assert len(sheets.sheetnames) == 8
    assert sheets.worksheets[0]["B2"].value == 2

    nowhere = await desk.head.ask("GET", "reports/hotline", params=days | {"node": first["id"]})
    assert nowhere.status_code == 404
    wrong = {"from": days["to"], "to": days["from"]}
    assert code(await desk.head.ask("GET", "reports/hotline", params=wrong)) == (422, "report_days")
    assert code(await desk.agent.ask("GET", "reports/hotline", params=days)) == (403, "not_in_your_role")
    before = {"from": "2020-01-01", "to": "2020-12-31"}
    empty = (await desk.head.ask("GET", "reports/hotline", params=before)).json()
    assert (empty["complaints"]["handled"]["percent"], empty["by_kind"]) == (None, [])


async def test_a_project_is_reported_by_its_own(desk: Desk) -> None:
    """By node and below, within the scope of whoever asks."""
    await desk.call()
    today = str(local_date(desk.process.clock.now()))
    days = {"from": today, "to": today, "node": str(desk.hotline.project)}
    answer = await desk.property_manager.ask("GET", "reports/hotline", params=days)
    assert (answer.json()["complaints"]["received"], answer.json()["node_id"]) == (1, days["node"])
