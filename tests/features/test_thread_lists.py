"""One's threads, who is on them, and the words in them."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from httpx import AsyncClient
from sqlalchemy import text

from backend.core.ids import new_id
from backend.platform.process import Process
from backend.platform.threads import NewEntry, append_many, erase, open_threads
from tests.features.test_records import Company, Person, code, company
from tests.fixtures.estate import Estate, account_of, project_of
from tests.fixtures.people import SignedIn, staff_account
from tests.fixtures.process import Begin, Forward
from tests.fixtures.written_journeys import happened, lay_out, lay_out_project

__all__ = ["company"]


async def listed(person: Person, **params: Any) -> list[dict[str, Any]]:
    answer = await person.ask("GET", "", params=params)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def opened(work: Begin, count: int) -> list[UUID]:
    async with work() as unit:
        return list((await open_threads(unit, "probe", [new_id() for _ in range(count)])).values())


async def test_the_newest_stands_first_with_its_last_line(
    company: Company, work: Begin, forward: Forward
) -> None:
    owner, agent, first = company.owner, company.agent, company.thread
    [second] = await opened(work, 1)
    assert await listed(owner) == []
    await owner.say(first, "水槽" * 80, cid="c")
    await forward(timedelta(minutes=1))
    await agent.say(second, "您好")
    await forward(timedelta(minutes=1))
    await agent.say(first, "先别告诉他", audience="staff")
    mine = await listed(owner)
    assert [(one["id"], one["head"], one["read"], one["unread"]) for one in mine] == [
        (str(second), 1, 0, 1),
        (str(first), 1, 0, 0),
    ]
    assert (mine[1]["subject"], mine[1]["last"]["body"]) == ("probe", {"text": "水槽" * 50})
    page = (await owner.ask("GET", f"{second}/entries")).json()
    assert mine[0]["last"] == page["items"][0]
    # What is internal moves a thread up for employees alone.
    told = [(one["id"], one["head"], one["unread"], one["last"]["audience"]) for one in await listed(agent)]
    assert told == [(str(first), 2, 1, "staff"), (str(second), 1, 0, "all")]
    assert [one["id"] for one in await listed(owner, unread=True)] == [str(second)]
    assert [one["id"] for one in await listed(agent, unread=True)] == [str(first)]
    assert await listed(owner, subject="journey") == await listed(company.neighbour) == []
    assert len(await listed(owner, subject="probe")) == 2
    await owner.ask("POST", f"{second}/read", json={"seq": 1})
    assert await listed(owner, unread=True) == []


async def test_an_unchanged_list_is_not_sent_again(company: Company, work: Begin, process: Process) -> None:
    owner, agent, thread = company.owner, company.agent, company.thread
    await owner.say(thread, "一")
    tag = ""

    async def changed() -> bool:
        nonlocal tag
        answer = await owner.ask("GET", "", headers={"if-none-match": tag})
        tag = answer.headers["etag"]
        assert (answer.status_code == 304) == (answer.content == b"")
        return answer.status_code == 200

    assert await changed()
    assert not await changed()
    await agent.say(thread, "内部", audience="staff")
    assert not await changed()
    await agent.say(thread, "二")
    assert await changed()
    await owner.ask("POST", f"{thread}/read", json={"seq": 3})
    assert await changed()
    async with work() as unit:
        await erase(unit, process.waker, thread, [3])
    assert await changed()
    await agent.ask("POST", f"{thread}/entries/3/withdrawal")
    assert await changed()
    assert not await changed()


async def test_an_erased_line_changes_the_page(company: Company, work: Begin, process: Process) -> None:
    owner, thread = company.owner, company.thread
    await owner.say(thread)
    held = {"if-none-match": (await owner.ask("GET", f"{thread}/entries")).headers["etag"]}
    assert (await owner.ask("GET", f"{thread}/entries", headers=held)).status_code == 304
    async with work() as unit:
        await erase(unit, process.waker, thread, [1])
    assert (await owner.ask("GET", f"{thread}/entries", headers=held)).status_code == 200


async def test_a_long_list_is_walked_page_by_page(company: Company, work: Begin) -> None:
    owner, threads = company.owner, await opened(work, 30)
    async with work() as unit:
        lines = [NewEntry(one, "text", {"text": "好"}, company.agent.id) for one in threads]
        # All at one moment, and every third one has been read.
        await append_many(unit, lines)
    for one in threads[::3]:
        await owner.ask("POST", f"{one}/read", json={"seq": 1})
    for unread, expected in ((False, set(threads)), (True, set(threads) - set(threads[::3]))):
        walked: list[str] = []
        cursor: dict[str, str] = {}
        while True:
            page = (await owner.ask("GET", "", params={"limit": 4, "unread": unread} | cursor)).json()
            walked += [one["id"] for one in page["items"]]
            if page["next"] is None:
                break
            cursor = {"cursor": page["next"]}
        assert len(walked) == len(set(walked))
        assert set(walked) == {str(one) for one in expected}
    for wrong in ({"cursor": "x"}, {"subject": "x'"}, {"limit": 0}, {"unread": "perhaps"}):
        assert (await owner.ask("GET", "", params=wrong)).status_code == 422, wrong


async def test_words_are_found_where_they_may_be_read(
    company: Company, work: Begin, process: Process
) -> None:
    owner, agent, thread = company.owner, company.agent, company.thread
    [other] = await opened(work, 1)
    said = ["厨房水槽漏水，请尽快安排", "Kitchen SINK leaks", "100%_满意\\", "水", "漏水已修好" + "。" * 80]
    for place, words in enumerate(said):
        await owner.say((thread, other)[place % 2], words)
    await agent.say(thread, "漏水是楼上的", audience="staff")
    await agent.say(thread, "漏水说错了")
    await agent.ask("POST", f"{thread}/entries/5/withdrawal")
    async with work() as unit:
        await append_many(unit, [NewEntry(thread, "opened", {"text": "漏水"}, None)])

    async def found(person: Person, q: str, **more: Any) -> list[tuple[str, int]]:
        answer = await person.ask("GET", "search", params={"q": q} | more)
        assert answer.status_code == 200, answer.text
        return [(one["thread"], one["seq"]) for one in answer.json()["items"]]

    here, there = str(thread), str(other)
    assert await found(owner, "漏水") == [(here, 3), (here, 1)]
    assert await found(agent, "漏水") == [(here, 4), (here, 3), (here, 1)]
    assert await found(company.neighbour, "漏水") == []
    assert await found(owner, "sink") == [(there, 1)]
    assert await found(owner, "%_") == await found(owner, "0%_满意\\") == [(here, 2)]
    assert await found(owner, "__") == await found(owner, "说错") == []
    page = (await owner.ask("GET", "search", params={"q": "漏水", "limit": 1})).json()
    assert page["items"][0]["snippet"] == "漏水已修好" + "。" * 27 + "…"
    assert await found(owner, "漏水", limit=1, cursor=page["next"]) == [(here, 1)]
    async with work() as unit:
        await erase(unit, process.waker, thread, [1])
    assert await found(owner, "漏水") == [(here, 3)]
    for wrong in ("水", " 水 ", "", "a\0b", "a\nb", "x" * 101):
        assert (await owner.ask("GET", "search", params={"q": wrong})).status_code == 422, wrong


async def test_faces_beside_the_lines(company: Company, work: Begin) -> None:
    owner, agent, thread = company.owner, company.agent, company.thread
    async with work() as unit:
        await unit.execute(text("UPDATE account SET name = '王小明' WHERE id = :id"), {"id": owner.id})
    await owner.say(thread)
    await agent.say(thread, "内部", audience="staff")
    await company.guest.ask("POST", f"{thread}/read", json={"seq": 1})

    async def faces(person: Person) -> dict[str, tuple[str, str]]:
        answer = await person.ask("GET", f"{thread}/people")
        assert answer.status_code == 200, answer.text
        return {one["id"]: (one["kind"], one["name"]) for one in answer.json()["items"]}

    me = {str(owner.id): ("owner", "王小明")}
    # Nobody hears of an employee by what they wrote between employees, nor of one who only looked.
    assert await faces(owner) == me
    masked = {str(owner.id): ("owner", "王**")}
    team = {str(agent.id): ("staff", "员工T1"), str(company.guest.id): ("staff", "员工T2")}
    assert await faces(agent) == masked | team
    await agent.say(thread, "您好")
    assert await faces(owner) == me | {str(agent.id): ("staff", "员工T1")}
    # Somebody else's lines have a face, but no name; one's own household has.
    company.probes.sees[company.neighbour.id] = "all"
    await company.neighbour.ask("POST", f"{thread}/read", json={"seq": 1})
    assert str(owner.id) in await faces(company.neighbour)
    assert (await faces(company.neighbour))[str(owner.id)] == ("owner", "王**")
    assert str(company.neighbour.id) not in await faces(owner)
    company.probes.sees.pop(owner.id)
    assert code(await owner.ask("GET", f"{thread}/people")) == (404, "not_found")


async def test_which_journeys_are_mine(
    client: AsyncClient, estate: Estate, process: Process, work: Begin, signed_in: SignedIn
) -> None:
    await estate()
    project_id = await project_of(process)
    async with work() as unit:
        home, neighbours = await lay_out(unit, "合同-0101", ()), await lay_out(unit, "合同-0102", ())
        shared = await lay_out_project(unit, project_id, ())
        for laid in (home, neighbours, shared):
            await happened(unit, laid)
        agent = await staff_account(unit, "T1", "customer_service_specialist")
    owner, partner, neighbour = [
        Person(client, one, await signed_in(one))
        for one in [
            await account_of(process, f"+86{phone}") for phone in (13542604684, 19900282669, 13902884299)
        ]
    ]
    clerk = Person(client, agent.id, await signed_in(agent.id))

    async def mine(person: Person) -> set[str]:
        return {one["id"] for one in await listed(person)}

    at_home, next_door, everybody = (str(laid.thread_id) for laid in (home, neighbours, shared))
    assert await mine(owner) == await mine(partner) == {at_home, everybody}
    assert await mine(neighbour) == {next_door, everybody}
    assert await mine(clerk) == set()
    # What an employee has written on or read is theirs, while it lies in their scope.
    assert (await clerk.say(home.thread_id, "已联系")).status_code == 201
    await clerk.ask("POST", f"{shared.thread_id}/read", json={"seq": 1})
    assert await mine(clerk) == {at_home, everybody}
    assert code(await owner.say(home.thread_id)) == (403, "may_not_write")
    for person in (owner, partner, neighbour):
        await person.ask("POST", f"{shared.thread_id}/read", json={"seq": 1})
    # Neighbours learn nothing of one another by what they have all read; a household does.
    people = (await owner.ask("GET", f"{shared.thread_id}/people")).json()["items"]
    assert {one["name"] for one in people} == {"李欣", "梁鑫"}
    people = (await clerk.ask("GET", f"{shared.thread_id}/people")).json()["items"]
    assert {(one["name"], one["role_name"]) for one in people} == {
        ("员工T1", "客服专员"), ("李*", None), ("梁*", None), ("欧**", None),
    }  # fmt: skip
    async with work() as unit:
        await unit.execute(text("UPDATE position SET until = since + 1"))
        await unit.execute(
            text("UPDATE household_member SET ended_at = since WHERE account_id = :id"), {"id": owner.id}
        )
    assert await mine(clerk) == await mine(owner) == set()
    assert await mine(partner) == {at_home, everybody}
