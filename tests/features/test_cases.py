"""Taking a case in: from every side, with its number, its clocks, whose it is and who never sees it."""

import asyncio
from datetime import timedelta

from backend.core.ids import new_id
from tests.fixtures.cases import Desk, clocks
from tests.fixtures.hotline import code
from tests.fixtures.journeys import rows


async def test_a_call_is_recorded_and_dispatched_when_it_ends(desk: Desk) -> None:
    """C1 ends at the end of the call (CT-05); the position of the category has it (HC-09), and is told (HC-21)."""
    one = await desk.call(informed=["project_engineer", "repair_engineer"], customer_position="要求更换电梯")
    assert one["number"].endswith("-000001")
    assert (one["state"], one["responsible"]["account_id"]) == ("dispatched", str(desk.property_manager.id))
    assert clocks(one) == {"C1": "met", "C2": "running", "C3": "running"}
    assert (one["inside"]["informed"], one["inside"]["opened_by"]) == (
        ["project_engineer", "repair_engineer"],
        str(desk.agent.id),
    )
    told = await rows(desk.process, "SELECT kind, account_id FROM notice")
    everybody = {(row.kind, row.account_id) for row in told}
    assert {("case_assigned", desk.property_manager.id), ("case_opened", desk.owner.id)} < everybody
    assert {kind for kind, _ in everybody} == {"case_assigned", "case_opened", "case_informed"}
    besides = {account for kind, account in everybody if kind == "case_informed"}
    assert besides == {desk.project_engineer.id, desk.hotline.engineer.id}
    assert (await desk.read(desk.hotline.engineer, one))["can"] == []
    # The owner reads what is promised in plain words, and nothing that is for staff (OW-12).
    seen = await desk.read(desk.owner, one)
    assert (seen["inside"], seen["responsible"]["because"], seen["severity"]) == (None, None, "general")
    assert "会有人亲自与您联系" in seen["promises"][1]["words"]
    assert seen["contact"]["phone"] == "+8613542604684"
    await desk.move(desk.agent, one, "classify", severity="suspected_invalid")
    lines = await desk.owner.lines(one)
    assert [line["kind"] for line in lines] == ["opened", "dispatched"]
    assert set(lines[1]["body"]) == {"category", "role", "account", "name"}
    assert {"responsible_found", "classified"} < set(await desk.agent.kinds(one))
    assert (await desk.read(desk.colleague, one))["contact"]["phone"] == "+86 135****4684"
    assert (await desk.read(desk.property_manager, one))["contact"]["phone"] == "+8613542604684"
    assert (await desk.tenant.ask("GET", f"cases/{one['id']}")).status_code == 404
    assert (await desk.hotline.stranger.ask("GET", f"cases/{one['id']}")).status_code == 404
    missing = await desk.brought(desk.agent, channel="hotline")
    assert code(missing) == (422, "category_missing")
    received = desk.process.clock.now() - timedelta(days=5)
    late = {"received_at": received.isoformat(), "late_reason": "热线系统断网"}
    assert code(await desk.brought(desk.agent, received_at=received.isoformat())) == (
        422,
        "late_reason_missing",
    )
    one = await desk.call(**late)
    assert one["received_at"][:19] == received.isoformat()[:19]
    assert {clock["starts_at"][:19] for clock in one["promises"]} == {received.isoformat()[:19]}
    assert clocks(one)["C1"] == "met_late"
    [opened] = [line for line in await desk.owner.lines(one) if line["kind"] == "opened"]
    assert opened["body"]["late_reason"] == "热线系统断网"


async def test_an_owner_writes_and_the_desk_dispatches(desk: Desk) -> None:
    """HC-20, HC-21: C1 runs until class and responsible position are named; the same again opens nothing anew."""
    id_ = str(new_id())
    one = await desk.bring(desk.owner, id=id_)
    again = await desk.brought(desk.owner, id=id_)
    assert (again.status_code, again.json()["number"]) == (200, one["number"])
    assert code(await desk.brought(desk.family, id=id_)) == (409, "id_taken")
    assert (one["state"], one["channel"], clocks(one)["C1"]) == ("received", "online_form", "running")
    told = await rows(desk.process, "SELECT account_id FROM notice WHERE kind = 'case_received'")
    assert {row.account_id for row in told} == {desk.agent.id, desk.colleague.id, desk.specialist.id}
    for field, value in (("category", "works"), ("severity", "urgent"), ("about_id", str(desk.head.id))):
        assert code(await desk.brought(desk.owner, **{field: value})) == (422, "only_for_the_desk")
    assert code(await desk.brought(desk.owner, anonymous=True)) == (422, "only_for_callers")
    nowhere = await desk.owner.ask("POST", "cases", json={"kind": "complaint", "gist": "没有写地方"})
    assert code(nowhere) == (422, "one_place")
    talk = await desk.owner.open("电梯又坏了")
    one = await desk.call(from_thread=talk["thread_id"])
    assert [link["why"] for link in one["links"]] == ["came_from"]
    assert (await desk.agent.lines(talk))[-1]["body"]["number"] == one["number"]
    beside = (await desk.agent.ask("GET", "cases/intake", params={"phone": "13542604684"})).json()
    assert (beside["account_id"], beside["phone"]) == (str(desk.owner.id), "+86 135****4684")
    assert beside["cases"][0]["id"] == one["id"]
    assert [home["ownership_id"] for home in beside["homes"]] == [str(desk.home)]
    assert [promise["code"] for promise in beside["promises"]] == ["C1", "C2", "C3"]
    elsewhere = (
        await desk.hotline.stranger.ask("GET", "cases/intake", params={"phone": "13542604684"})
    ).json()
    assert (elsewhere["account_id"], elsewhere["homes"], elsewhere["cases"]) == (None, [], [])
    assert (await desk.call())["inside"]["alike"][0]["id"] == one["id"]
    # Of a complaint about an employee, who may read there, the talk that it came out of says nothing.
    await desk.call(from_thread=talk["thread_id"], about_id=str(desk.colleague.id))
    assert (await desk.agent.lines(talk))[-1]["body"]["number"] == one["number"]


async def test_whoever_hears_of_it_passes_it_on(desk: Desk) -> None:
    """HC-26: any employee notes the gist; whom to reach; the desk says whose it is, and both hear of each other."""
    engineer = desk.hotline.engineer
    await desk.call(category="works")
    one = await desk.bring(
        engineer, channel="call_to_employee", contact={"name": "王先生", "phone": "13911110009"}
    )
    assert (one["state"], clocks(one)["C3"], one["contact"]["phone"]) == (
        "received",
        "running",
        "+86 139****0009",
    )
    # What else came from there is for those who see it.
    assert one["inside"]["alike"] == []
    assert len((await desk.read(desk.agent, one))["inside"]["alike"]) == 1
    assert code(await desk.brought(engineer, channel="call_to_employee", category="works")) == (
        422, "only_for_the_desk",
    )  # fmt: skip
    assert code(await desk.brought(desk.hotline.stranger)) == (422, "home_unknown")
    about = {"about_id": str(desk.property_manager.id)}
    one = await desk.call(**about)
    assert (one["responsible"]["role"], one["responsible"]["account_id"]) == (
        "head_of_customer_relations", str(desk.head.id),
    )  # fmt: skip
    assert one["responsible"]["because"]["passed"] == ["property_manager"]
    accused = desk.property_manager
    assert (await accused.ask("GET", f"cases/{one['id']}")).status_code == 404
    assert (
        await accused.ask("GET", f"threads/{one['thread_id']}/entries", params={"after": 0})
    ).status_code == 404
    for path in ("cases", "cases/queue"):
        shown = (await accused.ask("GET", path)).json()["items"]
        assert one["id"] not in {case["id"] for case in shown}
    told = await rows(desk.process, "SELECT account_id FROM notice")
    assert accused.id not in {row.account_id for row in told}
    named = await desk.brought(
        desk.agent, channel="hotline", category="property", responsible_id=str(accused.id), **about
    )
    assert code(named) == (409, "not_responsible")
    assert code(await desk.brought(desk.agent, category="customer", about_id=str(desk.agent.id))) == (
        403, "not_about_yourself",
    )  # fmt: skip
    # The owner reads nothing of that: the line is for staff.
    assert await desk.owner.kinds(one) == ["opened", "dispatched"]


async def test_nobody_to_reach_and_common_parts(desk: Desk) -> None:
    """HC-37: nobody can be called, so C2 is not owed; of common parts the project has the case."""
    project = {"project_id": str(desk.hotline.project), "common_part": True, "category": "property"}
    one = await desk.bring(desk.agent, channel="complaint_forum", anonymous=True, **project)
    assert (clocks(one), one["anonymous"]) == ({"C1": "met", "C3": "running"}, True)
    assert one["place"] == {
        "project_id": str(desk.hotline.project), "project": one["place"]["project"], "ownership_id": None,
        "building": None, "unit": None, "room": None, "common_part": True,
    }  # fmt: skip
    wrong = await desk.brought(desk.agent, anonymous=True, contact={"phone": "13911110009"}, **project)
    assert code(wrong) == (422, "anonymous_with_contact")
    talk = await desk.owner.open("楼道里有人抽烟，别说是我讲的")
    wrong = await desk.brought(desk.agent, anonymous=True, from_thread=talk["thread_id"], **project)
    assert code(wrong) == (422, "anonymous_with_contact")
    mine = await desk.bring(desk.owner, project_id=str(desk.hotline.project), common_part=True)
    assert [case["id"] for case in mine["links"]] == []
    assert (await desk.read(desk.agent, mine))["inside"]["alike"][0]["id"] == one["id"]
    assert (await desk.tenant.ask("GET", f"cases/{mine['id']}")).status_code == 404
    assert code(await desk.brought(desk.hotline.stranger, **project)) == (422, "project_unknown")
    sink = {"place": "厨房水槽", "component": "pipes", "urgent": False}
    one = await desk.bring(desk.owner, kind="repair", gist="水槽下面在漏水", repair=sink)
    assert (one["state"], clocks(one)) == ("passed_on", {"C1": "met"})
    ticket = (await desk.owner.ask("GET", f"tickets/{one['ticket_id']}")).json()
    assert (ticket["state"], ticket["description"]) == ("reported", "水槽下面在漏水")
    assert code(await desk.brought(desk.owner, kind="repair")) == (422, "repair_missing")
    soon = desk.process.clock.now() + timedelta(days=3)
    order = {"service": "waste_disposal", "provider": "洁安", "promised_at": soon.isoformat()}
    one = await desk.call(kind="service_order", gist="旧沙发请来搬走", **order)
    assert (one["provider"], clocks(one)) == ("洁安", {"C1": "met", "C4": "running"})
    assert code(await desk.brought(desk.owner, kind="enquiry", service="furnishing")) == (
        422,
        "only_for_services",
    )
    # What turned out to be a repair goes on as one too.
    one = await desk.call()
    passed = await desk.move(desk.agent, one, "pass_on", **sink)
    assert (passed.state, passed.ticket_id is None) == ("passed_on", False)


async def test_lists_and_the_queue_by_clock(desk: Desk) -> None:
    """CS-01: urgent on top, then what is due first. CS-09: whoever calls at once, numbers leave no gap."""
    first = await desk.call()
    urgent = await desk.call(severity="urgent", category="works", gist="地库冒烟")
    own = await desk.bring(desk.owner)
    mine = (await desk.owner.ask("GET", "cases", params={"limit": 2})).json()
    assert [case["id"] for case in mine["items"]] == [own["id"], urgent["id"]]
    more = (await desk.owner.ask("GET", "cases", params={"cursor": mine["next"]})).json()
    assert [case["id"] for case in more["items"]] == [first["id"]]
    assert [case["id"] for case in (await desk.project_engineer.ask("GET", "cases")).json()["items"]] == [
        urgent["id"]
    ]
    queue = (await desk.agent.ask("GET", "cases/queue", params={"limit": 2})).json()
    assert queue["items"][0]["id"] == urgent["id"]
    rest = (await desk.agent.ask("GET", "cases/queue", params={"cursor": queue["next"]})).json()
    assert len({case["id"] for case in queue["items"] + rest["items"]}) == 3
    waiting = (await desk.agent.ask("GET", "cases/queue", params={"clock": "C1"})).json()["items"]
    assert [(case["id"], case["owed"]["code"]) for case in waiting] == [(own["id"], "C1")]
    assert (await desk.hotline.stranger.ask("GET", "cases/queue")).json()["items"] == []
    assert (await desk.hotline.engineer.ask("GET", "cases/queue")).status_code == 403
    at_once = await asyncio.gather(*(desk.call() for _ in range(4)))
    assert sorted(case["number"][-2:] for case in at_once) == ["04", "05", "06", "07"]
