"""What a phone hands in is read piece by piece, its clock is believed within bounds, and it can be overtaken."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.features.field.rules import MOST_PHOTOS, believed, overtaken, read

NOON = datetime(2026, 11, 22, 4, tzinfo=UTC)
GOOD: dict[str, Any] = {
    "id": "0199d6a0-7c2e-4000-8000-6d1c5e0f4b11",
    "at": "2026-11-22T12:00:00+08:00",
    "ticket": "0199d6a0-7c2e-7000-8000-6d1c5e0f4b12",
    "base_version": 3,
    "op": "arrive",
    "data": {"words": "到了"},
}


def deep(times: int) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for _ in range(times):
        found = {"in": found}
    return found


def test_a_good_one_is_read_whole() -> None:
    operation = read(GOOD)
    assert (operation.faults, operation.at, operation.base_version) == ((), NOON, 3)
    assert (str(operation.id), str(operation.ticket)) == (GOOD["id"], GOOD["ticket"])
    assert operation.data == {"words": "到了"}
    assert json.loads(operation.text) == GOOD


def test_its_photos_are_found_wherever_the_move_has_them() -> None:
    one, two = str(UUID(int=1)), str(UUID(int=2))
    data = {"items": [{"item": "floor_mat", "photos": [one]}, {"photos": [one, two]}], "photos": ["none"]}
    assert [str(photo) for photo in read(GOOD | {"data": data}).photos] == [one, two]


def test_the_order_of_the_fields_makes_no_other_operation() -> None:
    assert read(dict(reversed(GOOD.items()))).digest == read(GOOD).digest
    assert read(GOOD | {"op": "start"}).digest != read(GOOD).digest


@pytest.mark.parametrize(
    ("wrong", "field", "code"),
    [
        ({"at": "yesterday"}, "at", "datetime_from_date_parsing"),
        ({"at": "2026-11-22T12:00:00"}, "at", "timezone_aware"),
        ({"at": "0001-01-01T00:00:00Z"}, "at", "time_out_of_reach"),
        ({"base_version": 0}, "base_version", "greater_than_equal"),
        ({"base_version": "3"}, "base_version", "int_type"),
        ({"ticket": "7"}, "ticket", "uuid_parsing"),
        ({"op": "DROP TABLE"}, "op", "string_pattern_mismatch"),
        ({"data": []}, "data", "dict_type"),
        ({"more": 1}, "more", "extra_forbidden"),
        ({"data": {"words": "a\x00b"}}, "data", "control_character"),
        ({"data": {"words": ["\ud800"]}}, "data", "control_character"),
        ({"data": {"\u202e": 1}}, "data", "control_character"),
        ({"data": {"n": float("nan")}}, "data", "not_a_number"),
        ({"data": {"words": "长" * 20_000}}, "", "operation_too_large"),
        ({"data": {"photos": [str(UUID(int=n)) for n in range(MOST_PHOTOS + 1)]}}, "data", "photos_too_many"),
    ],
)
def test_a_wrong_one_is_read_as_far_as_it_can_be(wrong: dict[str, Any], field: str, code: str) -> None:
    operation = read(GOOD | wrong)
    found = {(fault.field, fault.code) for fault in operation.faults}
    # A lone surrogate is no JSON for whom it is read by, wherever it stands.
    assert (field, code) in found or {one for _, one in found} == {"json_invalid"}
    assert str(operation.id) == GOOD["id"]
    assert operation.data == {}
    assert operation.text.isascii()


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from([*GOOD, "x"]), inner),
        max_leaves=8,
    )
)
def test_whatever_comes_is_read(sent: Any) -> None:
    operation = read(sent)
    assert isinstance(operation.id, UUID)
    assert operation.faults or operation.ticket is not None
    assert read(sent) == operation


def test_nesting_is_refused_by_name() -> None:
    assert read(GOOD | {"data": deep(500)}).faults


@pytest.mark.parametrize(
    ("claimed", "taken"),
    [
        (NOON, NOON),
        (NOON - timedelta(days=400), NOON - timedelta(days=1)),
        (NOON + timedelta(days=400), NOON + timedelta(hours=5)),
        (None, NOON + timedelta(hours=5)),
    ],
)
def test_a_phones_clock_is_a_claim(claimed: datetime | None, taken: datetime) -> None:
    # CT-45: not before the ticket was opened, and not after it was received.
    opened, received = NOON - timedelta(days=1), NOON + timedelta(hours=5)
    assert believed(claimed, opened=opened, received=received) == taken


def test_a_ticket_opened_after_the_claim_and_received_in_the_same_moment() -> None:
    assert believed(NOON, opened=NOON, received=NOON) == NOON


@pytest.mark.parametrize(
    ("base", "turns", "own", "expected"),
    [
        (3, [], [], False),
        (3, [4], [], True),
        (3, [2, 3], [], False),
        (3, [4], [(3, 4)], False),
        (3, [4, 5], [(3, 4)], True),
        (3, [4, 5], [(3, 5)], False),
        (3, [4, 6], [(3, 4), (5, 6)], False),
    ],
)
def test_who_is_overtaken(base: int, turns: list[int], own: list[tuple[int, int]], expected: bool) -> None:
    assert overtaken(base, turns, own) is expected
