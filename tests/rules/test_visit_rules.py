"""What a visit asks, what is missing of its answers, when it is looked at."""

from datetime import UTC, date, datetime, timedelta

import pytest

from backend.features.standard.service import DEFAULT, Standard, shipped
from backend.features.visits.rules.answers import (
    Checked,
    Done,
    Given,
    Said,
    Scored,
    answer_faults,
    is_low,
    made_at_fault,
    sheet_of,
)
from backend.features.visits.rules.kinds import KINDS, MAKES, OF_OBLIGATION, Kind
from backend.features.visits.rules.states import LONGEST, next_look, reminders, span_fault

NOW = datetime(2026, 3, 2, 4, tzinfo=UTC)


def the_standard() -> Standard:
    """As it is shipped."""
    found = shipped(DEFAULT)
    assert found is not None
    return found


STANDARD = the_standard()
EVERY = {None, "full", "bare"}


def test_every_kind_is_made_by_the_standard() -> None:
    """The five types of RV-03 to RV-07, and the checks; scripts, checklists and obligations are the standard's."""
    types = next(one for one in STANDARD.classes if one.code == "visit-types")
    assert {MAKES[kind].type for kind in KINDS} == {one.code for one in types.choices} | {None}
    scripts = {one.code for one in STANDARD.scripts}
    lists = {one.code for one in STANDARD.checklists}
    owed = {one.code: one for one in STANDARD.obligations}
    for kind, make in MAKES.items():
        assert make.script in {*scripts, None}
        assert make.checklist in {*lists, None}
        if make.obligation is not None:
            known = owed[make.obligation]
            assert (known.script, known.checklist, known.responsible) == (
                make.script,
                make.checklist,
                make.role,
            )
            assert OF_OBLIGATION[make.obligation] == kind
    assert {one.code for one in STANDARD.obligations if one.script} <= OF_OBLIGATION.keys()


@pytest.mark.parametrize(
    ("kind", "rules"),
    [
        ("living", ["RV-10", "RV-11", "S5-15", "S5-16", "S5-17"]),
        ("one_year", ["S6-14", "S6-15", "S6-16", "S6-17"]),
        ("seasonal", ["WR-10", "WR-11"]),
        ("complaint", ["HC-39", "P1-09"]),
        ("delivery", []),
    ],
)
def test_what_a_kind_asks(kind: Kind, rules: list[str]) -> None:
    sheet = sheet_of(STANDARD, kind, EVERY)
    asked = {rule for line in (*sheet.questions.values(), *sheet.checks.values()) for rule in line.rules}
    assert sorted(asked) == rules
    assert sheet_of(None, kind, EVERY).questions == {}


def test_a_seasonal_check_goes_by_the_homes_fit_out() -> None:
    """WR-10, WR-11."""
    assert list(sheet_of(STANDARD, "seasonal", {None, "bare"}).checks) == [2]


def test_what_is_missing_is_named() -> None:
    sheet = sheet_of(STANDARD, "living", EVERY)
    nothing = answer_faults("living", sheet, Given(), mode="talk", accepted=None, photos=0)
    assert [(one.field, one.code, one.params) for one in nothing] == [
        ("mode", "at_home_only", {}),
        ("answers", "answer_missing", {"line": 1}),
        ("answers", "answer_missing", {"line": 2}),
        ("checks", "check_missing", {"line": 1}),
        ("checks", "check_missing", {"line": 2}),
    ]
    twice = Given(
        [Said(1, "无"), Said(1, "无"), Said(2, "无"), Said(7, "无")],
        [Checked(1, False), Checked(2, True)],
        [Done("x", None)],
        [Scored("x", 3)],
    )
    found = answer_faults("living", sheet, twice, mode="house", accepted=None, photos=0)
    assert [(one.field, one.code) for one in found] == [
        ("answers.0.line", "named_twice"),
        ("answers.1.line", "named_twice"),
        ("answers.3.line", "line_unknown"),
        ("checks.0.words", "words_missing"),
        ("done.0.action", "action_unknown"),
        ("scored.0.action", "action_unknown"),
    ]


def test_standard_actions_are_those_the_owner_sees() -> None:
    """RV-18, RV-19: of the step the visit is about, without the visit itself."""
    actions = sheet_of(STANDARD, "sales", EVERY).actions
    assert actions
    assert "sales-visit" not in actions
    by_code = {one.code: one for one in STANDARD.obligations}
    assert all(by_code[code].owner_sees and by_code[code].step == "STEP-2" for code in actions)


@pytest.mark.parametrize(
    ("accepted", "stars", "low"),
    [
        (None, None, False),
        (True, 5, False),
        (True, 2, True),
        (False, 5, True),
        (None, 3, False),
        (None, 1, True),
    ],
)
def test_a_low_answer(accepted: bool | None, stars: int | None, low: bool) -> None:
    """GP-03: where "low" begins is ours."""
    assert is_low(accepted, stars) is low


def test_when_it_was_made() -> None:
    """CT-45."""
    planned, today = NOW - timedelta(days=3), date(2026, 3, 2)

    def fault(at: datetime, reason: str | None, day: date = today) -> str | None:
        found = made_at_fault(at, reason, planned_at=planned, now=NOW, day=day, today=today)
        return None if found is None else found.code

    assert fault(NOW, None) is None
    assert fault(NOW + timedelta(seconds=1), None) == "done_in_future"
    assert fault(planned - timedelta(seconds=1), "x", date(2026, 2, 27)) == "before_it_was_planned"
    assert fault(NOW - timedelta(days=1), None, date(2026, 3, 1)) == "late_reason_required"
    assert fault(NOW - timedelta(days=1), "漏记", date(2026, 3, 1)) is None


def test_looks_and_reminders() -> None:
    due = NOW + timedelta(days=8)
    assert next_look(NOW, due, now=NOW) == NOW + timedelta(days=6)
    assert next_look(NOW, due, now=NOW + timedelta(days=6)) == due
    assert next_look(due, NOW, now=due) == NOW
    assert list(reminders(NOW + timedelta(hours=5), now=NOW)) == [NOW + timedelta(hours=3)]
    hour = timedelta(hours=1)
    codes = [
        found and found.code
        for found in (
            span_fault(NOW + hour, NOW + hour, now=NOW),
            span_fault(NOW, NOW + hour, now=NOW),
            span_fault(NOW + hour, NOW + hour + LONGEST + hour, now=NOW),
            span_fault(NOW + timedelta(days=91), NOW + timedelta(days=91) + hour, now=NOW),
            span_fault(NOW + hour, NOW + 2 * hour, now=NOW),
        )
    ]
    assert codes == ["dates_reversed", "time_is_past", "time_too_long", "time_too_far", None]
