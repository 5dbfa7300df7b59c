"""When the story of `tongxing demo` begins."""

from datetime import datetime

import pytest

from backend.story.stage import next_eve


@pytest.mark.parametrize(
    ("now", "begins"),
    [
        ("2026-11-23T10:00+08:00", "2027-09-30T23:40+08:00"),
        ("2027-02-01T00:00+00:00", "2027-09-30T23:40+08:00"),
        ("2027-09-30T23:00+08:00", "2027-09-30T23:40+08:00"),
        # She signs in ten minutes before.
        ("2027-09-30T23:26+08:00", "2028-09-30T23:40+08:00"),
        # Told again, on the day on which it ended.
        ("2027-10-08T12:00+08:00", "2028-09-30T23:40+08:00"),
    ],
)
def test_it_begins_on_the_eve_of_the_next_national_day(now: str, begins: str) -> None:
    assert next_eve(datetime.fromisoformat(now)) == datetime.fromisoformat(begins)
