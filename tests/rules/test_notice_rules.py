"""What becomes of a delivery by what the provider says of it."""

import pytest

from backend.features.notices.rules import Settled, settle
from push.message import Accepted, Ambiguous, DeadAddress, Outcome, Refused, RetryAfter, Stopped


@pytest.mark.parametrize(
    ("outcome", "expected"),
    [
        (Accepted("p-1"), Settled("accepted", provider_id="p-1")),
        (DeadAddress("UNREGISTERED"), Settled("dead", reason="UNREGISTERED", retire="unregistered")),
        (DeadAddress("INVALID_ARGUMENT"), Settled("dead", reason="INVALID_ARGUMENT", retire="invalid")),
        (
            DeadAddress("SENDER", warn=True),
            Settled("dead", reason="SENDER", retire="sender_mismatch", warns=True),
        ),
        (RetryAfter(7, "429"), Settled("waiting", pause=7, reason="429")),
        (RetryAfter(7, "503", everybody=True), Settled("waiting", pause=7, keeps=True, reason="503")),
        (Refused("too big"), Settled("refused", reason="too big")),
        (
            Stopped("balance"),
            Settled("waiting", pause=60, keeps=True, reason="balance", stops=True, warns=True),
        ),
        (
            Stopped("template", everybody=False),
            Settled("waiting", pause=60, keeps=True, reason="template", warns=True),
        ),
        # A push shows once however often it goes out; an SMS stays in hand until the gateway can be asked.
        (Ambiguous("cut", 3), Settled("waiting", pause=3, reason="cut")),
        (Ambiguous("cut"), Settled("leased", pause=90, reason="cut")),
    ],
)
def test_what_becomes_of_a_delivery(outcome: Outcome, expected: Settled) -> None:
    assert settle(outcome, settles=90) == expected
