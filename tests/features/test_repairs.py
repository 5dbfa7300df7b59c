"""A repair from report to end: one engineer, four promises as gates, clocks, and what is refused on the way."""

from tests.fixtures.hotline import code
from tests.fixtures.repairs import TO_CLOSED, TO_WORK, Yard


async def test_a_ticket_from_report_to_end(yard: Yard) -> None:
    photo = await yard.photo(yard.owner)
    one = await yard.report(photos=[photo], urgent=False)
    assert (one["state"], one["engineer"]["account_id"]) == ("reported", str(yard.plumber.id))
    assert one["engineer"]["because"] == {
        "trade": "plumbing", "match": "trade", "on_duty": True, "load": 0, "of": 2,
    }  # fmt: skip
    assert {clock["code"]: clock["state"] for clock in one["promises"]} == {
        "C1": "met", "C2": "running", "C3": "running",
    }  # fmt: skip
    one = await yard.walk(one, TO_CLOSED)
    assert one["state"] == "closed"
    assert (await yard.read(yard.owner, one))["ticks"] == {
        "one_person": True, "one_protection": True, "one_cleaning": True, "zero_worry": True,
    }  # fmt: skip
    kinds = await yard.owner.kinds(one)
    assert kinds == [
        "opened", "engineer_named", "accepted", "appointed", "set_out", "arrived", "protected", "started", "finished",
        "cleaning_booked", "cleaned", "signed", "visited", "closed",
    ]  # fmt: skip


async def test_an_illegal_step_names_the_legal_ones(yard: Yard) -> None:
    one = await yard.report()
    answer = await yard.tries(yard.plumber, one, "start", livable=True)
    assert code(answer) == (409, "move_illegal")
    assert answer.json()["present"]["legal"] == ["accept", "contact", "propose", "ask_living"]
    assert code(await yard.tries(yard.owner, one, "accept")) == (403, "not_your_move")
    await yard.walk(one, TO_WORK[:4])
    answer = await yard.tries(yard.plumber, one, "start", livable=True)
    assert code(answer) == (409, "gate_closed")
    assert "shoe_covers" in answer.json()["present"]["missing"]
