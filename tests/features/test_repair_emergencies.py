"""Emergencies: everybody on duty is told at once, one takes it and makes it safe, and the one engineer stays."""

from datetime import timedelta

from sqlalchemy import text

from backend.core.clock import local_date
from tests.fixtures.hotline import code
from tests.fixtures.journeys import Fire, rows
from tests.fixtures.process import Begin, Forward
from tests.fixtures.repairs import Yard


async def told(yard: Yard, kind: str = "ticket_emergency") -> set[object]:
    """Who has been told."""
    return {
        row.account_id
        for row in await rows(yard.process, f"SELECT account_id FROM notice WHERE kind = '{kind}'")
    }


async def test_whoever_is_on_duty_is_told_and_goes_first(yard: Yard) -> None:
    """SN-44, FM-60, RP-04: a second pair of hands is added; the ticket's one person stays."""
    one = await yard.report(urgent=True)
    # Both engineers are on duty around the clock; the plumber has the ticket.
    assert await told(yard) == {yard.plumber.id, yard.other.id}
    base = f"projects/{yard.hotline.project}/emergencies"
    [shown] = (await yard.other.ask("GET", base)).json()["items"]
    assert (shown["ticket"], shown["state"], shown["engineer"]) == (
        one["id"],
        "declared",
        str(yard.plumber.id),
    )
    assert (shown["contact_phone"], shown["place"]) == (None, "厨房水槽")
    path = f"tickets/{one['id']}/emergency"
    again = await yard.owner.ask("POST", path, json={"words": "还在漏"})
    assert (again.status_code, again.json()["told"]) == (200, 2)
    # Who answers the phone sees it, and does not go there.
    assert code(await yard.desk.ask("POST", f"{path}/taking")) == (403, "not_in_your_role")
    assert code(await yard.owner.ask("POST", f"{path}/taking")) == (403, "staff_only")
    for _ in range(2):
        taken = await yard.other.ask("POST", f"{path}/taking")
        assert (taken.status_code, taken.json()["contact_phone"]) == (200, "+8613542604684")
    assert code(await yard.plumber.ask("POST", f"{path}/taking")) == (409, "emergency_taken")
    assert code(await yard.plumber.ask("POST", f"{path}/safety", json={"words": "好了"})) == (
        403,
        "not_your_move",
    )
    # While they are on it they see whom to call; the ticket itself is not theirs.
    assert (await yard.plumber.ask("GET", base)).json()["items"][0]["contact_phone"] is None
    assert (await yard.other.ask("GET", f"tickets/{one['id']}")).status_code == 404
    safe = await yard.other.ask("POST", f"{path}/safety", json={"words": "已关闭入户阀门"})
    assert (safe.json()["state"], safe.json()["contact_phone"]) == ("safe", None)
    assert (await yard.other.ask("GET", base)).json()["items"] == []
    assert len((await yard.other.ask("GET", base, params={"ended": True})).json()["items"]) == 1
    assert code(await yard.other.ask("POST", f"{path}/denial", json={"words": "x"})) == (
        409,
        "emergency_over",
    )
    assert (await yard.owner.kinds(one))[2:] == ["emergency_declared", "emergency_taken", "emergency_safe"]
    assert (await yard.read(yard.owner, one))["engineer"]["account_id"] == str(yard.plumber.id)
    assert await told(yard, "emergency_safe") >= {yard.owner.id, yard.family.id}


async def test_it_is_told_again_until_somebody_takes_it(yard: Yard, fire: Fire, forward: Forward) -> None:
    """SN-44, FM-60: whoever is on duty is told every five minutes; taken, nobody is any more."""
    one = await yard.report(urgent=True)
    often = "SELECT count(*) AS n FROM notice WHERE kind = 'ticket_emergency'"
    for beats in (2, 3):
        await forward(timedelta(minutes=5))
        await fire()
        assert (await rows(yard.process, often))[0].n == 2 * beats
    await yard.other.ask("POST", f"tickets/{one['id']}/emergency/taking")
    await forward(timedelta(minutes=30))
    await fire()
    assert (await rows(yard.process, often))[0].n == 6


async def test_what_was_over_begins_anew_and_a_number_goes_with_the_ticket(yard: Yard) -> None:
    """SN-44: it bursts again after it was made safe, and everybody on duty is told again."""
    one = await yard.report(urgent=True)
    path = f"tickets/{one['id']}/emergency"
    for act in ("taking", "safety"):
        await yard.other.ask("POST", f"{path}/{act}", json={"words": "已关阀"} if act == "safety" else None)
    again = await yard.owner.ask("POST", path, json={"words": "又漏了，比刚才还大"})
    assert (again.status_code, again.json()["told"]) == (200, 2)
    notices = await rows(yard.process, "SELECT account_id FROM notice WHERE kind = 'ticket_emergency'")
    assert sorted(row.account_id for row in notices) == sorted([yard.plumber.id, yard.other.id] * 2)
    base = f"projects/{yard.hotline.project}/emergencies"
    [shown] = (await yard.other.ask("GET", base)).json()["items"]
    assert (shown["state"], shown["taken_by"], shown["outcome"]) == ("declared", None, None)
    taken = await yard.other.ask("POST", f"{path}/taking")
    assert taken.json()["contact_phone"] == "+8613542604684"
    twice = await rows(yard.process, "SELECT 1 FROM notice WHERE kind = 'emergency_taken'")
    assert len(twice) == 2 * len(await told(yard, "emergency_taken"))
    # The ticket is over: whoever had taken the emergency no longer reads the number.
    await yard.move(yard.owner, one, "cancel", reason="物业已修好")
    [shown] = (await yard.other.ask("GET", base)).json()["items"]
    assert (shown["state"], shown["contact_name"], shown["contact_phone"]) == ("taken", None, None)


async def test_what_can_wait_is_said_to_and_the_chain_is_told_when_nobody_is_on_duty(
    yard: Yard, work: Begin
) -> None:
    """FM-38: somebody must be reached; the joint team counts while it exists (SN-45, CT-18)."""
    one = await yard.report()
    now = yard.process.clock.now()
    async with work() as unit:
        # Nobody repairs by night or by day: both are away.
        await unit.execute(
            text(
                "INSERT INTO roster_override (id, position_id, kind, starts_at, reason, entered_by)"
                " SELECT gen_random_uuid(), id, 'absent', app_now() - interval '1 hour', '休假', account_id"
                " FROM position WHERE role = 'repair_engineer'"
            )
        )
    path = f"tickets/{one['id']}/emergency"
    assert (await yard.tenant.ask("POST", path, json={"words": "漏"})).status_code == 404
    declared = await yard.owner.ask("POST", path, json={"words": "大量漏水"})
    assert declared.json()["told"] == 2
    assert await told(yard) == {yard.plumber.id, yard.manager.id}
    denied = await yard.manager.ask("POST", f"{path}/denial", json={"words": "只是滴水，明天上门"})
    assert denied.json()["state"] == "not_urgent"
    assert (await yard.read(yard.owner, one))["urgent"] is False
    # With a joint team somebody is there.
    async with work() as unit:
        await unit.execute(
            text("UPDATE project SET mass_move_in_on = :day WHERE node_id = :id"),
            {"day": local_date(now) - timedelta(days=30), "id": yard.hotline.project},
        )
    joins = {"account": str(yard.desk.id), "duty": "progress_and_claims", "unit": "客服部"}
    team = f"projects/{yard.hotline.project}/joint-repair-team/members"
    assert (await yard.manager.ask("POST", team, json=joins)).status_code == 201
    other = await yard.report(place="阳台", urgent=True)
    assert {yard.desk.id} <= await told(yard)
    # Who watches claims in it does not go there; who repairs in it does (SN-46, SN-47).
    taking = f"tickets/{other['id']}/emergency/taking"
    assert code(await yard.desk.ask("POST", taking)) == (403, "not_in_your_role")
    async with work() as unit:
        await unit.execute(text("UPDATE joint_team_member SET duty = 'repairs'"))
    assert (await yard.desk.ask("POST", taking)).status_code == 200
    assert await rows(
        yard.process, f"SELECT 1 FROM ticket_emergency WHERE ticket_id = '{other['id']}' AND told = 2"
    )
