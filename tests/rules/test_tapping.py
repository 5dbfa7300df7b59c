"""The link in an SMS that one tap answers: short, nobody's to make up, and good for what it was sent for alone."""

import base64

from hypothesis import given
from hypothesis import strategies as st

from backend.core.ids import new_id
from backend.core.sealing import Sealer
from backend.features.notices.tapping import read_tap, tap_for

KEY, OTHER = (base64.b64encode(bytes([number]) * 32).decode() for number in range(2))
SEALER = Sealer(f"a:{KEY}", KEY)


@given(st.uuids())
def test_a_tap_leads_back_to_its_subject_and_fits_a_gateways_placeholder(subject: object) -> None:
    token = tap_for(SEALER, "page", subject)  # type: ignore[arg-type]  # hypothesis types uuids loosely
    assert len(token) <= 35
    assert token.isascii()
    assert read_tap(SEALER, "page", token) == subject


def test_what_was_changed_cut_off_or_made_for_something_else_leads_nowhere() -> None:
    subject = new_id()
    token = tap_for(SEALER, "page", subject)
    for place, sign in enumerate(token):
        for other in "Aa0-_":
            if other != sign:
                assert read_tap(SEALER, "page", token[:place] + other + token[place + 1 :]) is None
    for length in range(len(token)):
        assert read_tap(SEALER, "page", token[:length]) is None
    for wrong in (token + "A", token + "=", "业主", "", "\0", token.replace(token[0], "/", 1)):
        assert read_tap(SEALER, "page", wrong) is None
    assert read_tap(SEALER, "letter", token) is None
    assert read_tap(Sealer(f"a:{KEY}", OTHER), "page", token) is None
