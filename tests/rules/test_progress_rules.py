"""What posts of each kind need, and what none of them can have."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import get_args
from uuid import UUID

import pytest

from backend.features.notices.kinds import policies_of
from backend.features.progress.rules import (
    TAKE_BACK,
    BuildingStands,
    Content,
    Kind,
    Photo,
    Slot,
    faults_of,
    must_be_confirmed,
    notice_of,
)
from backend.features.standard.service import Policies, shipped_policies

NOTICES = policies_of(Policies(None, shipped_policies()))
TODAY = date(2026, 11, 22)
PLAIN = Content("11月工程进展", "主体封顶")
ONE, TWO = UUID(int=1), UUID(int=2)
TEN = datetime(2026, 12, 1, 10, tzinfo=UTC)
SLOT = Slot("东门", TEN, TEN + timedelta(hours=2), 30)


@pytest.mark.parametrize("kind", get_args(Kind))
def test_every_kind_is_told_as_a_kind_of_notice(kind: Kind) -> None:
    for corrected in (False, True):
        told = NOTICES[notice_of(kind, must_confirm=must_be_confirmed(kind, corrected))]
        assert told.lane == "bulk", "a page or a code never waits behind a post"
        assert told.legal == must_be_confirmed(kind, corrected), "what must be confirmed must reach"


def test_a_change_of_planning_must_reach_and_be_confirmed() -> None:
    """S3-20, and what corrects one."""
    found = {
        (kind, corrected) for kind in get_args(Kind) for corrected in (False, True)
        if must_be_confirmed(kind, corrected)
    }  # fmt: skip
    assert found == {
        ("planning_or_design_change", False),
        ("planning_or_design_change", True),
        ("correction", True),
    }


@pytest.mark.parametrize(
    ("kind", "content", "expected"),
    [
        ("progress", PLAIN, []),
        ("open_day", replace(PLAIN, slots=(SLOT,)), []),
        ("open_day", PLAIN, [("slots", "slots_missing")]),
        ("newsletter", replace(PLAIN, slots=(SLOT,)), [("slots", "only_of_open_days")]),
        ("open_day", replace(PLAIN, slots=(SLOT, replace(SLOT, ends_at=TEN))), [("slots.1.ends_at", "slot_reversed")]),
        ("progress", replace(PLAIN, everywhere=False), [("buildings", "buildings_missing")]),
        (
            "progress",
            replace(PLAIN, buildings=(BuildingStands(ONE, 5), BuildingStands(ONE, 6))),
            [("buildings", "named_twice")],
        ),
        (
            "progress",
            replace(PLAIN, photos=(Photo(TWO, None, None), Photo(TWO, "南立面", None))),
            [("photos", "named_twice")],
        ),
        ("letter_home", replace(PLAIN, milestone="topped-out"), [("milestone", "only_of_progress")]),
        ("letter_home", replace(PLAIN, month=date(2026, 11, 1)), [("month", "only_of_progress")]),
        ("progress", replace(PLAIN, month=date(2026, 11, 2)), [("month", "month_not_first")]),
        ("progress", replace(PLAIN, month=date(2026, 12, 1)), [("month", "month_ahead")]),
        ("progress", replace(PLAIN, month=date(2026, 10, 1)), []),
    ],
)  # fmt: skip
def test_what_cannot_be_meant_is_named(kind: Kind, content: Content, expected: list[tuple[str, str]]) -> None:
    assert [(fault.field, fault.code) for fault in faults_of(kind, content, today=TODAY)] == expected


def test_a_post_can_be_taken_back_for_a_short_time_only() -> None:
    assert timedelta(minutes=5) <= TAKE_BACK <= timedelta(hours=1)
