"""Owner and engineer of a ticket call each other, and neither sees the other's number anywhere."""

import json
from collections.abc import AsyncIterator

import pytest
from pydantic import SecretStr
from sqlalchemy import text
from starlette.responses import JSONResponse

from backend.core.config import Settings, production_faults
from tests.fakes.number_service import Numbers, number_service
from tests.fixtures.hotline import code
from tests.fixtures.logs import Lines
from tests.fixtures.process import Begin
from tests.fixtures.repairs import Yard

ENGINEERS = "+8613900001111"
OWNERS = "+8613542604684"


@pytest.fixture
async def numbers() -> AsyncIterator[Numbers]:
    async with number_service(ours="between us") as running:
        yield running


@pytest.fixture
def settings(settings: Settings, numbers: Numbers) -> Settings:
    told = {"numbers_url": numbers.url, "numbers_key_id": "ours", "numbers_secret": SecretStr("between us")}
    return settings.model_copy(update=told)


async def has_phone(yard: Yard, work: Begin, phone: str | None = ENGINEERS) -> None:
    async with work() as unit:
        named = {"phone": phone, "id": yard.plumber.id}
        await unit.execute(text("UPDATE account SET phone = :phone WHERE id = :id"), named)
        await unit.execute(text("UPDATE project SET hotline = '400-100-2000'"))


async def test_each_side_reaches_the_other_and_sees_no_number(
    yard: Yard, work: Begin, numbers: Numbers, logged: Lines
) -> None:
    await has_phone(yard, work)
    one = await yard.report()
    path = f"tickets/{one['id']}/call"
    told = []
    for who in (yard.owner, yard.owner, yard.plumber):
        answer = await who.ask("POST", path)
        assert answer.status_code == 200, answer.text
        told.append(answer.json())
    # The same two about the same matter keep their number.
    assert told[0]["number"] == told[1]["number"] != told[2]["number"]
    assert told[0].keys() == {"number", "expires_at"}
    asked = [(call["caller"], call["callee"], call["seconds"]) for call in numbers.asked.values()]
    assert asked == [(OWNERS, ENGINEERS, 600), (ENGINEERS, OWNERS, 600)]
    lines = [line for line in await yard.owner.lines(one) if line["kind"] == "call_arranged"]
    assert [line["body"] for line in lines] == [{"by": "owner"}, {"by": "owner"}, {"by": "engineer"}]
    # Not in what the other side gets of it, and not in what was logged meanwhile.
    shown = json.dumps([told, lines, await yard.read(yard.owner, one)])
    assert ENGINEERS[3:] not in shown
    said = json.dumps(logged())
    assert not [phone for phone in (ENGINEERS[3:], OWNERS[3:], told[0]["number"]) if phone in said]
    # It is the two sides' call and nobody else's.
    assert code(await yard.desk.ask("POST", path)) == (403, "not_your_move")
    assert code(await yard.manager.ask("POST", path)) == (403, "not_your_move")
    for stranger in (yard.tenant, yard.other):
        assert (await stranger.ask("POST", path)).status_code == 404
    await yard.move(yard.owner, one, "cancel", reason="不需要了")
    assert code(await yard.owner.ask("POST", path)) == (409, "ticket_over")


async def test_where_no_number_is_to_be_had_the_hotline_is_given(
    yard: Yard, work: Begin, numbers: Numbers
) -> None:
    await has_phone(yard, work, None)
    one = await yard.report()
    path = f"tickets/{one['id']}/call"
    for who, refused in ((yard.owner, "call_nobody"), (yard.plumber, "call_no_number")):
        answer = await who.ask("POST", path)
        assert code(answer) == (409, refused)
        assert answer.json()["present"] == {"hotline": "400-100-2000"}
        assert "400-100-2000" in answer.json()["detail"]
    await has_phone(yard, work)
    soon = "2099-01-01T00:00:00Z"
    for answered in (
        JSONResponse({}, 503),
        JSONResponse(["no object"]),
        JSONResponse({"number": "170 0000 0000", "expires_at": soon}),
        JSONResponse({"number": "+8617000000000", "expires_at": "soon"}),
        # A service that shows what it is there to hide.
        JSONResponse({"number": ENGINEERS[3:], "expires_at": soon}),
        JSONResponse({"number": OWNERS, "expires_at": soon}),
    ):
        numbers.next_answers.append(answered)
        answer = await yard.owner.ask("POST", path)
        assert code(answer) == (503, "call_not_arranged")
        assert answer.json()["present"] == {"hotline": "400-100-2000"}
    numbers.keys["ours"] = "another secret"
    assert code(await yard.owner.ask("POST", path)) == (503, "call_not_arranged")
    assert "call_arranged" not in await yard.owner.kinds(one)


def test_production_wants_the_secret_of_the_service_it_names() -> None:
    said = production_faults(Settings(_env_file=None, numbers_url="https://numbers.example/calls"))
    assert [one for one in said if "NUMBERS" in one] == [
        "TONGXING_NUMBERS_SECRET is not set: the number service would refuse us"
    ]


class TestWithoutAService:
    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return settings.model_copy(update={"numbers_url": ""})

    async def test_the_hotline_is_given(self, yard: Yard, work: Begin) -> None:
        await has_phone(yard, work)
        one = await yard.report()
        answer = await yard.owner.ask("POST", f"tickets/{one['id']}/call")
        assert code(answer) == (409, "call_not_set_up")
        assert answer.json()["present"] == {"hotline": "400-100-2000"}
