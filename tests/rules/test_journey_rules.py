"""Journeys as rules: what is laid out, how it stands, what a moved date changes, and what done takes."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.core.clock import SHANGHAI
from backend.core.ids import new_id
from backend.features.journey.rules.doing import done_at_fault, done_faults
from backend.features.journey.rules.laying import (
    Book,
    Place,
    book_of,
    derived_dates,
    lay_out,
    uses_project_dates,
)
from backend.features.journey.rules.periods import first_day, last_day, next_first, whole_periods
from backend.features.journey.rules.revising import Row, acts, moved_promises, revise
from backend.features.journey.rules.standing import Kept, State
from backend.features.journey.rules.steps import current_step
from backend.features.journey.service.reckoning import CalendarReckoner
from backend.features.standard.document import Due
from backend.platform.calendar import Calendar
from tests.fixtures.journeys import days, obligation, standard

RECKONER = CalendarReckoner(Calendar())
STANDARD = standard()
BOOK, PROJECT = book_of(STANDARD, "ownership"), book_of(STANDARD, "project")
D = date


def at(day: date, hour: int = 12) -> datetime:
    return datetime.combine(day, time(hour), SHANGHAI).astimezone(UTC)


def midnight_after(day: date) -> datetime:
    return datetime.combine(day + timedelta(days=1), time(), SHANGHAI)


def laid(
    dates: Mapping[str, date], now: datetime, book: Book = BOOK, rows: Mapping[Place, Row] | None = None
) -> dict[Place, Row]:
    """The milestones after laying out, or after revising `rows`."""
    after = dict(rows or {})
    known = derived_dates(book.standard, dates, RECKONER)
    for change in revise(book, after, known, RECKONER, now=now):
        settled = change.settled
        row = Row(
            change.row.id if change.row else new_id(),
            replace(change.planned, applies=True),
            settled.state,
            settled.kept,
            by_itself=settled.state == "done" and change.obligation.responsible is None,
        )
        after[change.planned.place] = row
    return after


def stands(rows: Mapping[Place, Row], code: str) -> tuple[State, date | None]:
    row = rows[Place(code, None)]
    return row.state, row.planned.due_on


@pytest.mark.parametrize(
    ("rule", "code", "dates", "today", "expected"),
    [
        # At once for a limit that runs forward; until the end of the seventh day.
        ("S2-26", "first-contact", {"subscribed_on": D(2026, 3, 1)}, D(2026, 3, 1), ("due", D(2026, 3, 8))),
        ("S2-26", "first-contact", {"subscribed_on": D(2026, 3, 1)}, D(2026, 3, 8), ("due", D(2026, 3, 8))),
        # Imported afterwards: noted, nobody is sent.
        (
            "TM-03",
            "first-contact",
            {"subscribed_on": D(2026, 3, 1)},
            D(2026, 3, 9),
            ("missed", D(2026, 3, 8)),
        ),
        # Nobody owes it: it has run out.
        ("CT-35", "cooling-off", {"subscribed_on": D(2026, 3, 1)}, D(2026, 3, 4), ("due", D(2026, 3, 4))),
        ("CT-35", "cooling-off", {"subscribed_on": D(2026, 3, 1)}, D(2026, 3, 5), ("done", D(2026, 3, 4))),
        # Backwards from a date, across a month's end.
        (
            "DL-09",
            "delivery-pack",
            {"delivery_due_on": D(2026, 3, 5)},
            D(2026, 2, 1),
            ("coming", D(2026, 2, 23)),
        ),
        (
            "DL-09",
            "delivery-pack",
            {"delivery_due_on": D(2026, 3, 5)},
            D(2026, 2, 9),
            ("due", D(2026, 2, 23)),
        ),
        (
            "DL-09",
            "delivery-pack",
            {"delivery_due_on": D(2026, 3, 5)},
            D(2026, 2, 24),
            ("late", D(2026, 2, 23)),
        ),
        # Handed over: no pack is owed any more, and it was due when it was.
        (
            "DL-09",
            "delivery-pack",
            {"delivery_due_on": D(2026, 3, 5), "delivered_on": D(2026, 3, 1)},
            D(2026, 3, 2),
            ("missed", D(2026, 2, 23)),
        ),
        (
            "DL-09",
            "delivery-pack",
            {"delivery_due_on": D(2026, 6, 5), "delivered_on": D(2026, 3, 1)},
            D(2026, 3, 2),
            ("not_applicable", D(2026, 5, 26)),
        ),
        # Month ends.
        (
            "S5-03",
            "living-visit",
            {"moved_in_on": D(2025, 11, 30)},
            D(2026, 1, 1),
            ("coming", D(2026, 2, 28)),
        ),
        ("S5-03", "living-visit", {"moved_in_on": D(2027, 11, 30)}, D(2028, 1, 30), ("due", D(2028, 2, 29))),
        ("RV-08", "living-visit", {"moved_in_on": D(2025, 11, 30)}, D(2026, 3, 1), ("late", D(2026, 2, 28))),
        (
            "CT-16",
            "living-visit",
            {"moved_in_on": D(2025, 11, 30)},
            D(2026, 11, 30),
            ("missed", D(2026, 2, 28)),
        ),
        # Two years and one more from delivery, two months ahead.
        (
            "WR-14",
            "warranty-notice",
            {"delivered_on": D(2023, 12, 31)},
            D(2026, 1, 1),
            ("coming", D(2026, 10, 31)),
        ),
        (
            "TM-15",
            "warranty-notice",
            {"delivered_on": D(2024, 4, 30)},
            D(2027, 2, 28),
            ("due", D(2027, 2, 28)),
        ),
        (
            "CT-14",
            "warranty-notice",
            {"delivered_on": D(2024, 4, 30)},
            D(2027, 4, 29),
            ("late", D(2027, 2, 28)),
        ),
        (
            "CT-14",
            "warranty-notice",
            {"delivered_on": D(2024, 4, 30)},
            D(2027, 4, 30),
            ("missed", D(2027, 2, 28)),
        ),
        # The date is not known yet.
        ("CT-41", "living-visit", {"signed_on": D(2026, 1, 1)}, D(2026, 3, 1), ("coming", None)),
    ],
)
def test_what_is_owed_on_a_day(
    rule: str, code: str, dates: dict[str, date], today: date, expected: tuple[str, date | None]
) -> None:
    assert stands(laid(dates, at(today)), code) == expected, rule


def test_a_day_ends_at_midnight_where_the_project_stands() -> None:
    row = laid({"subscribed_on": D(2026, 3, 1)}, at(D(2026, 3, 1)))[Place("first-contact", None)]
    assert row.planned.due_at == midnight_after(D(2026, 3, 8))
    assert row.planned.opens_at == midnight_after(D(2026, 2, 28))


@pytest.mark.parametrize(
    ("today", "states"),
    [
        # Signed in the middle of January: the first whole month is February.
        (D(2026, 1, 20), {D(2026, 2, 1): "coming"}),
        (D(2026, 2, 1), {D(2026, 2, 1): "due", D(2026, 3, 1): "coming"}),
        (
            D(2026, 4, 15),
            {
                D(2026, 2, 1): "missed",
                D(2026, 3, 1): "missed",
                D(2026, 4, 1): "due",
                D(2026, 5, 1): "coming",
            },
        ),
    ],
)
def test_every_month_from_signing_to_delivery(today: date, states: dict[date, str]) -> None:
    """S3-26, TM-05: past months are noted, the present one is owed, the next is in sight, and no more."""
    rows = laid({"first_signed_on": D(2026, 1, 15)}, at(today), PROJECT)
    posts = {place.occurrence: row for place, row in rows.items() if place.obligation == "progress-post"}
    assert {first: row.state for first, row in posts.items()} == states
    assert all(row.planned.due_on == last_day("month", first) for first, row in posts.items() if first)


def test_what_recurs_ends_with_its_date_and_goes_on_when_that_moves() -> None:
    signed = {"first_signed_on": D(2026, 1, 15)}
    now = at(D(2026, 3, 10))
    before = laid(signed, now, PROJECT)
    delivered = laid({**signed, "delivered_on": D(2026, 3, 5)}, now, PROJECT, before)
    march, april = Place("progress-post", D(2026, 3, 1)), Place("progress-post", D(2026, 4, 1))
    assert delivered[april].state == "not_applicable"
    assert delivered[march].planned.due_on == D(2026, 3, 5)
    again = laid(signed, now, PROJECT, delivered)
    assert {place: again[place] for place in before if place.occurrence} == {
        place: row for place, row in before.items() if place.occurrence
    }


def test_daily_obligations_reach_back_two_months_only() -> None:
    daily = standard(obligation("summary", "STEP-4", "mass_move_in_on", of="project", every="day"))
    rows = laid({"mass_move_in_on": D(2020, 1, 1)}, at(D(2026, 5, 1)), book_of(daily, "project"))
    found = sorted(place.occurrence for place in rows if place.obligation == "summary" and place.occurrence)
    assert (found[0], found[-1]) == (D(2026, 3, 2), D(2026, 5, 2))


def test_a_moved_day_keeps_the_first_promise() -> None:
    """A delivery that is put off by a month moves the pack; the first promise stays in sight."""
    now = at(D(2026, 2, 12))
    first = laid({"delivery_due_on": D(2026, 3, 5)}, now)
    assert stands(first, "delivery-pack") == ("due", D(2026, 2, 23))
    changes = revise(BOOK, first, {"delivery_due_on": D(2026, 4, 5)}, RECKONER, now=now)
    [change] = moved_promises(changes)
    assert (change.closes, change.settled.state, change.planned.due_on) == (True, "coming", D(2026, 3, 26))
    assert change.settled.kept.first_due_on == D(2026, 2, 23)


def test_what_was_done_keeps_the_day_it_was_done_for() -> None:
    """A date that moves afterwards neither breaks a promise that was kept nor mends one that was not."""
    now = at(D(2026, 2, 12))
    rows = laid({"moved_in_on": D(2025, 11, 5)}, now)
    place = Place("living-visit", None)
    kept = replace(rows[place].kept, done_at=now)
    rows[place] = replace(rows[place], state="done", kept=kept, recorded_at=now)
    moved = laid({"moved_in_on": D(2025, 12, 5)}, now, rows=rows)
    assert moved[place] == rows[place]


def test_who_was_promised_in_time_is_late_and_who_learns_afterwards_is_noted() -> None:
    now = at(D(2026, 3, 1))
    promised = laid({"subscribed_on": D(2026, 3, 1)}, now)
    moved = laid({"subscribed_on": D(2026, 2, 23)}, at(D(2026, 3, 4)), rows=promised)
    assert stands(moved, "first-contact") == ("late", D(2026, 3, 2))
    assert stands(laid({"subscribed_on": D(2026, 2, 20)}, now), "first-contact") == ("missed", D(2026, 2, 27))


def test_the_end_of_a_journey_ends_what_is_open() -> None:
    now = at(D(2026, 2, 12))
    rows = laid({"subscribed_on": D(2026, 2, 10), "delivery_due_on": D(2026, 9, 5)}, now)
    changes = revise(
        BOOK,
        rows,
        {"subscribed_on": D(2026, 2, 10), "delivery_due_on": D(2026, 9, 5)},
        RECKONER,
        now=now,
        ended_at=now,
    )
    states = {change.obligation.code: change.settled.state for change in changes}
    assert states == {
        "cooling-off": "missed",
        "first-contact": "missed",
        "delivery-pack": "not_applicable",
        "living-visit": "not_applicable",
        "warranty-notice": "not_applicable",
    }
    assert all(change.settled.turns_at is None for change in changes)


@pytest.mark.parametrize(
    ("dates", "done", "today", "expected"),
    [
        ({}, {}, D(2026, 1, 1), "STEP-1"),
        ({"subscribed_on": D(2026, 1, 1)}, {}, D(2026, 1, 1), "STEP-2"),
        ({"subscribed_on": D(2025, 1, 1), "signed_on": D(2025, 1, 5)}, {}, D(2026, 1, 1), "STEP-3"),
        # The keys were handed over, and nobody wrote down the delivery.
        ({"signed_on": D(2025, 1, 5), "keys_on": D(2026, 1, 1)}, {}, D(2026, 1, 1), "STEP-4"),
        ({"moved_in_on": D(2026, 1, 1)}, {}, D(2026, 1, 1), "STEP-5"),
        ({"moved_in_on": D(2026, 1, 1)}, {}, D(2026, 12, 31), "STEP-5"),
        ({"moved_in_on": D(2026, 1, 1)}, {}, D(2027, 1, 1), "STEP-6"),
        ({"moved_in_on": D(2026, 1, 1)}, {"living-visit": D(2026, 4, 1)}, D(2026, 5, 1), "STEP-6"),
    ],
)
def test_the_step_follows_from_dates_and_from_what_was_done(
    dates: dict[str, date], done: dict[str, date], today: date, expected: str
) -> None:
    """CT-01, CT-02: in order; +1 is nobody's present step, +2 is the project's."""
    acts_ = {code: at(day) for code, day in done.items()}
    assert current_step(STANDARD, "ownership", dates, acts_, RECKONER, at(today)).step == expected


def test_plus_two_hangs_on_the_projects_delivery() -> None:
    """P2-02, CT-02."""
    dates = {"delivered_on": D(2022, 6, 28)}
    before = current_step(STANDARD, "project", dates, {}, RECKONER, at(D(2026, 6, 27)))
    assert (before.step, before.turns_at) == (None, midnight_after(D(2026, 6, 27)))
    assert current_step(STANDARD, "project", dates, {}, RECKONER, at(D(2026, 6, 28))).step == "PLUS-2"


def test_what_the_method_leaves_open_is_not_promised() -> None:
    gap = {"gap": "GP-25", "why": {"zh-CN": "无", "zh-TW": "無", "en": "none"}}
    open_one = standard(obligation("letter", "STEP-3", "signed_on", not_set=gap))
    assert "letter" not in book_of(open_one, "ownership").obligations


def test_whether_owners_wait_for_a_date_of_their_project() -> None:
    assert not uses_project_dates(STANDARD)
    summer = obligation("party", "STEP-4", ["mass_move_in_on"], due=days(30))
    assert uses_project_dates(standard(summer))
    until = obligation("party", "STEP-4", "signed_on", due=days(30), ends={"date": "sales_open_on"})
    assert uses_project_dates(standard(until))


@pytest.mark.parametrize(
    ("evidence", "given_", "reached", "noted", "codes"),
    [
        ((), [], 0, False, []),
        (("call",), ["call"], 1, False, []),
        (("call",), ["call"], 0, False, ["call_not_reached"]),
        (("call", "note"), [], 0, True, ["call_missing"]),
        (("call", "note"), ["photo"], 0, False, ["call_missing", "note_missing"]),
        (("note",), [], 0, True, []),
    ],
)
def test_what_done_takes(
    evidence: tuple[str, ...], given_: list[str], reached: int, noted: bool, codes: list[str]
) -> None:
    """HC-11: a call is made when it was answered and a person recorded it."""
    one = standard(obligation("x", "STEP-2", "signed_on", due=days(1), evidence=evidence)).obligations[-1]
    now = at(D(2026, 3, 10), 12)
    past = [now] * given_.count("call")
    faults = done_faults(one, given_, calls_that_reached=reached, called_at=past, noted=noted, now=now)
    assert [fault.code for fault in faults] == codes
    coming = [*past, now + timedelta(seconds=1)]
    faults = done_faults(one, given_, calls_that_reached=reached, called_at=coming, noted=noted, now=now)
    assert [fault.code for fault in faults] == [*codes, "done_in_future"]


@pytest.mark.parametrize(
    ("done_at", "reason", "code"),
    [
        (at(D(2026, 3, 10), 11), None, None),
        (at(D(2026, 3, 10), 13), None, "done_in_future"),
        (at(D(2026, 3, 9), 23), None, "late_reason_required"),
        (at(D(2026, 3, 9), 23), "断网", None),
        (at(D(2025, 12, 31)), "断网", "done_before_journey"),
    ],
)
def test_late_entries_say_why(done_at: datetime, reason: str | None, code: str | None) -> None:
    """RC-20, CT-45."""
    fault = done_at_fault(
        done_at,
        reason,
        now=at(D(2026, 3, 10)),
        today=D(2026, 3, 10),
        day=RECKONER.day_of(done_at),
        since=D(2026, 1, 1),
    )
    assert (fault.code if fault else None) == code


# --- Properties ------------------------------------------------------------------------------------------------

DAYS = st.dates(D(2019, 1, 1), D(2029, 12, 31))
OWNERSHIP = st.fixed_dictionaries(
    {},
    optional=dict.fromkeys(
        ("subscribed_on", "signed_on", "delivery_due_on", "delivered_on", "moved_in_on"), DAYS
    ),
)
OF_PROJECT = st.fixed_dictionaries({}, optional={"first_signed_on": DAYS, "delivered_on": DAYS})
NOW = st.datetimes(datetime(2020, 1, 1), datetime(2028, 12, 31), timezones=st.just(UTC))
BOOKS = st.sampled_from([(BOOK, OWNERSHIP), (PROJECT, OF_PROJECT)])
ORDER: dict[State, int] = {"coming": 0, "due": 1, "late": 2, "missed": 3, "not_applicable": 3, "done": 3}


@given(st.data(), BOOKS, NOW)
def test_laying_out_twice_changes_nothing(data: st.DataObject, of: Any, now: datetime) -> None:
    book, strategy = of
    dates = data.draw(strategy)
    rows = laid(dates, now, book)
    known = derived_dates(book.standard, dates, RECKONER)
    assert revise(book, rows, known, RECKONER, now=now) == []


@given(st.data(), BOOKS, NOW)
def test_a_date_moved_away_and_back_restores_everything(data: st.DataObject, of: Any, now: datetime) -> None:
    book, strategy = of
    dates, others = data.draw(strategy), data.draw(strategy)
    before = laid(dates, now, book)
    between = laid(others, now, book, before)
    after = laid(dates, now, book, between)
    for place, row in before.items():
        if row.kept.first_due_on is not None:
            assert after[place] == row
    assert before.keys() <= between.keys() <= after.keys()


@given(st.data(), BOOKS, NOW, st.integers(0, 2000))
def test_time_goes_one_way_and_nothing_is_lost(
    data: st.DataObject, of: Any, now: datetime, later: int
) -> None:
    book, strategy = of
    dates = data.draw(strategy)
    before = laid(dates, now, book)
    after = laid(dates, now + timedelta(days=later), book, before)
    for place, row in before.items():
        assert ORDER[after[place].state] >= ORDER[row.state]
        assert after[place].kept.first_due_on == row.kept.first_due_on
        assert after[place].kept.promised_at == row.kept.promised_at


@given(st.data(), NOW)
def test_a_milestone_turns_exactly_when_it_says(data: st.DataObject, now: datetime) -> None:
    """Nothing changes before its timer, and something does at it: so one timer a milestone is enough."""
    dates = data.draw(OWNERSHIP)
    known = derived_dates(STANDARD, dates, RECKONER)
    changes = revise(BOOK, {}, known, RECKONER, now=now)
    rows = laid(dates, now)
    for change in changes:
        turns_at = change.settled.turns_at
        if turns_at is None:
            continue
        place = change.planned.place
        just_before = laid(dates, turns_at - timedelta.resolution, rows={place: rows[place]})
        assert just_before[place].state == change.settled.state
        assert laid(dates, turns_at, rows={place: rows[place]})[place].state != change.settled.state


@given(st.sampled_from(["day", "month", "quarter"]), DAYS, DAYS, DAYS)
def test_periods_follow_one_another(period: Any, since: date, until: date, today: date) -> None:
    found = list(whole_periods(period, since, until, ahead_of=first_day(period, today)))
    assert all(since <= first < until for first in found)
    assert all(next_first(period, a) == b for a, b in pairwise(found))
    assert all(first_day(period, last_day(period, first)) == first for first in found)
    assert sum(first > today for first in found) <= 1


def test_acts_of_what_recurs_are_the_last_time() -> None:
    row = laid({"subscribed_on": D(2026, 3, 1)}, at(D(2026, 3, 1)))[Place("first-contact", None)]
    earlier, later = (replace(row, kept=Kept(done_at=at(D(2026, 3, n)))) for n in (2, 3))
    assert acts([later, earlier]) == {"first-contact": at(D(2026, 3, 3))}


def test_every_obligation_of_the_book_is_laid_out() -> None:
    planned = lay_out(BOOK, {}, {}, RECKONER, today=D(2026, 1, 1))
    assert [one.place.obligation for one in planned] == list(BOOK.obligations)


@pytest.mark.parametrize(
    ("kind", "value", "day", "ends"),
    [
        ("calendar_days", 0, D(2026, 3, 1), "2026-03-02T00:00+08:00"),
        ("calendar_months", -2, D(2026, 2, 28), "2026-03-01T00:00+08:00"),
        ("calendar_years", 1, D(2027, 4, 30), "2027-05-01T00:00+08:00"),
        ("elapsed_hours", 24, D(2026, 4, 30), "2026-05-01T00:00+08:00"),
        # 1 to 5 May are holidays; the Saturday after them makes up for one.
        ("working_days", 1, D(2026, 5, 6), None),
    ],
)
def test_limits_are_counted_by_the_projects_calendar(
    kind: Any, value: int, day: date, ends: str | None
) -> None:
    """CT-42: the kind of clock is stored with each timer."""
    since = {0: D(2026, 3, 1)}.get(value, D(2026, 4, 30))
    reckoned = RECKONER.count(since, Due(kind=kind, value=value))
    assert reckoned is not None
    assert reckoned.day == day
    assert ends is None or reckoned.ends_at == datetime.fromisoformat(ends)


def test_what_no_calendar_reaches_is_no_promise() -> None:
    far = standard(obligation("far", "STEP-2", "signed_on", due=days(100_000, "calendar_years")))
    rows = laid({"signed_on": D(2026, 3, 1)}, at(D(2026, 3, 1)), book_of(far, "ownership"))
    assert stands(rows, "far") == ("coming", None)
