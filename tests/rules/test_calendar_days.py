"""What a day is, what a month is, and what a sales department means by its service hours."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from backend.core.errors import Invalid
from backend.platform.calendar import (
    MAINLAND,
    Calendar,
    Override,
    Shift,
    add_calendar_days,
    add_months,
    coming_year_missing,
    days,
    make_week,
    read_rule,
    read_shift,
    spell_week,
    unpack,
    write_rule,
)
from backend.platform.calendar.hours import pack, spell
from backend.platform.calendar.spoken import read_hours

OFFICE = ((Shift(540, 1080),),) * 5 + ((), ())


def listed(calendar: Calendar, spelled: str) -> tuple[str, str | None, bool, int]:
    [day] = days(calendar, date.fromisoformat(spelled), date.fromisoformat(spelled))
    return day.kind, day.name.en if day.name else None, day.provisional, len(day.open)


def test_2026_by_name() -> None:
    """As the State Council's notice for 2026 has it."""
    for spelled, kind, name, is_open in (
        ("2026-01-01", "holiday", "New Year's Day", 0),
        ("2026-01-04", "makeup_workday", "New Year's Day", 1),
        ("2026-02-14", "makeup_workday", "Spring Festival", 1),
        ("2026-02-15", "holiday", "Spring Festival", 0),
        ("2026-02-23", "holiday", "Spring Festival", 0),
        ("2026-02-24", "workday", None, 1),
        ("2026-02-28", "makeup_workday", "Spring Festival", 1),
        ("2026-03-01", "weekend", None, 0),
        ("2026-04-06", "holiday", "Tomb-sweeping Day", 0),
        ("2026-05-05", "holiday", "Labour Day", 0),
        ("2026-05-09", "makeup_workday", "Labour Day", 1),
        ("2026-06-19", "holiday", "Dragon Boat Festival", 0),
        ("2026-09-20", "makeup_workday", "National Day", 1),
        ("2026-09-25", "holiday", "Mid-autumn Festival", 0),
        ("2026-10-07", "holiday", "National Day", 0),
        ("2026-10-10", "makeup_workday", "National Day", 1),
    ):
        assert listed(Calendar(week=OFFICE), spelled) == (kind, name, False, is_open), spelled


def test_what_is_not_published_is_foreseen_and_marked() -> None:
    for spelled, kind, name, is_open in (
        ("2027-01-01", "holiday", "New Year's Day", 0),
        ("2027-02-08", "workday", None, 1),  # Spring Festival: no table of the lunar calendar
        ("2027-04-05", "holiday", "Tomb-sweeping Day", 0),
        ("2027-04-06", "workday", None, 1),
        ("2027-05-03", "workday", None, 1),
        ("2027-10-02", "holiday", "National Day", 0),
        ("2027-10-04", "workday", None, 1),
        ("2100-12-31", "workday", None, 1),
    ):
        assert listed(Calendar(week=OFFICE), spelled) == (kind, name, True, is_open), spelled
    # The notice for a year may reach back to 29 December before it, as that for 2019 did.
    assert [listed(Calendar(week=OFFICE), f"2026-12-{day}")[2] for day in (28, 29, 30, 31)] == [
        False,
        True,
        True,
        True,
    ]
    decided = Calendar(week=OFFICE, overrides={date(2027, 1, 4): Override((), "店休")})
    assert listed(decided, "2027-01-04") == ("override", "店休", False, 0)
    through = Calendar(week=OFFICE, observes_holidays=False)
    assert listed(through, "2027-01-01") == ("holiday", "New Year's Day", False, 1)
    for year in range(2027, 2101):
        found = {day for day in (4, 5, 6) if MAINLAND.day(date(year, 4, day))}
        assert len(found) == 1, year


def test_a_make_up_workday_keeps_its_own_hours_or_takes_the_nearest_weekdays() -> None:
    friday, monday, own = (Shift(600, 660),), (Shift(480, 500),), (Shift(720, 780),)
    for week, spelled, expected in (
        ((monday, (), (), (), friday, (), ()), "2026-05-09", friday),
        ((monday, (), (), (), friday, (), ()), "2026-09-20", monday),
        ((monday, (), (), (), (), (), ()), "2026-05-09", monday),
        (((), (), (), (), friday, (), ()), "2026-09-20", friday),
        ((monday, (), (), (), friday, own, ()), "2026-05-09", own),
        (((), (), (), (), (), (), own), "2026-05-09", ()),
    ):
        calendar = Calendar(week=week)
        [day] = days(calendar, date.fromisoformat(spelled), date.fromisoformat(spelled))
        lengths = [(one.closes - one.opens) for one in day.open]
        assert lengths == [timedelta(minutes=one.closes - one.opens) for one in expected]


def test_a_service_open_all_week_is_closed_on_holidays_unless_it_works_through_them() -> None:
    every_day = OFFICE[:5] + (OFFICE[0],) * 2
    for observes, is_open in ((True, 0), (False, 1)):
        calendar = Calendar(week=every_day, observes_holidays=observes)
        assert listed(calendar, "2026-10-01") == ("holiday", "National Day", False, is_open)
        assert listed(calendar, "2026-10-17") == ("weekend", None, False, 1)


def test_the_coming_year_is_missed_two_months_ahead() -> None:
    for spelled, missing in (
        ("2026-10-31", False),
        ("2026-11-01", True),
        ("2027-06-01", True),
        ("2025-12-31", False),
    ):
        assert coming_year_missing(date.fromisoformat(spelled)) is missing, spelled


def test_months_by_name() -> None:
    """CT-42, TM-15."""
    for start, count, expected in (
        ("2026-12-31", -2, "2026-10-31"),
        ("2027-04-30", -2, "2027-02-28"),
        ("2028-04-30", -2, "2028-02-29"),
        ("2026-01-31", 1, "2026-02-28"),
        ("2024-01-31", 1, "2024-02-29"),
        ("2024-02-29", 12, "2025-02-28"),
        ("2024-02-29", 48, "2028-02-29"),
        ("2026-02-28", 2, "2026-04-28"),
        ("2026-11-22", 0, "2026-11-22"),
        ("2026-01-15", -1, "2025-12-15"),
        ("2026-12-15", 1, "2027-01-15"),
    ):
        assert add_months(date.fromisoformat(start), count) == date.fromisoformat(expected), (start, count)
    for add, day, count in (
        (add_months, date(9999, 12, 1), 1),
        (add_months, date(1, 1, 1), -1),
        (add_months, date(2026, 1, 1), 10**20),
        (add_calendar_days, date(9999, 12, 31), 1),
        (add_calendar_days, date(2026, 1, 1), 10**20),
    ):
        with pytest.raises(Invalid, match="calendar_too_far"):
            add(day, count)


@given(st.dates(date(1990, 1, 1), date(2100, 1, 1)), st.integers(-1200, 1200))
def test_months_keep_the_day_or_end_the_month(day: date, count: int) -> None:
    moved = add_months(day, count)
    assert (moved.year * 12 + moved.month) - (day.year * 12 + day.month) == count
    assert moved.day == day.day or (moved.day < day.day and (moved + timedelta(days=1)).day == 1)


def test_rules_travel_as_json_and_absurd_ones_are_refused() -> None:
    for written in (
        {"kind": "working_hours", "value": 4},
        {"kind": "working_hours", "value": 0.5},
        {"kind": "working_days", "value": 2},
        {"kind": "calendar_days", "value": -10},
        {"kind": "calendar_months", "value": -2},
        {"kind": "elapsed_hours", "value": 24},
    ):
        assert write_rule(read_rule(written)) == written
    for wrong in (
        {"kind": "working_hours", "value": 0},
        {"kind": "working_hours", "value": float("nan")},
        {"kind": "working_hours", "value": float("inf")},
        {"kind": "working_hours", "value": "4"},
        {"kind": "working_hours", "value": True},
        {"kind": "working_days", "value": 1.5},
        {"kind": "working_days", "value": -1},
        {"kind": "calendar_days", "value": 10**30},
        {"kind": "moons", "value": 1},
        {"kind": "working_days"},
        {"kind": "working_days", "value": 1, "more": 1},
    ):
        with pytest.raises(ValidationError):
            read_rule(wrong)


def test_weeks_that_cannot_be_are_refused_by_place() -> None:
    nine, late, early = Shift(540, 720), Shift(1320, 1800), Shift(300, 600)
    empty: list[list[Shift]] = [[] for _ in range(7)]
    for changes, code, field in (
        ({}, "hours_empty", "week"),
        ({0: [nine, Shift(719, 800)]}, "shifts_overlap", "week.monday"),
        ({0: [late], 1: [early]}, "shifts_overlap", "week.tuesday"),
        ({6: [late], 0: [early]}, "shifts_overlap", "week.monday"),
    ):
        with pytest.raises(Invalid, match=code) as refused:
            make_week([changes.get(n, day) for n, day in enumerate(empty)], "week")
        assert refused.value.field == field
    with pytest.raises(Invalid, match="shift_empty"):
        read_shift("09:00", "09:00", "week.monday.0")
    assert read_shift("22:00", "06:00", "") == Shift(1320, 1800)
    assert read_shift("00:00", "24:00", "") == Shift(0, 1440)
    touching = make_week([[Shift(540, 720), Shift(720, 1080)], *empty[1:]], "week")
    assert unpack(pack(touching)) == touching
    assert spell_week(touching)["monday"][1] == {"opens": "12:00", "closes": "18:00"}


SPOKEN = [
    ("周一至周日 9:00-18:00", "9:00-18:00|" * 7, True),
    ("周一至周五 8:30-12:00 13:30-17:30", "8:30-12:00 13:30-17:30|" * 5 + "||", True),
    ("周一至周五9：00—18：00，周六、日休息", "9:00-18:00|" * 5 + "||", True),
    ("工作日 9:00~18:00；周末10:00-16:00", "9:00-18:00|" * 5 + "10:00-16:00|" * 2, True),
    ("星期一到星期五 8点半至17点 节假日除外", "8:30-17:00|" * 5 + "||", True),
    ("上午9:00-12:00 下午1:30-5:30", "9:00-12:00 13:30-17:30|" * 7, True),
    ("早9点至晚6点", "9:00-18:00|" * 7, True),
    ("每天 22:00-6:00", "22:00-6:00|" * 7, True),
    ("周五至周二 10:00-19:00", "10:00-19:00|" * 2 + "||" + "10:00-19:00|" * 3, True),
    ("周一、三、五 9:00-12:00", "9:00-12:00||9:00-12:00||9:00-12:00|||", True),
    ("9:00-18:00（周日休息）", "9:00-18:00|" * 6 + "|", True),
    ("9:00-18:00 周六日及法定节假日休息", "9:00-18:00|" * 5 + "||", True),
    ("全年无休 9:00-18:00", "9:00-18:00|" * 7, False),
    ("周一至周日 9:00-18:00（含法定节假日）", "9:00-18:00|" * 7, False),
    ("24小时", "0:00-24:00|" * 7, False),
    ("每天24小时", "0:00-24:00|" * 7, False),
    ("7×24小时服务", "0:00-24:00|" * 7, False),
    ("周一至周五 24小时", "0:00-24:00|" * 5 + "||", True),
    ("服务时间：每日8:00-24:00", "8:00-24:00|" * 7, True),
    ("Mon-Fri 8:30-12:00, 13:30-17:30", "8:30-12:00 13:30-17:30|" * 5 + "||", True),
    ("Monday to Friday 9am-6pm; Sat 9:00-12:00", "9:00-18:00|" * 5 + "9:00-12:00||", True),
    ("Daily 9:00 - 17:30 except public holidays", "9:00-17:30|" * 7, True),
    ("weekdays 12am-12pm", "0:00-12:00|" * 5 + "||", True),
    ("Sunday closed, Mon-Sat 9:00-18:00", "9:00-18:00|" * 6 + "|", True),
    ("24/7", "0:00-24:00|" * 7, False),
]
UNREADABLE = [
    "", " ", "看情况", "周一", "周一至周五", "9-18", "9:00-9:00", "周六 25:00-26:00", "周六 9:60-10:00", "休息",
    "9:00-18:00 电话预约", "9:00-18:00 周日", "周一至周日 9:00-18:00 9:30-10:00", "非工作日 9:00-18:00",
    "周八 9:00-18:00", "周一\x00 9:00-18:00", "-" * 200, "周一至" * 60, "9:00", "24:00-26:00", "周一至周日休息",
]  # fmt: skip


def test_spoken_hours() -> None:
    def plain(week: tuple[tuple[Shift, ...], ...]) -> str:
        return "".join(" ".join(f"{spell(s.opens)}-{spell(s.closes)}" for s in day) + "|" for day in week)

    for words, expected, observes in SPOKEN:
        spoken = read_hours(words)
        assert spoken is not None, words
        padded = "|".join(
            " ".join("-".join(end.zfill(5) for end in shift.split("-")) for shift in day.split())
            for day in expected.split("|")
        )
        assert (plain(spoken.week), spoken.observes_holidays) == (padded, observes), words
    assert [words for words in UNREADABLE if read_hours(words) is not None] == []


@given(st.text(alphabet="周一二日至到-:0123459点半小时上下午休息节假每天 ,monfri", max_size=60))
def test_any_words_are_read_or_not_but_never_fail(words: str) -> None:
    spoken = read_hours(words)
    assert spoken is None or any(spoken.week)
