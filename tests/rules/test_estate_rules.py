"""The estate's domain: dates, stages, order, search, and what an import may do."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from backend.features.estate.finding import Search, search_for
from backend.features.estate.rules import (
    DATES,
    HomeFacts,
    OwnerFacts,
    Standing,
    date_faults,
    name_key,
    sort_key,
    stage,
    weigh,
)

TODAY = date(2026, 11, 22)
SOLD = {
    "subscribed_on": date(2022, 7, 18),
    "signed_on": date(2022, 7, 23),
    "delivery_due_on": date(2024, 6, 28),
    "delivered_on": date(2024, 6, 29),
    "keys_on": date(2024, 7, 6),
    "moved_in_on": date(2024, 11, 10),
}


def test_dates_in_order_have_no_fault() -> None:
    assert date_faults(SOLD, today=TODAY) == ()


def test_unknown_dates_have_no_fault() -> None:
    assert date_faults(dict.fromkeys(DATES), today=TODAY) == ()


@pytest.mark.parametrize(
    ("dates", "field", "code"),
    [
        ({"signed_on": date(2022, 7, 17)}, "signed_on", "signed_before_subscribed"),
        ({"delivery_due_on": date(2022, 7, 22)}, "delivery_due_on", "due_before_signed"),
        ({"delivered_on": date(2022, 7, 22)}, "delivered_on", "delivered_before_signed"),
        (
            {"delivered_on": date(2022, 7, 17), "signed_on": None},
            "delivered_on",
            "delivered_before_subscribed",
        ),
        ({"keys_on": date(2024, 6, 28)}, "keys_on", "keys_before_delivered"),
        ({"keys_on": date(2022, 7, 22), "delivered_on": None}, "keys_on", "keys_before_signed"),
        ({"moved_in_on": date(2024, 7, 5)}, "moved_in_on", "moved_in_before_keys"),
        ({"moved_in_on": date(2024, 6, 28), "keys_on": None}, "moved_in_on", "moved_in_before_delivered"),
        ({"moved_in_on": date(2026, 11, 23)}, "moved_in_on", "date_in_future"),
        ({"subscribed_on": date(1989, 12, 31)}, "subscribed_on", "date_out_of_range"),
        ({"delivery_due_on": date(2101, 1, 1)}, "delivery_due_on", "date_out_of_range"),
    ],
)
def test_a_date_that_cannot_be_is_named(dates: dict[str, date | None], field: str, code: str) -> None:
    faults = date_faults({**SOLD, **dates}, today=TODAY)
    assert [(fault.field, fault.code) for fault in faults] == [(field, code)]


def test_only_the_promised_day_may_lie_ahead() -> None:
    ahead = date(2027, 6, 30)
    assert date_faults({"delivery_due_on": ahead}, today=TODAY) == ()
    assert date_faults({"delivered_on": ahead}, today=TODAY)[0].code == "date_in_future"


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        ((), "reserved"),
        (("subscribed_on",), "reserved"),
        (("subscribed_on", "signed_on", "delivery_due_on"), "waiting"),
        (("signed_on", "delivered_on"), "delivered"),
        (("signed_on", "keys_on"), "keys_received"),
        (DATES, "living"),
        (("moved_in_on",), "living"),
    ],
)
def test_the_stage_follows_the_dates(known: tuple[str, ...], expected: str) -> None:
    assert stage({name: SOLD[name] for name in known}, today=TODAY) == expected


def test_a_stage_begins_on_its_day() -> None:
    assert stage(SOLD, today=date(2024, 6, 28)) == "waiting"
    assert stage(SOLD, today=date(2024, 6, 29)) == "delivered"
    assert stage({**SOLD, "ended_on": TODAY}, today=TODAY) == "ended"


def test_homes_sort_as_people_count() -> None:
    homes = [("1", "1", "101"), ("1", "1", "1101"), ("1", "2", "101"), ("2", "1", "101"), ("10", "1", "101")]
    keys = [sort_key(*home) for home in homes]
    assert keys == sorted(keys)


def test_names_compare_in_one_width_and_case() -> None:
    assert name_key(" 朗 润园Ａ ") == name_key("朗润园a")


@pytest.mark.parametrize("typed", ["1-1-0101", "1号楼1单元101", "1#1单元0101室", "１号楼 １单元 101"])
def test_a_home_is_meant_in_any_spelling(typed: str) -> None:
    search = search_for(typed)
    assert search is not None
    assert (search.unit_key, search.room_key) == ("1", "101")
    assert search.sort_range is not None
    first, last = search.sort_range
    assert first <= sort_key("1", "1", "101") < last
    assert not first <= sort_key("1", "10", "101") < last
    assert not first <= sort_key("10", "1", "101") < last


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("欧阳", ("欧阳",)),
        ("4684", ("4684",)),
        ("101", ()),
        ("+86 135-4260-4684", ("8613542604684",)),
        ("135 4260 4684", ("13542604684",)),
        ("John Smith", ("john", "smith")),
    ],
)
def test_words_begin_names_and_phones(typed: str, words: tuple[str, ...]) -> None:
    search = search_for(typed)
    assert search is not None
    assert search.words == words


@pytest.mark.parametrize("typed", ["%", "_", "\\", "  ", "---", "、、"])
def test_signs_alone_mean_nothing(typed: str) -> None:
    assert search_for(typed) is None


def test_a_search_is_plain_data() -> None:
    assert search_for("101") == Search(None, "101", None, ())


OWNERS = (OwnerFacts("李欣", "+8613542604684"), OwnerFacts("梁鑫", None))


def said(owners: tuple[OwnerFacts, ...] = OWNERS, **facts: Any) -> HomeFacts:
    home = {"layout": None, "area": Decimal("87.3"), "fitout": None}
    ownership: dict[str, Any] = {
        "contract_no": "A1",
        **SOLD,
        "address": None,
        "consultant": None,
        "specialist": None,
        "remark": None,
    }
    return HomeFacts(
        {name: facts.get(name, value) for name, value in home.items()},
        {name: facts.get(name, value) for name, value in ownership.items()},
        owners,
    )


def test_an_empty_place_takes_a_new_home() -> None:
    verdict = weigh(said(), Standing(), today=TODAY)
    assert verdict.effect == "new"
    assert verdict.after["contract_no"] == "A1"
    assert "layout" not in verdict.after


def test_the_same_again_is_the_same() -> None:
    verdict = weigh(
        said(), Standing(said(area=Decimal("87.30")), owned=True, contract_at="here"), today=TODAY
    )
    assert (verdict.effect, verdict.before, verdict.after) == ("same", {}, {})


def test_a_corrected_date_is_told_before_and_after() -> None:
    day = date(2024, 7, 8)
    verdict = weigh(said(keys_on=day), Standing(said(), owned=True, contract_at="here"), today=TODAY)
    assert (verdict.effect, verdict.before, verdict.after) == (
        "changed",
        {"keys_on": SOLD["keys_on"]},
        {"keys_on": day},
    )


def test_an_empty_cell_takes_nothing_away() -> None:
    verdict = weigh(said(keys_on=None, contract_no=None), Standing(said(), owned=True), today=TODAY)
    assert verdict.effect == "same"


def test_another_owner_joins() -> None:
    joined = (*OWNERS, OwnerFacts("李小欣", "+8613900000000"))
    verdict = weigh(said(joined), Standing(said(), owned=True, contract_at="here"), today=TODAY)
    assert (verdict.effect, verdict.after) == ("changed", {})


STRANGER = (OwnerFacts("王芳", "+8613688889999"),)


@pytest.mark.parametrize(
    ("row", "standing", "code"),
    [
        (said(contract_no="B2"), Standing(said(), owned=True), "sold_on_record"),
        (said(STRANGER), Standing(said(), owned=True, contract_at="here"), "owners_differ"),
        (said(STRANGER, contract_no=None), Standing(said(), owned=True), "owners_differ"),
        (said(), Standing(contract_at="elsewhere"), "contract_elsewhere"),
        (said(), Standing(said(), owned=True, contract_at="past"), "contract_ended"),
        (said(), Standing(names={"+8613542604684": "赵欣"}), "phone_other_name"),
        (
            said(moved_in_on=None, keys_on=date(2024, 12, 1)),
            Standing(said(), owned=True, contract_at="here"),
            "order_on_record",
        ),
    ],
)
def test_a_row_never_hands_a_home_over_or_breaks_what_is_on_record(
    row: HomeFacts, standing: Standing, code: str
) -> None:
    verdict = weigh(row, standing, today=TODAY)
    assert (verdict.code, verdict.effect) == (code, None)
