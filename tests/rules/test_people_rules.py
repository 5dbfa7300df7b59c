"""The rules of people, without anything around them."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from backend.features.people.rules import (
    HOUSEHOLD_ROLES,
    HOUSEHOLD_SIGHT,
    LOCKOUT_WINDOW,
    ROLES,
    Failures,
    PhoneInvalid,
    household_sees,
    locked_until,
    mask_name,
    mask_phone,
    read_phone,
    roles_that_may,
)

PHONE = "+8613800000001"
NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
METHOD = Path(__file__).parents[3] / "shared" / "method" / "service-method.md"


@pytest.mark.parametrize(
    "spelled",
    [
        "13800000001",
        " 138 0000 0001 ",
        "138-0000-0001",
        "138.0000.0001",
        "+86 138 0000 0001",
        "+8613800000001",
        "0086 138 0000 0001",
        "008613800000001",
        "8613800000001",
        "013800000001",
        "(+86) 138-0000-0001",
        "+86（138）0000 0001",
        "＋８６ １３８０００００００１",
        "１３８０００００００１",
        "138\u00a00000\u00a00001",
        "138\u30000000\u30000001",
        "138–0000—0001",
    ],
)
def test_every_spelling_of_a_phone_is_one_number(spelled: str) -> None:
    assert read_phone(spelled) == PHONE


@pytest.mark.parametrize(
    ("spelled", "number"),
    [
        ("+852 9123 4567", "+85291234567"),
        ("+1 202 555 0123", "+12025550123"),
        ("00886 912 345 678", "+886912345678"),
    ],
)
def test_a_foreign_mobile_keeps_its_country(spelled: str, number: str) -> None:
    assert read_phone(spelled) == number


@pytest.mark.parametrize(
    "spelled",
    [
        "",
        " ",
        "+",
        "()",
        "110",
        "12345",
        "1380000000",
        "138000000011",
        "010-12345678",
        "4008001234",
        "abcdefg",
        "138 0000 0BUG",
        "13800ABC001",
        "13800000001 ext. 9",
        "13800000001#9",
        "13800000001/13900000002",
        "13800000001;13900000002",
        "13800000001,13900000002",
        "tel:+8613800000001",
        "call 13800000001",
        "电话13800000001",
        "13800000001\x00",
        "138\u202a00000001",
        "1380000000\ud800",
        "1" * 10_000,
        "+999 138 0000 0001",
    ],
)
def test_what_is_no_mobile_is_refused(spelled: str) -> None:
    with pytest.raises(PhoneInvalid):
        read_phone(spelled)


@pytest.mark.parametrize(
    ("phone", "masked"),
    [(PHONE, "+86 138****0001"), ("+85291234567", "+85*******67"), ("+12025550123", "+12*******23")],
)
def test_a_masked_phone_shows_its_ends(phone: str, masked: str) -> None:
    assert mask_phone(phone) == masked


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        ("孙", "孙*"),
        ("孙杰", "孙*"),
        ("孙建华", "孙**"),
        ("欧阳建平", "欧**"),
        ("John Smith", "J* S*"),
        ("John  Smith", "J* * S*"),
    ],
)
def test_a_masked_name_shows_its_beginning(name: str, masked: str) -> None:
    assert mask_name(name) == masked


# Failures here; pause in minutes.
LOCKS = [(0, None), (4, None), (5, 1), (6, 2), (7, 4), (8, 8), (9, 15), (10, 15), (45, 15), (100_000, 15)]


@pytest.mark.parametrize(("failures", "minutes"), LOCKS)
def test_an_address_is_locked_out_twice_as_long_each_time_and_never_beyond_the_window(
    failures: int, minutes: int | None
) -> None:
    for known in (True, False):
        against = Failures(failures, NOW if failures else None, failures, NOW if failures else None, known)
        if failures < 50 or known:
            assert locked_until(against) == (NOW + timedelta(minutes=minutes) if minutes else None)
    assert minutes is None or timedelta(minutes=minutes) <= LOCKOUT_WINDOW


@pytest.mark.parametrize(
    ("anywhere", "known", "locked"),
    [(49, False, False), (50, False, True), (50, True, False), (100_000, True, False)],
)
def test_fifty_failures_anywhere_lock_strangers_only(anywhere: int, known: bool, locked: bool) -> None:
    until = locked_until(Failures(0, None, anywhere, NOW, known))
    assert until == (NOW + timedelta(minutes=1) if locked else None)


def test_every_role_of_a_household_has_a_line_in_the_table_and_each_sees_no_more_than_the_one_before() -> (
    None
):
    assert set(HOUSEHOLD_SIGHT) == set(HOUSEHOLD_ROLES)
    assert HOUSEHOLD_SIGHT["tenant"] < HOUSEHOLD_SIGHT["family"] < HOUSEHOLD_SIGHT["owner"]
    assert household_sees("owner", "contract")
    assert not household_sees("family", "contract")
    assert not household_sees("tenant", "dates")


def test_only_administrators_manage_positions_and_people() -> None:
    for capability in ("manage_positions", "manage_staff", "import_estate"):
        assert roles_that_may(capability) == ["administrator"]
    assert "repair_engineer" not in roles_that_may("reveal")
    assert all("see_estate" in role.may for role in ROLES.values())


@pytest.mark.skipif(not METHOD.exists(), reason="the method's text lies beside the project, not in it")
def test_every_role_comes_from_a_row_of_the_method() -> None:
    rows = set(re.findall(r"^\| ([A-Z0-9]+-[0-9]+) ", METHOD.read_text(encoding="utf-8"), re.MULTILINE))
    assert {role.rule for role in ROLES.values()} - rows == {"product"}
