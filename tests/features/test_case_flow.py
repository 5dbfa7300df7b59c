"""A case from dispatch to its end: proposals until both agree, the date, the visit by another, the closing."""

from collections import Counter
from datetime import UTC, timedelta
from typing import Any
from uuid import UUID

import pytest
from httpx import Response
from sqlalchemy import text

from backend.core.clock import local_date
from backend.features.hotline.checks import CHECKS
from backend.features.hotline.repository.flow import merged_into
from backend.features.hotline.service import tell_reviews
from tests.fixtures.cases import Desk, clocks
from tests.fixtures.hotline import Person, code
from tests.fixtures.journeys import Fire
from tests.fixtures.people import SignedIn, staff_account
from tests.fixtures.process import Begin, Forward


@pytest.fixture
async def admin(desk: Desk, work: Begin, signed_in: SignedIn) -> Person:
    async with work() as unit:
        id_ = (await staff_account(unit, "P9", "administrator", None)).id
    return Person(desk.owner.client, id_, await signed_in(id_))


OFFER = {"cause": "曳引机轴承磨损", "proposal": "本周六更换轴承，期间用货梯"}


async def do(who: Person, one: dict[str, Any], verb: str, **sent: Any) -> Response:
    return await who.ask("POST", f"cases/{one['id']}/{verb}", json=sent)


async def done(who: Person, one: dict[str, Any], verb: str, **sent: Any) -> dict[str, Any]:
    answer = await do(who, one, verb, **sent)
    assert answer.status_code == 200, (verb, answer.text)
    told: dict[str, Any] = answer.json()
    return told


async def visit_of(who: Person, one: dict[str, Any]) -> dict[str, Any]:
    page = await who.ask("GET", "visits", params={"mine": "false", "live": "true"})
    assert page.status_code == 200, page.text
    found: list[dict[str, Any]] = page.json()["items"]
    return next(visit for visit in found if visit["subject_id"] == one["id"])


async def complete(who: Person, visit: dict[str, Any], **said: Any) -> Response:
    sheet = (await who.ask("GET", f"visits/{visit['id']}")).json()
    answers = [{"line": line["line"], "said": "及时"} for line in sheet["script"]]
    made = {"mode": "talk", "summary": "电话回访", "answers": answers} | said
    return await who.ask("POST", f"visits/{visit['id']}/complete", json=made)


async def carried_out(desk: Desk, one: dict[str, Any]) -> dict[str, Any]:
    """Through the loop: declined once, accepted with a date, and done."""
    property_manager, now = desk.property_manager, desk.process.clock.now()
    assert code(await do(property_manager, one, "proposals", **OFFER)) == (409, "case_gate_closed")
    await done(property_manager, one, "positions", customer="电梯要可靠", company="当年按标准保养")
    told = await done(property_manager, one, "proposals", **OFFER)
    assert (told["state"], clocks(told)["C3"]) == ("proposed", "met")
    told = await done(desk.owner, one, "proposals/refusal", words="周六家里有老人要出门")
    assert (told["state"], clocks(told)["C3"]) == ("declined", "running")
    by = (now + timedelta(days=3)).astimezone(UTC).isoformat()
    await done(property_manager, one, "proposals", **OFFER | {"proposal": "夜间更换", "done_by": by})
    assert code(await do(desk.agent, one, "proposals/acceptance")) == (422, "owners_words_missing")
    hurried = (now + timedelta(hours=1)).astimezone(UTC).isoformat()
    sooner = await do(desk.owner, one, "proposals/acceptance", done_by=hurried)
    assert code(sooner) == (422, "date_sooner_than_promised")
    told = await done(desk.owner, one, "proposals/acceptance")
    assert (told["state"], clocks(told)["C3"], clocks(told)["C4"]) == ("agreed", "met", "running")
    later = (now + timedelta(days=5)).astimezone(UTC).isoformat()
    # Nobody moves what was promised alone: an employee says how the owner agreed, an owner only gives more time.
    alone = await do(property_manager, one, "agreed-date", done_by=later)
    assert code(alone) == (422, "owners_words_missing")
    sooner = await do(desk.owner, one, "agreed-date", done_by=hurried)
    assert code(sooner) == (422, "date_sooner_than_promised")
    told = await done(property_manager, one, "agreed-date", done_by=later, words="备件周四才到")
    c4 = next(clock for clock in told["promises"] if clock["code"] == "C4")
    assert c4["first_promise"] < c4["due_at"]
    await done(property_manager, one, "progress", words="备件已到")
    told = await done(property_manager, one, "completion", words="轴承已更换，试运行正常")
    assert (told["state"], clocks(told)["C4"], clocks(told)["C5"]) == ("done", "met", "running")
    return told


async def test_whoever_a_case_waits_for_is_told_until_they_act(
    desk: Desk, work: Begin, fire: Fire, forward: Forward
) -> None:
    """The owner of a proposal, and whoever is to close what is done: every two days, and the audit sees that."""
    one = await desk.call()
    await done(desk.property_manager, one, "contacts", reached=True, words="已致电")
    await done(desk.property_manager, one, "positions", customer="电梯要可靠", company="尽快修")
    await done(desk.property_manager, one, "proposals", **OFFER)
    common = await desk.call(common_part=True)
    await done(desk.agent, common, "answer", words="电梯周六检修，楼下有通知")

    async def told() -> list[tuple[UUID, UUID]]:
        sql = "SELECT subject_id, account_id FROM notice WHERE key LIKE '%waits%' ORDER BY 1, 2"
        async with work() as unit:
            return [(row.subject_id, row.account_id) for row in await unit.execute(text(sql))]

    async def faults() -> set[str]:
        async with work() as unit:
            return {fault.subject for check in CHECKS for fault in await check.look(unit)}

    for often in (1, 2):
        await forward(timedelta(days=2, minutes=1))
        while await fire():
            pass
        found = Counter(await told())
        assert found[UUID(one["id"]), desk.owner.id] == often
        assert found[UUID(common["id"]), desk.specialist.id] == often
        assert {account for subject, account in found if subject == UUID(common["id"])} == {
            desk.specialist.id
        }
        assert not {f"case {one['id']}", f"case {common['id']}"} & await faults()
    await done(desk.owner, one, "proposals/acceptance")
    before = await told()
    async with work() as unit:
        await unit.execute(text("DELETE FROM timer WHERE kind = 'case_waits'"))
    assert f"case {common['id']}" in await faults()
    await forward(timedelta(days=3))
    while await fire():
        pass
    assert await told() == before


async def test_a_complaint_is_agreed_on_done_visited_by_another_and_closed(desk: Desk) -> None:
    """HC-29 to HC-33, HC-36, HC-38, HC-39, CT-26, CT-30."""
    one = await desk.call()
    told = await done(desk.property_manager, one, "contacts", reached=False, words="无人接听，已留言")
    assert clocks(told)["C2"] == "met"
    # The department is late and said so by telephone: the customer is answered first, and the reply is owed still.
    late = {"words": "我们明天给您方案", "because": "现场断网，经理来电说明"}
    told = await done(desk.agent, one, "interim-answers", **late)
    assert clocks(told)["C3"] == "running"
    kinds = await desk.owner.kinds(one)
    assert "answered_meanwhile" in kinds
    assert not {"department_late", "positions_noted"} & set(kinds)
    assert "department_late" in await desk.agent.kinds(one)

    await carried_out(desk, one)
    assert code(await do(desk.agent, one, "closing", reason="accepted", words="业主认可")) == (
        409,
        "closing_lacks",
    )
    lacking = (await do(desk.agent, one, "closing", reason="accepted", words="业主认可")).json()["present"]
    assert lacking["missing"] == ["return_visit", "acceptance"]

    visit = await visit_of(desk.specialist, one)
    found = {"becomes": "case", "words": "楼道扶手松动"}
    answer = await desk.colleague.ask("POST", f"visits/{visit['id']}/findings", json=found)
    assert answer.status_code == 201, answer.text
    answer = await complete(desk.agent, visit, accepted=True, stars=5)
    assert answer.status_code in {403, 409}, "whoever handled it does not visit"
    answer = await complete(desk.colleague, visit, accepted=True, stars=5)
    assert answer.status_code == 200, answer.text
    told = await desk.read(desk.owner, one)
    assert (told["state"], clocks(told)["C5"]) == ("visited", "met")
    # Whom it turns out to be about reads nothing of the visit either, though it is made.
    assert (await desk.head.ask("GET", f"visits/{visit['id']}")).status_code == 200
    about = {"account": str(desk.head.id), "why": "complained_about", "words": "业主指名"}
    await done(desk.agent, one, "bars", **about)
    assert (await desk.head.ask("GET", f"visits/{visit['id']}")).status_code == 404
    thread = f"threads/{visit['thread_id']}/entries"
    assert (await desk.head.ask("GET", thread, params={"after": 0})).status_code == 404
    shown = await desk.head.ask("GET", "visits", params={"mine": "false"})
    assert visit["id"] not in {each["id"] for each in shown.json()["items"]}
    # What the visit found goes on as a case of its own, once.
    path = f"visits/{visit['id']}/findings/1/case"
    answer = await desk.colleague.ask("POST", path, json={"category": "property"})
    assert answer.status_code == 201, answer.text
    assert (answer.json()["channel"], answer.json()["gist"]) == ("return_visit", "楼道扶手松动")
    assert {"visit", "thread"} >= {link["kind"] for link in answer.json()["links"]}
    assert code(await desk.colleague.ask("POST", path, json={})) == (409, "finding_settled")
    told = await done(desk.agent, one, "closing", reason="accepted", words="业主认可")
    assert (told["state"], told["close_reason"]) == ("closed", "accepted")
    # What is over is over, until the owner says that it is not.
    assert code(await do(desk.agent, one, "progress", words="…")) == (409, "case_move_illegal")
    told = await done(desk.owner, one, "reopening", reason="又停了")
    assert (told["state"], told["round"], clocks(told)["C2"]) == ("dispatched", 2, "running")


async def test_a_low_answer_opens_it_again_and_lawful_but_not_accepted_needs_more(
    desk: Desk, work: Begin
) -> None:
    """GP-03, HC-40, CT-28, MG-11: the legal basis, a day of review, and somebody else's approval."""
    one = await desk.call()
    await carried_out(desk, one)
    visit = await visit_of(desk.specialist, one)
    answer = await complete(desk.colleague, visit, accepted=False, stars=1, opinion="还是响")
    assert answer.status_code == 200, answer.text
    told = await desk.read(desk.owner, one)
    assert (told["state"], told["round"]) == ("dispatched", 2)
    assert {code: state for code, state in clocks(told).items() if code in {"C2", "C3"}} == {
        "C2": "running",
        "C3": "running",
    }
    told = await done(desk.property_manager, one, "conclusion", words="噪声经检测符合国家标准，业主仍不认可")
    assert (told["state"], clocks(told)["C3"], clocks(told)["C5"]) == ("done", "void", "running")

    asking = {"reason": "lawful", "words": "检测报告合格"}
    refused = await do(desk.agent, one, "closing/request", **asking)
    assert (code(refused), refused.json()["present"]["missing"]) == (
        (409, "closing_lacks"),
        ["legal_basis", "review_date"],
    )
    grounds = {
        "legal_basis": "GB 50118-2010",
        "review_on": str(local_date(desk.process.clock.now()) + timedelta(days=90)),
    }
    assert code(
        await do(desk.agent, one, "closing/request", **asking | grounds | {"review_on": "2020-01-01"})
    ) == (
        422,
        "review_past",
    )
    await done(desk.agent, one, "closing/request", **asking | grounds)
    assert code(await do(desk.agent, one, "closing", words="同意")) == (403, "closing_not_yours")
    missing = (await do(desk.head, one, "closing", words="同意")).json()["present"]["missing"]
    assert missing == ["return_visit"]
    visit = await visit_of(desk.specialist, one)
    answer = await complete(desk.colleague, visit, accepted=False, stars=2, opinion="不认可")
    assert answer.status_code == 200, answer.text
    assert (await desk.read(desk.owner, one))["state"] == "visited", (
        "asked for as not accepted: heard, not reopened"
    )
    told = await done(desk.head, one, "closing", words="同意关闭，九十天后复核")
    assert (told["state"], told["close_reason"]) == ("closed", "lawful")
    # On its day of review the specialists are told, and staff read it; nothing else happens by itself.
    async with work() as unit:
        due = await unit.scalar(
            text("SELECT due_at FROM timer WHERE kind = 'case_review' AND key = :id AND state = 'pending'"),
            {"id": one["id"]},
        )
        assert str(due.date()) == grounds["review_on"]
        await tell_reviews(unit, due, [UUID(one["id"])])
    assert "review_due" in await desk.agent.kinds(one)
    assert "review_due" not in await desk.owner.kinds(one)
    assert (await desk.read(desk.owner, one))["state"] == "closed"


async def test_what_has_no_contact_is_closed_on_the_reply_and_what_is_invalid_is_explained(
    desk: Desk,
) -> None:
    """HC-16, HC-25, HC-37, CT-29."""
    one = await desk.bring(
        desk.agent,
        channel="external_post",
        category="property",
        anonymous=True,
        project_id=str(desk.hotline.project),
        common_part=True,
    )
    told = await done(
        desk.property_manager, one, "answer", words="已在业主群和公告栏答复", channel="online_form"
    )
    assert told["state"] == "done"
    assert "C5" not in clocks(told)
    review = str(local_date(desk.process.clock.now()) + timedelta(days=30))
    await done(desk.agent, one, "closing/request", reason="no_contact", words="已答复", review_on=review)
    assert (await done(desk.head, one, "closing", words="同意"))["close_reason"] == "no_contact"

    one = await desk.call(severity="suspected_invalid")
    assert code(await do(desk.agent, one, "explanation", words="…")) == (409, "case_gate_closed")
    whole = {"validity": "valid", "cause": "neglect", "words": "…"}
    assert (await do(desk.agent, one, "judgement", **whole)).status_code == 422
    await done(desk.agent, one, "judgement", **whole | {"harm": "interest"})
    await done(desk.agent, one, "judgement", validity="invalid", words="电梯由邻里业委会自管")
    assert "judged" not in await desk.owner.kinds(one)
    told = await done(desk.agent, one, "explanation", words="电梯不属于本公司管理，已告知联系方式")
    assert (told["state"], clocks(told)["C5"]) == ("done", "running")

    # Of common parts nobody is visited, so the explanation is the reply on which it closes.
    one = await desk.call(common_part=True)
    await done(desk.agent, one, "judgement", validity="invalid", words="不归我们管")
    await done(desk.agent, one, "explanation", words="电梯不属于本公司管理，已告知联系方式")
    await done(desk.agent, one, "closing/request", reason="no_contact", words="已说明", review_on=review)
    assert (await done(desk.head, one, "closing", words="同意"))["close_reason"] == "no_contact"


async def test_a_claim_waits_for_a_table_of_approval_and_then_goes_up_level_by_level(
    desk: Desk, admin: Person
) -> None:
    """HC-44, HC-45, CT-43, GP-01, GP-02."""
    one = await desk.call()
    asked = {"kind": "compensation", "amount_fen": 80_000, "words": "停运期间打车费用"}
    assert (
        await do(desk.owner, one, "claims", kind="house_change", amount_fen=5, words="…")
    ).status_code == 422
    await done(desk.owner, one, "claims", **asked)
    assert code(await do(desk.owner, one, "claims", **asked)) == (409, "claim_asked_already")
    claims = (await desk.owner.ask("GET", f"cases/{one['id']}/claims")).json()["items"]
    assert [(claim["kind"], claim["state"], claim["not_set"]) for claim in claims] == [
        ("compensation", "asked", "GP-01")
    ]
    said = {"claim": claims[0]["id"], "approved": True, "words": "同意"}
    taken_back = await do(desk.agent, one, "claims/withdrawal", claim=claims[0]["id"])
    assert code(taken_back) == (422, "owners_words_missing")
    refused = await do(desk.head, one, "claims/decision", **said)
    assert (code(refused), "GP-01" in refused.json()["detail"]) == ((409, "claim_table_not_set"), True)
    # Nothing closes over it, and it does not go away by merging either.
    other = await desk.call(gist="电梯又停了")
    assert code(await do(desk.agent, one, "merging", into=other["id"])) == (409, "claim_open")

    levels = [{"role": "property_manager", "limit_fen": 50_000}, {"role": "head_of_customer_relations"}]
    table = {"levels": levels, "reason": "公司审批权限表 2026 版"}
    assert (await desk.head.ask("PUT", "approval-tables/compensation", json=table)).status_code == 403
    wrong = table | {"levels": list(reversed(levels))}
    assert code(await admin.ask("PUT", "approval-tables/compensation", json=wrong)) == (
        422,
        "approval_levels",
    )
    answer = await admin.ask("PUT", "approval-tables/compensation", json=table)
    assert answer.status_code == 200, answer.text
    tables = (await desk.head.ask("GET", "approval-tables")).json()["items"]
    assert [(one["kind"], one["not_set"]) for one in tables] == [
        ("compensation", None),
        ("house_change", "GP-02"),
    ]

    assert code(await do(desk.head, one, "claims/decision", **said)) == (403, "claim_not_your_level")
    await done(desk.property_manager, one, "claims/decision", **said)
    assert code(await do(desk.property_manager, one, "claims/decision", **said)) == (
        403,
        "claim_not_your_level",
    )
    await done(desk.head, one, "claims/decision", **said | {"words": "同意，走赔付流程"})
    assert code(await do(desk.head, one, "claims/decision", **said)) == (409, "claim_decided")
    (claim,) = (await desk.owner.ask("GET", f"cases/{one['id']}/claims")).json()["items"]
    assert (claim["state"], [step["state"] for step in claim["steps"]]) == (
        "approved",
        ["approved", "approved"],
    )
    assert all(step["words"] is None for step in claim["steps"]), "what a level says stays among staff"
    merged = await done(desk.agent, one, "merging", into=other["id"])
    assert (merged["state"], merged["merged_into_id"]) == ("merged", other["id"])
    assert code(await do(desk.agent, other, "merging", into=one["id"])) == (409, "case_ended")


async def test_whom_it_is_about_loses_it(desk: Desk) -> None:
    """A complaint never goes to the person complained about; links join what the caller sees."""
    one, other = await desk.call(), await desk.call(gist="电梯噪声")
    bar = {"account": str(desk.property_manager.id), "why": "complained_about", "words": "业主指名"}
    told = await done(desk.agent, one, "bars", **bar)
    assert told["responsible"]["account_id"] != str(desk.property_manager.id)
    assert code(await do(desk.agent, one, "bars", **bar)) == (409, "barred_already")
    assert (await desk.property_manager.ask("GET", f"cases/{one['id']}")).status_code == 404
    # Nor does it go on as theirs in another case, or as a repair that might be theirs.
    assert code(await do(desk.agent, one, "merging", into=other["id"])) == (409, "merge_bars_missing")
    sink = {"place": "厨房水槽", "component": "pipes"}
    assert code(await do(desk.agent, one, "ticket", **sink)) == (409, "repair_about_somebody")
    third = await desk.call(gist="电梯又响")
    await done(desk.agent, third, "merging", into=other["id"])
    last = await desk.call(gist="电梯一直响")
    await done(desk.agent, other, "merging", into=last["id"])
    # Whoever brought the first hears of the end of the last.
    async with desk.process.works.begin() as unit:
        followed = await merged_into(unit, UUID(last["id"]))
    assert {case.number for case in followed} == {other["number"], third["number"]}
    told = await done(desk.agent, one, "links", kind="case", subject=other["id"], why="related")
    assert [link["id"] for link in told["links"]] == [other["id"]]
    assert "linked" not in await desk.owner.kinds(one)
    assert code(await do(desk.agent, one, "links", kind="case", subject=one["id"])) == (422, "case_itself")
    stale = await desk.agent.ask(
        "POST", f"cases/{one['id']}/progress", params={"base_version": 1}, json={"words": "…"}
    )
    assert code(stale) == (409, "case_changed")
    assert code(await do(desk.owner, one, "judgement", validity="invalid", words="…")) == (
        403,
        "not_your_move",
    )
