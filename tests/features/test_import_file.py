"""The import as the command line calls it: judged against what is on record, all or nothing, the same again nothing."""

import asyncio
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from backend.core.locale import LOCALES, say
from backend.features.estate.service import ImportReport, import_file
from backend.features.people.service import end_household
from backend.platform.process import Process
from tests.fixtures.estate import IDENTITY, LANG_RUN, Estate, Sheet, home_row, ownership_of

LI = home_row("0101", "李欣", "13542604684", 证件号码=IDENTITY)
WANG = home_row("0102", "王芳", "13688889999")
NOBODY = home_row("0103", "", "13700001234")
ESTATE = ("node", "project", "home", "ownership", "ownership_change", "household_member", "account")
TABLES = (*ESTATE, "import", "import_row")


async def counts(process: Process) -> dict[str, int]:
    async with process.works.begin() as work:
        return {table: await work.scalar(text(f"SELECT count(*) FROM {table}")) or 0 for table in TABLES}


async def values(process: Process, columns: str, contract_no: str) -> tuple[Any, ...]:
    async with process.works.begin() as work:
        found = await work.execute(
            text(f"SELECT {columns} FROM ownership WHERE contract_no = :no"), {"no": contract_no}
        )
        return tuple(found.one())


def refused(report: ImportReport) -> dict[int, str | None]:
    return {row.row: row.code for row in report.rows if row.state == "refused"}


async def test_a_dry_run_reports_and_leaves_nothing(process: Process, estate: Estate) -> None:
    before = await counts(process)
    report = await estate([LI, NOBODY], dry_run=True)
    assert (report.sums["ok"], report.sums["refused"], report.sums["new"]) == (1, 1, 1)
    assert refused(report) == {3: "name_missing"}
    assert not report.written
    assert await counts(process) == before


async def test_all_or_nothing_unless_the_good_rows_are_accepted(process: Process, estate: Estate) -> None:
    before = await counts(process)
    assert not (await estate([LI, NOBODY])).written
    assert await counts(process) == before
    assert (await estate([LI, NOBODY], accept_good_rows=True)).written
    assert (await counts(process))["home"] == 1


async def test_the_same_file_again_changes_nothing(process: Process, estate: Estate) -> None:
    first = await estate()
    assert (first.sums["new"], first.region, first.project) == (len(LANG_RUN), "上海", "朗润园")
    kept = await counts(process)
    second = await estate()
    assert second.written
    assert (second.sums["same"], second.sums["new"], second.sums["changed"]) == (len(LANG_RUN), 0, 0)
    now = await counts(process)
    assert {table: now[table] for table in ESTATE} == {table: kept[table] for table in ESTATE}


async def test_a_corrected_file_updates_dates_with_a_line(process: Process, estate: Estate) -> None:
    await estate([LI, WANG])
    report = await estate([{**LI, "实际交付日期": "2024-06-29", "合同交付日期": "2024-06-30"}, WANG])
    assert (report.sums["changed"], report.sums["same"]) == (1, 1)
    assert await values(process, "delivered_on, delivery_due_on, version", "合同-0101") == (
        date(2024, 6, 29),
        date(2024, 6, 30),
        2,
    )
    async with process.works.begin() as work:
        line = (
            await work.execute(
                text("SELECT act, before, after, import_id FROM ownership_change WHERE before <> '{}'::jsonb")
            )
        ).one()
    assert line.before == {"delivered_on": None, "delivery_due_on": "2024-06-28"}
    assert line.after == {"delivered_on": "2024-06-29", "delivery_due_on": "2024-06-30"}
    assert (line.act, line.import_id is not None) == ("imported", True)
    # An older sheet that does not know the day yet takes nothing away.
    assert (await estate([{**LI, "合同交付日期": "2024-06-30"}, WANG])).sums["same"] == 2


async def test_rows_against_what_is_on_record_are_refused_by_name(process: Process, estate: Estate) -> None:
    await estate([LI, WANG, {**home_row("0104", "周明", "13700005678"), "领钥匙日期": "2024-07-01"}])
    report = await estate(
        [
            {**LI, "合同编号": "别的合同"},
            {**WANG, "业主姓名": "何静", "手机号码": "13800138000"},
            home_row("0105", "何静", "13800138001", 合同编号="合同-0104"),
            home_row("0106", "张三", "13688889999"),
            home_row("0104", "周明", "13700005678", 合同编号="", 实际交付日期="2024-08-01"),
            home_row("0107", "何静", "13800138002"),
        ]
    )
    assert refused(report) == {
        2: "sold_on_record",
        3: "owners_differ",
        4: "contract_elsewhere",
        5: "phone_other_name",
        6: "order_on_record",
    }
    assert not report.written
    for row in report.rows:
        for locale in LOCALES if row.code else ():
            sentence = say(locale, f"import.{row.code}", **{"column": row.column or "", **row.params})
            assert "{" not in sentence


async def test_what_was_sold_on_does_not_come_back(process: Process, estate: Estate) -> None:
    await estate([LI])
    ownership_id = await ownership_of(process, "合同-0101")
    async with process.works.begin() as work:
        await end_household(work, process.signals, ownership_id, now=process.clock.now())
        await work.execute(text("UPDATE ownership SET ended_on = current_date, end_reason = 'resale'"))
    assert refused(await estate([LI])) == {2: "contract_ended"}
    assert (await estate([{**LI, "合同编号": "转-1", "业主姓名": "王芳", "手机号码": "13688889999"}])).sums[
        "new"
    ] == 1
    assert (await counts(process))["home"] == 1


async def test_two_imports_of_one_project_at_once_are_both_right(process: Process, sheet: Sheet) -> None:
    path = sheet(LANG_RUN)

    async def bring_in() -> ImportReport:
        return await import_file(
            process,
            path,
            dry_run=False,
            accept_good_rows=False,
            region="上海",
            project="朗润园",
            on_progress=lambda _: None,
        )

    reports = await asyncio.gather(bring_in(), bring_in())
    assert [report.written for report in reports] == [True, True]
    assert sorted(report.sums["new"] for report in reports) == [0, len(LANG_RUN)]
    found = await counts(process)
    assert (found["home"], found["ownership"], found["project"]) == (len(LANG_RUN), len(LANG_RUN), 1)


async def test_spellings_of_one_home_are_one_home(process: Process, estate: Estate) -> None:
    await estate([LI])
    report = await estate([{**LI, "楼栋": "1#", "单元": "一单元", "房号": "101"}])
    assert (report.sums["same"], refused(report)) == (1, {})
    assert (await counts(process))["home"] == 1


@pytest.mark.parametrize(
    ("region", "project", "code"), [(None, None, "project_unnamed"), (None, "朗润园", "region_unnamed")]
)
async def test_a_file_without_its_place_is_refused(
    process: Process, sheet: Sheet, region: str | None, project: str | None, code: str
) -> None:
    report = await import_file(
        process,
        sheet([LI]),
        dry_run=False,
        accept_good_rows=True,
        region=region,
        project=project,
        on_progress=lambda _: None,
    )
    assert report.refusal is not None
    assert (report.refusal[0], report.rows, report.written) == (code, (), False)


async def test_a_renamed_picture_is_refused_in_a_sentence(process: Process, tmp_path: Path) -> None:
    path = tmp_path / "estate.xlsx"
    path.write_bytes(b"%PDF-1.7\n" + b"\0" * 100)
    report = await import_file(
        process,
        path,
        dry_run=True,
        accept_good_rows=False,
        region=None,
        project=None,
        on_progress=lambda _: None,
    )
    assert report.refusal is not None
    code, params = report.refusal
    assert code == "not_a_workbook"
    assert say("zh-CN", f"import.{code}", **params)


async def test_the_project_keeps_facts_that_staff_wrote(process: Process, estate: Estate) -> None:
    await estate([LI])
    async with process.works.begin() as work:
        await work.execute(text("UPDATE project SET hotline = '400-100-2000'"))
    await estate([LI, WANG])
    async with process.works.begin() as work:
        assert await work.scalar(text("SELECT hotline FROM project")) == "400-100-2000"
