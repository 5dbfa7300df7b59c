"""What a standard promises of a conversation: nothing that it does not say."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from backend.features.chat.service.promising import Promises
from backend.features.standard.service import Standard
from backend.platform.calendar import Calendar
from tests.fixtures.standards import small_document

WORKING = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
NIGHT = datetime(2026, 11, 24, 16, 0, tzinfo=UTC)
NAME = {"zh-CN": "时限", "zh-TW": "時限", "en": "Limit"}


def promises(*settings: dict[str, Any], clocks: tuple[dict[str, Any], ...] = ()) -> Promises:
    """Those of a standard with these settings and clocks."""
    document = small_document() | {
        "settings": [{"name": NAME, "rules": ["HC-01"], **one} for one in settings],
        "clocks": [
            {"name": NAME, "promise": NAME, "starts": "receipt", "ends": NAME, "rules": ["HC-12"], **one}
            for one in clocks
        ],
    }
    return Promises(Standard.model_validate(document), Calendar())


def limit(code: str, kind: str, value: int) -> dict[str, Any]:
    return {"code": code, "due": {"kind": kind, "value": value}}


FIRST_CONTACT = {
    "code": "C2",
    "due": {"kind": "working_hours", "value": 2},
    "outside_hours": {"kind": "elapsed_hours", "value": 24},
}


def test_what_is_not_set_is_promised_to_nobody() -> None:
    for nothing in (promises(), Promises(None, Calendar())):
        assert nothing.first_answer(WORKING, somebody_on_duty=True) is None
        assert nothing.first_answer(WORKING, somebody_on_duty=False) is None
        assert not nothing.silent_since(WORKING - timedelta(days=400), WORKING)
        assert nothing.may_reopen(WORKING - timedelta(days=400), WORKING)


@pytest.mark.parametrize(
    ("at", "after"), [(WORKING, timedelta(hours=2)), (NIGHT, timedelta(hours=24))], ids=["by day", "at night"]
)
def test_with_nobody_on_duty_the_limit_of_first_contact_holds(at: datetime, after: timedelta) -> None:
    known = promises(clocks=(FIRST_CONTACT,))
    assert known.first_answer(at, somebody_on_duty=False) == at + after
    assert known.first_answer(at, somebody_on_duty=True) is None


def test_what_is_set_holds() -> None:
    known = promises(
        limit("chat-first-reply", "elapsed_minutes", 3),
        limit("chat-silence", "elapsed_minutes", 10),
        limit("chat-reopen", "calendar_days", 7),
        clocks=(FIRST_CONTACT,),
    )
    for somebody in (True, False):
        assert known.first_answer(NIGHT, somebody_on_duty=somebody) == NIGHT + timedelta(minutes=3)
    assert known.silent_since(NIGHT, NIGHT + timedelta(minutes=10))
    assert not known.silent_since(NIGHT, NIGHT + timedelta(minutes=9, seconds=59))
    assert known.may_reopen(NIGHT, NIGHT + timedelta(days=6))
    assert not known.may_reopen(NIGHT, NIGHT + timedelta(days=9))
