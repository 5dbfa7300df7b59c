"""Taking a case in: from every side, with its number, its clocks, and whose it is."""

from tests.fixtures.cases import Desk, clocks


async def test_a_call_is_recorded_and_dispatched_when_it_ends(desk: Desk) -> None:
    """C1 ends at the end of the call (CT-05); the position of the category has it (HC-09), and is told (HC-21)."""
    one = await desk.call()
    assert one["number"].endswith("-000001")
    assert (one["state"], one["responsible"]["account_id"]) == ("dispatched", str(desk.property_manager.id))
    assert clocks(one) == {"C1": "met", "C2": "running", "C3": "running"}
    assert (await desk.bring(desk.owner))["number"].endswith("-000002")
