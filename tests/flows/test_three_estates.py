"""The three sample estates: what their journeys say on the day of the import is what the workbooks alone say.

朗润园 lives in its third year, 假日风景 waits for its homes, 华尔兹 has just been handed over, from a dirty sheet.
"""

from calendar import monthrange
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from backend.core.clock import local_date
from backend.features.estate.service import import_file
from backend.features.journey.service import milestones_without_timer
from backend.platform.process import Process
from tests.fixtures.application import Drain
from tests.fixtures.journeys import rows
from tests.flows.sheet_count import Owed, homes_of, owed_of, step_of

SAMPLES = Path(__file__).parents[3] / "shared" / "data"

pytestmark = pytest.mark.skipif(not SAMPLES.is_dir(), reason="the sample workbooks are not here")

COUNTED = (
    "three-month-visit",
    "one-year-check",
    "warranty-notice",
    "warranty-expiry-notice",
    "delivery-pack",
)
OWED = (
    "SELECT m.obligation, m.state, m.due_on, count(*) AS homes"
    " FROM milestone m JOIN project p ON p.node_id = m.project_id"
    " WHERE p.name = :project AND m.obligation = ANY (:counted) AND m.due_on IS NOT NULL"
    " AND NOT (m.obligation = 'delivery-pack' AND m.state IN ('not_applicable', 'missed'))"
    " GROUP BY m.obligation, m.state, m.due_on"
)
STEPS = (
    "SELECT j.step, count(*) AS homes FROM journey j JOIN project p ON p.node_id = j.project_id"
    " WHERE p.name = :project AND j.ownership_id IS NOT NULL GROUP BY j.step"
)
HEAP = "SELECT kind FROM timer WHERE due_at <= app_now() AND kind <> 'warranty_notice' LIMIT 10"
POSTS = (
    "SELECT m.due_on FROM milestone m JOIN project p ON p.node_id = m.project_id"
    " WHERE p.name = :project AND m.obligation = 'progress-post' AND m.state IN ('due', 'late') ORDER BY m.due_on"
)


@pytest.mark.parametrize(
    ("project", "workbook", "irregular"),
    [
        ("朗润园", "langrunyuan.xlsx", None),
        ("假日风景", "jiarifengjing.xlsx", None),
        ("华尔兹", "huaerzi-as-exported.xlsx", "huaerzi-as-exported.expected.json"),
    ],
)
async def test_an_estate_owes_what_its_workbook_says(
    process: Process, drain: Drain, project: str, workbook: str, irregular: str | None
) -> None:
    today = local_date(process.clock.now())
    report = await import_file(
        process,
        SAMPLES / workbook,
        dry_run=False,
        accept_good_rows=True,
        region=None,
        project=None,
        on_progress=lambda _: None,
    )
    assert report.refusal is None
    await drain()
    homes = homes_of(SAMPLES / workbook, SAMPLES / irregular if irregular else None)

    steps = Counter({row.step: row.homes for row in await rows(process, STEPS, project=project)})
    assert steps == Counter(step_of(home, today) for home in homes)

    expected: Owed = sum((owed_of(home, today) for home in homes), Counter())
    found = await rows(process, OWED, project=project, counted=list(COUNTED))
    assert Counter({(row.obligation, row.state, row.due_on): row.homes for row in found}) == expected

    # Posts are owed month by month until the first home is handed over.
    handed_over = any(home["实际交付日期"] for home in homes)
    month_ends = date(today.year, today.month, monthrange(today.year, today.month)[1])
    posts = [row.due_on for row in await rows(process, POSTS, project=project)]
    assert posts == ([] if handed_over else [month_ends])

    # Nothing is fired in a heap: what was owed before is on record, and what comes has its timer. Only what a household
    # must be told of its warranty while that still runs is told at once.
    assert await rows(process, HEAP) == []
    async with process.works.begin() as work:
        assert not await milestones_without_timer(work)
