"""What a repair costs and whom: free under warranty, consented to before it begins where it is not, borne on record."""

from datetime import timedelta
from typing import Any

import pytest
from httpx import Response
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from backend.core.clock import local_date
from backend.core.ids import new_id
from backend.core.wire import Page
from backend.features.repairs.schemas_charges import LedgerTicket
from tests.fixtures.hotline import Person, code
from tests.fixtures.process import Begin
from tests.fixtures.repairs import Yard, sneak

ITEMS = [
    {"code": "tap", "name": "更换水龙头", "unit": "个", "price_fen": 12_000, "note": None},
    {"code": "seal", "name": "打胶", "unit": "米", "price_fen": 1_555, "note": None},
]


async def uncovered(yard: Yard, work: Begin) -> dict[str, Any]:
    """A ticket outside the warranty, of a project with a price list."""
    one = await yard.report()
    await sneak(
        work, 'UPDATE ticket SET cover = cover || \'{"state": "not_covered"}\' WHERE id = :id', id=one["id"]
    )
    answer = await yard.manager.ask(
        "PUT",
        f"projects/{yard.hotline.project}/price-list",
        json={"items": ITEMS, "reason": "公布"},
        headers={"if-match": "*"},
    )
    assert answer.status_code == 200, answer.text
    return one


async def quote(who: Person, one: dict[str, Any], **lines: int) -> Any:
    said = [{"code": name, "hundredths": count} for name, count in lines.items()]
    return await who.ask("POST", f"tickets/{one['id']}/quotes", json={"lines": said})


async def answer(who: Person, one: dict[str, Any], quoted: dict[str, Any], *, consents: bool) -> Any:
    path = f"tickets/{one['id']}/quotes/{quoted['id']}/answer"
    return await who.ask("POST", path, json={"consents": consents})


async def test_warranty_work_is_free_and_never_quoted(yard: Yard, work: Begin) -> None:
    """CT-36: warranty work price 0; RP-09, RP-12, RP-13: what is always the company's."""
    one = await yard.report()
    # Whose warranty nobody has set is treated like covered: nothing is charged that is not known to be outside.
    for state in ("covered", "not_set", "not_started"):
        await sneak(work, f'UPDATE ticket SET cover = cover || \'{{"state": "{state}"}}\'')
        assert code(await quote(yard.plumber, one, tap=100)) == (409, "warranty_work_is_free")
    await sneak(
        work,
        "INSERT INTO price_list (project_id, number, reason, published_by, published_at)"
        " SELECT project_id, 1, 'x', opened_by, opened_at FROM ticket",
    )
    with pytest.raises(IntegrityError, match="outside the warranty"):
        await sneak(
            work,
            "INSERT INTO quote (id, ticket_id, project_id, number, total_fen, made_by, made_at)"
            " SELECT :new, id, project_id, 1, 5, opened_by, opened_at FROM ticket",
        )
    path = f"tickets/{one['id']}/costs"
    for kind in ("water", "electricity", "loss", "cleaning", "living_conditions"):
        said = {"kind": kind, "what": "一项", "amount_fen": 100, "borne_by": "owner"}
        assert code(await yard.plumber.ask("POST", path, json=said)) == (422, "company_bears_this")
        assert (await yard.plumber.ask("POST", path, json=said | {"borne_by": "company"})).status_code == 201
    part = {"kind": "part", "what": "一项", "amount_fen": 100, "borne_by": "owner"}
    assert code(await yard.plumber.ask("POST", path, json=part)) == (422, "no_consent")
    assert (await yard.owner.ask("GET", path)).json()["company_fen"] == 500


async def test_paid_work_begins_with_the_owners_consent(yard: Yard, work: Begin) -> None:
    """CT-36: a published price list and prior consent, as a gate and in the database."""
    one = await uncovered(yard, work)
    await yard.walk(one, ("accept", "appoint", "set_out", "arrive", "protect"))
    closed = await yard.tries(yard.plumber, one, "start", livable=True)
    assert (code(closed), closed.json()["present"]["missing"]) == ((409, "gate_closed"), ["consent"])
    with pytest.raises(IntegrityError, match="consent"):
        await sneak(work, "UPDATE ticket SET state = 'working', livable = true WHERE id = :id", id=one["id"])
    assert code(await quote(yard.plumber, one, roof=100)) == (422, "price_unknown")
    assert (await quote(yard.owner, one, tap=100)).status_code == 403
    first = (await quote(yard.plumber, one, tap=200, seal=250)).json()["items"][-1]
    # 2 x 120.00 + 2.5 x 15.55, half a fen rounded up.
    assert [line["amount_fen"] for line in first["lines"]] == [24_000, 3_888]
    assert (first["total_fen"], first["state"], first["price_list"]) == (27_888, "offered", 1)
    assert code(await quote(yard.plumber, one, tap=100)) == (409, "quote_waits")
    # Family cannot bind the owner, nor can an employee.
    assert code(await answer(yard.family, one, first, consents=True)) == (403, "owner_consents")
    assert (await answer(yard.manager, one, first, consents=True)).status_code == 403
    declined = await answer(yard.owner, one, first, consents=False)
    assert declined.json()["items"][-1]["state"] == "declined"
    assert code(await yard.tries(yard.plumber, one, "start", livable=True)) == (409, "gate_closed")
    second = (await quote(yard.plumber, one, tap=100)).json()["items"][-1]
    for _ in range(2):
        consented = await answer(yard.owner, one, second, consents=True)
        assert consented.json()["items"][-1]["state"] == "consented"
    assert code(await answer(yard.owner, one, second, consents=False)) == (409, "quote_over")
    # More work than was consented to waits for another consent; or for the quote to be taken back.
    third = (await quote(yard.desk, one, seal=100)).json()["items"][-1]
    assert code(await yard.tries(yard.plumber, one, "start", livable=True)) == (409, "gate_closed")
    withdrawn = await yard.desk.ask("POST", f"tickets/{one['id']}/quotes/{third['id']}/withdrawal")
    assert withdrawn.json()["items"][-1]["state"] == "withdrawn"
    for change in (
        "UPDATE quote SET total_fen = 0",
        "UPDATE quote_line SET price_fen = 0",
        "DELETE FROM quote",
    ):
        with pytest.raises(IntegrityError):
            await sneak(work, change)
    assert (await yard.move(yard.plumber, one, "start", livable=True))["state"] == "working"
    # The owner bears what they consented to, and no fen more.
    path = f"tickets/{one['id']}/costs"
    charge = {
        "kind": "part",
        "what": "水龙头",
        "amount_fen": 12_000,
        "borne_by": "owner",
        "quote": second["id"],
    }
    more = charge | {"amount_fen": 12_001}
    assert code(await yard.plumber.ask("POST", path, json=more)) == (409, "more_than_consented")
    assert code(await yard.plumber.ask("POST", path, json=charge | {"quote": first["id"]})) == (
        422,
        "no_consent",
    )
    assert (await yard.plumber.ask("POST", path, json=charge)).json()["owner_fen"] == 12_000
    assert code(await yard.plumber.ask("POST", path, json=charge | {"amount_fen": 1})) == (
        409,
        "more_than_consented",
    )
    with pytest.raises(IntegrityError, match="consented"):
        await sneak(
            work,
            "INSERT INTO ticket_cost (id, ticket_id, kind, what, amount_fen, borne_by, quote_id, entered_by,"
            " entered_at) SELECT :new, ticket_id, 'part', 'x', 1, 'owner', id, made_by, made_at FROM quote"
            " WHERE state = 'consented'",
        )
    kinds = await yard.owner.kinds(one)
    assert [kind for kind in kinds if "quote" in kind] == [
        "quoted", "quote_declined", "quoted", "quote_consented", "quoted", "quote_withdrawn",
    ]  # fmt: skip


async def test_costs_are_struck_out_never_rewritten_and_shown_by_side(yard: Yard, work: Begin) -> None:
    one = await yard.report()
    path = f"tickets/{one['id']}/costs"
    company = (
        await yard.manager.ask(
            "POST", f"projects/{yard.hotline.project}/construction-companies", json={"name": "华建三公司"}
        )
    ).json()
    part = {"id": str(new_id()), "kind": "part", "what": "止水阀", "amount_fen": 3_500, "borne_by": "company"}
    part |= {"hundredths": 100, "unit": "个"}
    hired = {"kind": "contractor", "what": "开槽", "amount_fen": 50_000, "contractor": "老王工程队"}
    hired |= {"borne_by": "construction_company", "company": company["id"]}
    water = {"kind": "water", "what": "试压用水", "amount_fen": 300, "borne_by": "company"}
    for said in (part, part, hired, water):
        entered = await yard.plumber.ask("POST", path, json=said)
        assert entered.status_code == 201, entered.text
    assert code(await yard.plumber.ask("POST", path, json=part | {"amount_fen": 1})) == (409, "cost_id_taken")
    wrong = [
        (hired | {"company": str(new_id())}, "company_unknown"),
        (hired | {"company": None}, "company_missing"),
        (hired | {"contractor": None}, "contractor_missing"),
        (water | {"unit": "吨"}, "quantity_whole"),
        (water | {"quote": str(new_id())}, "quote_unknown"),
    ]
    for said, fault in wrong:
        assert code(await yard.plumber.ask("POST", path, json=said)) == (422, fault)
    told = (await yard.desk.ask("GET", path)).json()
    assert [one["kind"] for one in told["items"]] == ["part", "contractor", "water"]
    assert (told["company_fen"], told["construction_company_fen"], told["owner_fen"]) == (3_800, 50_000, 0)
    # An owner sees what is borne for them (RP-12), not whom the company pays.
    seen = (await yard.owner.ask("GET", path)).json()
    assert [one["kind"] for one in seen["items"]] == ["water"]
    assert (await yard.owner.kinds(one))[2:] == ["cost_entered"]
    assert (await yard.owner.ask("POST", path, json=water)).status_code == 403
    assert (await yard.other.ask("POST", path, json=water)).status_code == 404
    struck = f"{path}/{part['id']}/strike"
    for _ in range(2):
        left = (await yard.plumber.ask("POST", struck, json={"reason": "录错"})).json()
        assert (left["company_fen"], left["items"][0]["struck_reason"]) == (300, "录错")
    for change in ("UPDATE ticket_cost SET amount_fen = 0", "DELETE FROM ticket_cost"):
        with pytest.raises(IntegrityError, match="struck out"):
            await sneak(work, change)


async def test_defects_of_tickets_go_to_the_unit_that_answers_for_them(yard: Yard) -> None:
    """WR-17, EN-12: each stands in one batch, and the ticket says in which."""
    one, other, bare = [await yard.report(place=place) for place in ("厨房", "阳台", "主卫")]
    for ticket in (one, other):
        noted = {"component": "pipes", "company": None, "cause": "接头松动", "lesson": False}
        assert (await yard.plumber.ask("PUT", f"tickets/{ticket['id']}/defect", json=noted)).is_success
    day = str(local_date(yard.process.clock.now()) + timedelta(days=30))
    begun = {"unit": "安装公司", "occasion": "warranty_end", "deadline": day}
    batches = []
    for _ in range(2):
        made = await yard.manager.ask("POST", f"projects/{yard.hotline.project}/defect-batches", json=begun)
        batches.append(f"defect-batches/{made.json()['id']}")

    async def put(batch: str, *tickets: str, who: Person = yard.manager) -> Response:
        return await who.ask("POST", f"{batch}/tickets", json={"tickets": list(tickets)})

    assert code(await put(batches[0], one["id"], bare["id"])) == (422, "ticket_without_defect")
    assert code(await put(batches[0], one["id"], who=yard.plumber)) == (403, "not_in_your_role")
    for _ in range(2):
        assert (await put(batches[0], one["id"], one["id"])).json()["defects"] == 1
    assert code(await put(batches[1], other["id"], one["id"])) == (409, "defect_batched_already")
    assert (await put(batches[1], other["id"])).json()["defects"] == 1
    [line] = (await yard.manager.ask("GET", batches[0])).json()["lines"]
    assert (line["ticket_id"], line["component"]) == (one["id"], "pipes")
    assert "接头松动" in line["description"]
    assert (await yard.desk.kinds(one)).count("defect_batched") == 1
    assert "defect_batched" not in await yard.owner.kinds(one)
    sent = await yard.manager.ask("POST", f"{batches[0]}/send", json={}, headers={"if-match": "*"})
    assert sent.status_code == 200, sent.text
    assert code(await put(batches[0], one["id"], other["id"])) == (409, "defect_batched_already")


async def test_a_defect_names_who_built_it_and_becomes_a_lesson(yard: Yard, work: Begin) -> None:
    """SN-05, EN-11; the ledger finds it by component, company and lesson."""
    one, other = await yard.report(), await yard.report(component="wiring", place="客厅")
    base = f"projects/{yard.hotline.project}"
    company = (
        await yard.manager.ask("POST", f"{base}/construction-companies", json={"name": "安装公司"})
    ).json()
    found = {"component": "pipes", "company": company["id"], "cause": "接头松动", "lesson": True}
    path = f"tickets/{one['id']}/defect"
    assert (await yard.desk.ask("GET", path)).status_code == 404
    assert code(await yard.plumber.ask("PUT", path, json=found | {"company": str(new_id())})) == (
        422,
        "company_unknown",
    )
    assert (await yard.owner.ask("PUT", path, json=found)).status_code == 403
    for _ in range(2):
        assert (await yard.plumber.ask("PUT", path, json=found)).json()["cause"] == "接头松动"
    await yard.desk.ask("PUT", path, json=found | {"cause": "接头未拧紧"})
    staff = [line["kind"] for line in await yard.desk.lines(one)]
    assert staff.count("defect_noted") == 2
    assert "defect_noted" not in await yard.owner.kinds(one)

    async def listed(**asked: Any) -> list[str]:
        page = await yard.manager.ask("GET", f"{base}/tickets", params=asked)
        assert page.status_code == 200, page.text
        # Its JSON is put together by the database: to the byte what its documented shape would be written as.
        assert Page[LedgerTicket].model_validate_json(page.content).model_dump_json().encode() == page.content
        return [row["id"] for row in page.json()["items"]]

    assert await listed() == [other["id"], one["id"]]
    assert (
        await listed(company=company["id"])
        == await listed(lesson=True)
        == await listed(component="pipes")
        == [one["id"]]
    )
    assert await listed(engineer=str(yard.other.id)) == [other["id"]]
    assert await listed(state="reported", live=True, urgent=False, late=False) == [other["id"], one["id"]]
    assert await listed(live=False) == await listed(late=True) == await listed(urgent=True) == []
    first = (await yard.manager.ask("GET", f"{base}/tickets", params={"limit": 1})).json()
    assert await listed(cursor=first["next"]) == [one["id"]]
    assert first["items"][0]["engineer"] == str(yard.other.id)
    assert "contact_phone" not in first["items"][0]
    for by, keys in {
        "state": ["reported"],
        "component": ["pipes", "wiring"],
        "engineer": sorted([str(yard.plumber.id), str(yard.other.id)]),
        "company": [company["id"], None],
    }.items():
        ages = (await yard.manager.ask("GET", f"{base}/tickets/ageing", params={"by": by})).json()["items"]
        assert sorted((row["key"] for row in ages), key=lambda key: key or "~") == keys
        assert (
            sum(row["open"] for row in ages)
            == sum(bucket["count"] for row in ages for bucket in row["ages"])
            == 2
        )
    async with work() as unit:
        await unit.execute(
            text(
                "UPDATE ticket_clock SET due_at = now() - interval '1 hour'"
                " WHERE ticket_id = :id AND ended_at IS NULL"
            ),
            {"id": one["id"]},
        )
        await unit.execute(text("UPDATE ticket SET place = :place"), {"place": '"厨房"\\ / <水槽>\u2028'})
    assert await listed(late=True, since="2001-01-01T00:00:00Z", until="2099-01-01T00:00:00Z") == [one["id"]]
    assert await listed(late=False) == [other["id"]]
    assert (await yard.plumber.ask("GET", f"{base}/tickets")).status_code == 403
    assert (
        await yard.manager.ask("GET", f"{base}/tickets", params={"by": "x", "state": "x"})
    ).status_code == 422


async def test_a_name_of_the_past_price_list_stays_in_the_quote(yard: Yard, work: Begin) -> None:
    one = await uncovered(yard, work)
    await quote(yard.plumber, one, tap=100)
    dearer = {"items": [ITEMS[0] | {"price_fen": 99_900}], "reason": "调价"}
    path = f"projects/{yard.hotline.project}/price-list"
    await yard.manager.ask("PUT", path, json=dearer, headers={"if-match": '"1"'})
    told = (await yard.owner.ask("GET", f"tickets/{one['id']}/quotes")).json()["items"]
    assert [(each["total_fen"], each["price_list"]) for each in told] == [(12_000, 1)]
    async with work() as unit:
        count = await unit.scalar(text("SELECT count(*) FROM price_item"))
    assert count == 3
