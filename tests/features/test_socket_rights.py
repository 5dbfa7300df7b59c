"""A session that ends closes its sockets, and a right that ends ends the watching: at once, and on every node."""

import time
from datetime import timedelta

import asyncpg
from httpx import AsyncClient
from sqlalchemy import text

from backend.core.ids import new_id
from backend.db.url import asyncpg_arguments
from backend.features.people.service import signal_rights
from backend.platform.shift import advance
from backend.platform.threads import NewEntry, append
from tests.fixtures.application import Drain
from tests.fixtures.estate import Estate, account_of, ownership_of
from tests.fixtures.people import header_for, staff_account
from tests.fixtures.sockets import Call, Node, Serve, Talk


async def test_a_revoked_session_is_closed_on_every_node_within_a_second(
    node: Node, serve: Serve, call: Call, talk: Talk
) -> None:
    other = await serve()
    header = await header_for(node.process, node.process.settings, talk.owner)
    token = header["authorization"].removeprefix("Bearer ")
    here, there = await call(node, talk.owner, token=token), await call(other, talk.owner, token=token)
    bystander = await call(other, talk.employee)
    began = time.monotonic()
    async with AsyncClient(base_url=node.url.replace("ws", "http").removesuffix("/v1/socket")) as client:
        assert (await client.delete("/v1/me/sessions", headers=header)).status_code == 204
    assert await here.closed() == 4001
    assert await there.closed() == 4001
    assert time.monotonic() - began < 1
    assert (await bystander.watch(talk.thread))["op"] == "refused"  # `other` knows nobody's probes


async def test_a_session_that_ended_while_signals_were_cut_is_closed(
    node: Node, call: Call, talk: Talk
) -> None:
    owner, employee = await call(node, talk.owner), await call(node, talk.employee)
    administrator = await asyncpg.connect(**asyncpg_arguments(node.process.settings.database_url))
    await administrator.execute("UPDATE session SET revoked_at = now() WHERE account_id = $1", talk.owner)
    # No signal was sent; the line of signals falls, and comes back.
    await administrator.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND query LIKE 'LISTEN%'"
    )
    await administrator.close()
    assert await owner.closed() == 4001
    assert (await employee.watch(talk.thread))["op"] == "watching"


async def test_a_right_that_ends_ends_the_watching_at_once(node: Node, call: Call, talk: Talk) -> None:
    owner, employee = await call(node, talk.owner), await call(node, talk.employee)
    await owner.watch(talk.thread, 0)
    await employee.watch(talk.thread, 0)
    async with node.process.works.begin() as work:
        # What happens besides does not disturb.
        await signal_rights(work, node.process.signals, [talk.owner, talk.employee])
    await employee.say(talk.thread, "一")
    assert (await owner.next("entry"))["seq"] == 1
    del node.probes.sees[talk.owner]
    async with node.process.works.begin() as work:
        await signal_rights(work, node.process.signals, [talk.owner])
        await append(work, NewEntry(talk.thread, "text", {"text": "二"}, talk.employee))
    assert await owner.next("entry", "gone") == {
        "op": "gone", "code": "rights_ended", "thread": str(talk.thread),
    }  # fmt: skip
    await employee.say(talk.thread, "三")
    assert (await owner.say(talk.thread))["code"] == "not_found"
    assert [one["seq"] for one in owner.entries()] == [1]


async def test_a_member_who_is_removed_sees_no_more_of_the_journey(
    serve: Serve, call: Call, estate: Estate, drain: Drain
) -> None:
    node = await serve(tick_seconds=0.2)
    await estate()
    await drain()
    process = node.process
    ownership = await ownership_of(process, "合同-0101")
    owner = await account_of(process, "+8613542604684")
    async with process.works.begin() as work:
        member = (
            await work.execute(
                text(
                    "INSERT INTO account (id, kind, phone) VALUES (:id, 'owner', '+8613900000009') RETURNING id"
                ),
                {"id": new_id()},
            )
        ).scalar_one()
        membership = new_id()
        await work.execute(
            text(
                "INSERT INTO household_member (id, ownership_id, account_id, role, since)"
                " VALUES (:id, :ownership, :account, 'family', now())"
            ),
            {"id": membership, "ownership": ownership, "account": member},
        )
        specialist = await staff_account(work, "T7", "customer_manager")
    async with AsyncClient(base_url=node.url.replace("ws", "http").removesuffix("/v1/socket")) as client:
        mine = await header_for(process, process.settings, owner)
        thread = (await client.get(f"/v1/ownerships/{ownership}/journey", headers=mine)).json()["happened"][
            "thread"
        ]
        phone, console = await call(node, member), await call(node, specialist.id)
        assert (await phone.watch(thread))["op"] == "watching"
        assert (await console.watch(thread))["op"] == "watching"
        gone = await client.delete(f"/v1/ownerships/{ownership}/household/{membership}", headers=mine)
        assert gone.status_code == 204
        assert (await phone.next("gone"))["thread"] == thread
        # A position's last day passes: its sight ends with it, though nobody does anything.
        async with process.works.begin() as work:
            await work.execute(
                text("UPDATE position SET until = current_date + 3 WHERE account_id = :id"),
                {"id": specialist.id},
            )
            await work.execute(text("UPDATE session SET expires_at = expires_at + interval '30 days'"))
            await advance(work, process.signals, timedelta(days=4))
        assert (await console.next("gone"))["thread"] == thread


async def test_a_session_that_runs_out_is_closed(node: Node, call: Call, talk: Talk) -> None:
    employee = await call(node, talk.employee)
    async with node.process.works.begin() as work:
        await advance(work, node.process.signals, timedelta(days=1))
    assert await employee.closed() == 4001
