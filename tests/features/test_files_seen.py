"""Who sees a file, and how links die: with their minutes, their session, and the right to see."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from httpx import AsyncClient
from sqlalchemy import text

from backend.core.ids import new_id
from backend.platform.process import Process
from backend.platform.threads import NewEntry, append, erase, open_threads
from tests.fixtures.application import Drain
from tests.fixtures.estate import Estate, account_of, ownership_of
from tests.fixtures.files import Sender, Table, kept_photo, ready_file
from tests.fixtures.people import SignedIn, staff_account
from tests.fixtures.process import Begin, Forward
from tests.fixtures.written_journeys import lay_out

MINUTE = timedelta(minutes=1)


async def link(sender: Sender, file_id: str) -> str:
    return str((await sender.file(file_id))["sizes"]["thumbnail"]["link"])


async def sees(sender: Sender, file_id: str) -> int:
    return (await sender.ask("GET", f"/v1/files/{file_id}")).status_code


def code(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


async def test_a_link_is_good_for_minutes_and_for_what_it_was_made(
    table: Table, client: AsyncClient, process: Process, forward: Forward
) -> None:
    owner = table.owner
    file_id = await kept_photo(process, owner.id)
    other = await kept_photo(process, owner.id)
    good = await link(owner, file_id)
    assert good == await link(owner, file_id)
    assert (await client.get(good)).status_code == 200
    for bent in (
        good.replace("thumbnail", "full"),
        good.replace(file_id, other),
        good.replace(good[-4:], "AAAA"),
        good.replace("until=1", "until=2"),
        good.replace("signature=", "signature=%F0"),
        good.partition("&signature")[0] + "&signature=",
    ):
        assert code(await client.get(bent)) == (404, "not_found"), bent
    for wrong in ("/thumbnail", good.replace("thumbnail", "huge"), good.replace("until=", "until=x")):
        assert (await client.get(wrong)).status_code in {404, 422}
    await forward(9 * MINUTE)
    assert (await client.get(good)).status_code == 200
    await forward(7 * MINUTE)
    assert code(await client.get(good)) == (403, "link_over")
    assert (await client.get(await link(owner, file_id))).status_code == 200


async def test_a_link_ends_with_its_session(
    table: Table, client: AsyncClient, process: Process, work: Begin
) -> None:
    owner, agent = table.owner, table.agent
    file_id = await kept_photo(process, owner.id)
    await owner.say(table.thread, file_id)
    links = [await link(owner, file_id), await link(agent, file_id)]
    assert [(await client.get(one)).status_code for one in links] == [200, 200]
    mine = (await owner.ask("GET", "/v1/me/sessions")).json()["items"]
    assert (await owner.ask("DELETE", f"/v1/me/sessions/{mine[0]['id']}")).status_code == 204
    assert [(await client.get(one)).status_code for one in links] == [404, 200]
    async with work() as unit:
        await unit.execute(
            text("UPDATE account SET disabled_at = app_now() WHERE id = :id"), {"id": agent.id}
        )
    assert (await client.get(links[1])).status_code == 404


async def test_a_link_ends_with_the_right_to_see(
    table: Table, client: AsyncClient, drain: Drain, work: Begin, process: Process
) -> None:
    """By a subject's own word, by taking the line back, by erasing it."""
    owner, agent, neighbour, thread = table.owner, table.agent, table.neighbour, table.thread
    file_id = await kept_photo(process, owner.id)
    assert [await sees(one, file_id) for one in (owner, agent, neighbour)] == [200, 404, 404]
    await owner.say(thread, file_id)
    assert [await sees(one, file_id) for one in (owner, agent, neighbour)] == [200, 200, 404]
    theirs = await link(agent, file_id)
    right = table.sights.sees.pop((agent.id, table.subject))
    assert (await client.get(theirs)).status_code == 404
    table.sights.sees[agent.id, table.subject] = right
    assert (await client.get(theirs)).status_code == 200
    await owner.ask("POST", f"/v1/threads/{thread}/entries/1/withdrawal")
    assert (await client.get(theirs)).status_code == 404
    # It is still whose it was, and may be said again.
    assert await sees(owner, file_id) == 200
    assert (await owner.say(thread, file_id)).json()["seq"] == 3
    assert (await client.get(theirs)).status_code == 200
    async with work() as unit:
        await erase(unit, process.waker, thread, [3])
    assert (await client.get(theirs)).status_code == 404
    await drain()
    # The line that was taken back names it still, on record; so it stays, and nobody else is shown it.
    assert [await sees(one, file_id) for one in (owner, agent)] == [200, 404]
    async with work() as unit:
        await erase(unit, process.waker, thread, [1])
    await drain()
    assert await sees(owner, file_id) == 404
    assert code(await owner.say(thread, file_id)) == (404, "not_found")
    async with work() as unit:
        kept = (await unit.execute(text("SELECT state, name, sizes FROM file"))).one()
    assert tuple(kept) == ("removed", "", {})


async def test_a_file_of_a_staff_line_reaches_no_owner(
    table: Table, client: AsyncClient, process: Process, work: Begin
) -> None:
    """Whatever the subject says of the owner, and also when another line for everybody stands beside it."""
    owner, agent, thread = table.owner, table.agent, table.thread
    file_id = await kept_photo(process, agent.id)
    async with work() as unit:
        colleague = await staff_account(unit, "T9")
    assert (await agent.say(thread, file_id, audience="staff")).status_code == 201
    assert await sees(owner, file_id) == 404
    table.sights.sees[colleague.id, table.subject] = "all"
    shown = await kept_photo(process, agent.id)
    assert (await agent.say(thread, shown)).status_code == 201
    assert await sees(owner, shown) == 200
    assert await sees(owner, file_id) == 404
    bent = (await link(owner, shown)).replace(shown, file_id)
    assert (await client.get(bent)).status_code == 404
    # On a thread that nobody answers for it is nobody's either.
    async with work() as unit:
        [lost] = (await open_threads(unit, "nobody's", [new_id()])).values()
        unit.add(ready_file(agent.id, id=(hidden := new_id())))
        await append(unit, NewEntry(lost, "photo", {"file": str(hidden)}, agent.id))
    assert await sees(owner, str(hidden)) == 404


async def test_an_employee_of_the_open_lines_sees_no_internal_file(
    table: Table, process: Process, work: Begin, signed_in: SignedIn
) -> None:
    agent = table.agent
    file_id = await kept_photo(process, agent.id)
    await agent.say(table.thread, file_id, audience="staff")
    async with work() as unit:
        guest_id = (await staff_account(unit, "T9")).id
    guest = Sender(agent.client, guest_id, await signed_in(guest_id))
    table.sights.sees[guest_id, table.subject] = "all"
    assert await sees(guest, file_id) == 404
    table.sights.sees[guest_id, table.subject] = "staff"
    assert await sees(guest, file_id) == 200


async def test_who_leaves_the_household_loses_its_pictures(
    app: Any,
    client: AsyncClient,
    estate: Estate,
    process: Process,
    work: Begin,
    signed_in: SignedIn,
) -> None:
    """Over the real right to see: the journey of a home."""
    assert (await estate()).written
    owner_id = await account_of(process, "+8613542604684")
    async with work() as unit:
        laid = await lay_out(unit, "合同-0101")
        agent_id = (await staff_account(unit, "T1", "customer_manager")).id
    agent = Sender(client, agent_id, await signed_in(agent_id))
    owner = Sender(client, owner_id, await signed_in(owner_id))
    file_id = await kept_photo(process, agent.id)
    assert (await agent.say(laid.thread_id, file_id)).status_code == 201
    theirs = await link(owner, file_id)
    assert (await client.get(theirs)).status_code == 200
    ownership_id: UUID = await ownership_of(process, "合同-0101")
    async with work() as unit:
        await unit.execute(
            text(
                "UPDATE household_member SET ended_at = app_now() WHERE ownership_id = :id AND account_id = :who"
            ),
            {"id": ownership_id, "who": owner_id},
        )
    assert code(await client.get(theirs)) == (404, "not_found")
    assert await sees(owner, file_id) == 404


async def test_who_names_a_file_is_found_by_an_index(work: Begin) -> None:
    """Asked with every picture that is shown, of a table that holds every line there ever was."""
    for asked in (
        "SELECT FROM entry e WHERE e.body ->> 'file' = 'a'",
        "SELECT FROM file f WHERE EXISTS (SELECT FROM entry e WHERE e.body ->> 'file' = CAST(f.id AS text))",
    ):
        async with work() as unit:
            await unit.execute(text("SET LOCAL enable_seqscan = off"))
            plan = "\n".join(await unit.scalars(text(f"EXPLAIN {asked}")))
        assert "ix_entry_file" in plan, plan


async def test_only_ones_own_file_of_its_kind_is_said(table: Table, work: Begin) -> None:
    owner, agent, thread = table.owner, table.agent, table.thread
    async with work() as unit:
        files = {
            "mine": ready_file(owner.id),
            "a voice": ready_file(owner.id, "voice"),
            "theirs": ready_file(agent.id),
            "on its way": ready_file(owner.id, state="receiving", finished_at=None),
        }
        unit.add_all(files.values())
    for whose, kind, expected in (
        ("theirs", "photo", (404, "not_found")),
        ("a voice", "photo", (409, "file_of_another_kind")),
        ("on its way", "photo", (409, "file_not_ready")),
        ("mine", "file", (409, "file_of_another_kind")),
    ):
        refused = await owner.say(thread, str(files[whose].id), kind)
        assert code(refused) == expected, whose
        assert refused.json()["errors"][0]["field"] == "body.file"
    assert code(await owner.say(thread, str(new_id()))) == (404, "not_found")
    assert (await owner.say(thread, str(files["mine"].id).upper())).status_code == 201
    assert (await owner.say(thread, str(files["a voice"].id), "voice")).json()["seq"] == 2
    assert await sees(agent, str(files["mine"].id)) == 200
