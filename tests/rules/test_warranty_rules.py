"""How long a component is covered, on which days, and when its household is told."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.features.standard.document import Warranty
from backend.features.standard.service import shipped
from backend.features.warranty.rules import (
    Statutory,
    Term,
    begins_as,
    below_the_law,
    is_overdue,
    legal_moves,
    months_after,
    notices,
    state_on,
    terms,
)
from backend.features.warranty.service.wording import checks, concerns
from tests.fixtures.journeys import words

LIVED = {"delivered_on": date(2024, 6, 28), "keys_on": date(2024, 7, 1), "moved_in_on": None}


def catalogue() -> Warranty:
    """That of the product's own standard."""
    standard = shipped("six-plus-two")
    assert standard is not None
    assert standard.warranty is not None
    return standard.warranty


def one(name: str, *least: Statutory, dates: dict[str, date | None] | None = None) -> Term:
    found = terms(catalogue(), LIVED if dates is None else dates, least)
    return next(term for term in found if term.component == name)


def test_two_years_and_one_more_are_shown_apart() -> None:
    """WR-01, WR-02, TM-14."""
    term = one("fit-out")
    assert (term.base_years, term.extension_years) == (2, 1)
    assert (term.starts_on, term.base_ends_on, term.ends_on) == (
        date(2024, 6, 28),
        date(2026, 6, 28),
        date(2027, 6, 28),
    )


def test_what_the_method_gives_no_term_is_not_set() -> None:
    """WR-03 to WR-08, CT-15: the six items are covered; for five nobody says how long."""
    on = date(2025, 1, 1)
    found = {term.component: state_on(term, on) for term in terms(catalogue(), LIVED, ())}
    assert found == {
        "wiring": ("not_set", "no_term"),
        "pipes": ("not_set", "no_term"),
        "equipment": ("not_set", "no_term"),
        "fit-out": ("covered", "base"),
        "doors-windows": ("not_set", "no_term"),
        "plaster": ("not_set", "no_term"),
        "civil-works": ("covered", "base"),
    }


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        (date(2024, 6, 27), ("not_started", "not_begun")),
        (date(2024, 6, 28), ("covered", "base")),
        (date(2026, 6, 28), ("covered", "base")),
        (date(2026, 6, 29), ("covered", "extension")),
        (date(2027, 6, 28), ("covered", "extension")),
        (date(2027, 6, 29), ("not_covered", "ended")),
    ],
)
def test_the_last_day_is_covered_and_the_next_is_not(on: date, expected: tuple[str, str]) -> None:
    assert state_on(one("fit-out"), on) == expected


def test_nothing_begins_before_its_date_is_known() -> None:
    """CT-41."""
    term = one("fit-out", dates={"delivered_on": None})
    assert state_on(term, date(2030, 1, 1)) == ("not_started", "start_not_known")


def test_each_component_names_the_date_it_starts_from() -> None:
    """CT-41: delivery, keys, moving in; a component's own before the catalogue's."""
    item = {"name": words("门"), "base_years": 1, "rules": ["WR-07"]}
    own = Warranty.model_validate(
        {
            "from": "keys_on",
            "base_years": 2,
            "extension_years": 1,
            "items": [{"code": "door", **item}, {"code": "lock", "from": "moved_in_on", **item}],
            "rules": ["WR-02"],
        }
    )
    door, lock = terms(own, LIVED, ())
    assert (door.starts_from, door.starts_on, door.ends_on) == (
        "keys_on",
        date(2024, 7, 1),
        date(2025, 7, 1),
    )
    assert (lock.starts_from, lock.starts_on, lock.ends_on) == ("moved_in_on", None, None)


def test_the_law_holds_whatever_the_catalogue_says() -> None:
    """CT-15: entered and checked per place; what the catalogue does not know stands after it."""
    longer, shorter, unknown = (
        Statutory("fit-out", "装修", 5),
        Statutory("civil-works", "土建", 2),
        Statutory("roof", "屋面防水", 5),
    )
    fit_out = one("fit-out", longer)
    assert fit_out.ends_on == date(2029, 6, 28)
    assert below_the_law(fit_out)
    assert state_on(fit_out, date(2028, 1, 1)) == ("covered", "statutory")
    civil = one("civil-works", shorter)
    assert civil.ends_on == date(2027, 6, 28)
    assert not below_the_law(civil)
    roof = terms(catalogue(), LIVED, (unknown,))[-1]
    assert (roof.component, roof.name, roof.base_years, roof.ends_on) == (
        "roof",
        "屋面防水",
        None,
        date(2029, 6, 28),
    )


@pytest.mark.parametrize(
    ("ends_on", "told_on"),
    [
        (date(2027, 12, 31), date(2027, 10, 31)),
        (date(2027, 4, 30), date(2027, 2, 28)),
        (date(2028, 4, 30), date(2028, 2, 29)),
        (date(2027, 6, 28), date(2027, 4, 28)),
        (date(2027, 1, 31), date(2026, 11, 30)),
    ],
)
def test_households_are_told_two_calendar_months_ahead_and_on_the_day(ends_on: date, told_on: date) -> None:
    """WR-13, WR-14, TM-15."""
    found = notices([Term("fit-out", 0, "delivered_on", ends_on=ends_on)])
    assert [(one.kind, one.due_on) for one in found] == [("ending", told_on), ("ended", ends_on)]


def test_what_ends_together_is_told_together() -> None:
    """WR-14: one notice a day and home, whatever number of components it is about."""
    found = notices(terms(catalogue(), LIVED, (Statutory("roof", "屋面防水", 5),)))
    assert [(one.kind, one.ends_on) for one in found] == [
        ("ending", date(2027, 6, 28)),
        ("ended", date(2027, 6, 28)),
        ("ending", date(2029, 6, 28)),
        ("ended", date(2029, 6, 28)),
    ]


def test_of_what_ended_before_the_ledger_nobody_is_told() -> None:
    [ending, ended] = notices([Term("fit-out", 0, "delivered_on", ends_on=date(2026, 6, 28))])
    assert begins_as(ending, date(2026, 6, 27)) == begins_as(ended, date(2026, 6, 28)) == "planned"
    assert begins_as(ending, date(2026, 6, 28)) == begins_as(ended, date(2026, 6, 29)) == "passed"


@given(
    start=st.dates(date(1990, 1, 1), date(2100, 12, 31)),
    base=st.integers(0, 100),
    extension=st.integers(0, 100),
    least=st.none() | st.integers(1, 100),
    off=st.integers(-40_000, 80_000),
)
def test_cover_has_one_beginning_and_one_end(
    start: date, base: int, extension: int, least: int | None, off: int
) -> None:
    """Whatever the years: covered is exactly from the start to the latest of the ends."""
    own = Warranty.model_validate(
        {
            "from": "delivered_on",
            "base_years": 2,
            "extension_years": 1,
            "items": [
                {
                    "code": "door",
                    "name": words("门"),
                    "base_years": base,
                    "extension_years": extension,
                    "rules": ["WR-07"],
                }
            ],
            "rules": ["WR-02"],
        }
    )
    [term] = terms(own, {"delivered_on": start}, [Statutory("door", "门", least)] if least else [])
    assert term.ends_on == months_after(start, 12 * max(base + extension, least or 0))
    on = date.fromordinal(max(1, start.toordinal() + off))
    state, _ = state_on(term, on)
    expected = "not_started" if on < start else "covered" if on <= term.ends_on else "not_covered"
    assert state == expected


@pytest.mark.parametrize(
    ("wanted", "fitout", "expected"),
    [
        (None, "毛坯", True),
        ("full", "全装修", True),
        ("full", "毛坯", False),
        ("bare", "精装修", False),
        ("bare", "清水房", True),
        ("full", None, True),
        ("bare", "", True),
    ],
)
def test_what_to_look_for_goes_by_the_fit_out(wanted: str | None, fitout: str | None, expected: bool) -> None:
    """WR-10, WR-11; of a home whose fit-out nobody wrote, everything is looked at."""
    assert concerns(wanted, fitout) is expected


def test_owners_are_given_the_standards_list() -> None:
    """WR-15: the six items of the warranty."""
    standard = shipped("six-plus-two")
    assert standard is not None
    found = checks(standard, None)
    assert len(found) == 6
    assert (found[0].told("zh-CN"), found[0].told("en")) == ("电器管线", "Electrical wiring")


def test_a_batch_goes_one_way() -> None:
    """WR-17, EN-12: sent, answered, corrected; the day of the deadline still counts."""
    assert [legal_moves(state) for state in ("gathering", "sent", "answered", "corrected")] == [
        ["send"],
        ["answer", "correct"],
        ["correct"],
        [],
    ]
    day = date(2027, 5, 1)
    assert not is_overdue("sent", day, day)
    assert is_overdue("answered", day, date(2027, 5, 2))
    assert not is_overdue("corrected", day, date(2027, 5, 2))
