"""A ticket has one engineer all its life, and no gate is passed without its evidence: the database holds it."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from backend.core.config import Settings
from backend.db.url import asyncpg_arguments
from tests.fixtures.hotline import code
from tests.fixtures.journeys import Fire, rows
from tests.fixtures.people import SignedIn
from tests.fixtures.process import Begin, Forward
from tests.fixtures.repairs import TO_WORK, Yard, sneak

SUCCEED = """
WITH line AS (
    SELECT seq FROM append_entries(ARRAY[CAST(:thread AS uuid)], ARRAY[CAST(:kind AS text)], ARRAY['{}'::jsonb],
        ARRAY[NULL::uuid], ARRAY[CAST(:audience AS text)], ARRAY[NULL::text], ARRAY[NULL::int],
        ARRAY[NULL::timestamptz])
)
INSERT INTO succession (id, ticket_id, from_id, to_id, approver_id, reason, words, thread_id, entry_seq, transaction)
SELECT uuidv7(), :id, :from, :to, :approver, :reason, 'x', CAST(:thread AS uuid), seq, 1 FROM line
"""
CHANGE = "UPDATE ticket SET engineer_id = :to WHERE id = :id"


async def test_nothing_else_changes_the_engineer(yard: Yard, work: Begin, settings: Settings) -> None:
    one, second = await yard.report(), await yard.report(place="阳台")
    ids = {"id": UUID(one["id"]), "to": yard.other.id}
    for sql in (
        CHANGE,
        "UPDATE ticket SET engineer_id = :to WHERE id <> uuidv7() AND CAST(:id AS uuid) IS NOT NULL",
        "UPDATE ticket SET engineer_id = NULL, state = 'cancelled', ended_at = now() WHERE id = :id OR id = :to",
        "INSERT INTO ticket SELECT * FROM ticket WHERE id = :id ON CONFLICT (id) DO UPDATE SET engineer_id = :to",
        (
            "MERGE INTO ticket t USING ticket s ON t.id = s.id AND s.id = :id"
            " WHEN MATCHED THEN UPDATE SET engineer_id = :to"
        ),
        "DELETE FROM ticket WHERE id = :id OR id = :to",
    ):
        with pytest.raises(IntegrityError):
            await sneak(work, sql, **ids)
    # As an administrator's script would, with the application's role, past triggers, and by COPY.
    connection = await asyncpg.connect(**asyncpg_arguments(settings.database_url))
    try:
        await connection.execute("CREATE TEMP TABLE handed (LIKE ticket)")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute("SET session_replication_role = replica")
        with pytest.raises(asyncpg.RestrictViolationError):
            await connection.execute("UPDATE ticket SET engineer_id = $1", yard.other.id)
        await connection.execute("INSERT INTO handed SELECT * FROM ticket WHERE id = $1", ids["id"])
        await connection.execute("UPDATE handed SET engineer_id = $1", yard.other.id)
        copied = await connection.fetch("SELECT * FROM handed")
        with pytest.raises(asyncpg.UniqueViolationError):
            await connection.copy_records_to_table("ticket", records=[tuple(one) for one in copied])
        with pytest.raises(asyncpg.RestrictViolationError):
            await connection.execute(
                "UPDATE ticket t SET engineer_id = h.engineer_id FROM handed h WHERE h.id = t.id"
            )
    finally:
        await connection.close()
    found = await rows(yard.process, "SELECT DISTINCT engineer_id FROM ticket")
    assert [row.engineer_id for row in found] == [yard.plumber.id]
    assert second["engineer"] == one["engineer"] | {"because": one["engineer"]["because"] | {"load": 1}}


async def test_a_succession_is_approved_told_and_beside_its_change(yard: Yard, work: Begin) -> None:
    one = await yard.report()
    right = {
        "id": UUID(one["id"]), "thread": UUID(one["thread_id"]), "from": yard.plumber.id, "to": yard.other.id,
        "approver": yard.manager.id, "reason": "long_illness", "kind": "engineer_changed", "audience": "all",
    }  # fmt: skip

    async def tries(*, change: bool = True, before: bool = False, **wrong: object) -> None:
        async with work() as unit:
            if before:
                await unit.execute(text(CHANGE), {"id": right["id"], "to": right["to"]})
            await unit.execute(text(SUCCEED), right | wrong)
            if change and not before:
                await unit.execute(text(CHANGE), {"id": right["id"], "to": right["to"]})

    attempts: list[Callable[[], Awaitable[None]]] = [
        lambda: tries(approver=yard.plumber.id),
        lambda: tries(approver=yard.other.id),
        lambda: tries(approver=yard.hotline.stranger.id),
        lambda: tries(approver=yard.desk.id),
        lambda: tries(reason="he_wished"),
        lambda: tries(kind="noted"),
        lambda: tries(audience="staff"),
        lambda: tries(to=yard.plumber.id),
        lambda: tries(change=False),
        lambda: tries(before=True),
    ]
    for attempt in attempts:
        with pytest.raises(IntegrityError):
            await attempt()
    await tries()
    # It is worth one change, in its own transaction: neither back, nor again, nor rewritten.
    for sql in (
        "UPDATE ticket SET engineer_id = :from WHERE id = :id",
        "UPDATE succession SET reason = 'owner_asks' WHERE ticket_id = :id AND from_id = :from",
        "DELETE FROM succession WHERE ticket_id = :id AND from_id = :from",
    ):
        with pytest.raises(IntegrityError):
            await sneak(work, sql, id=right["id"], **{"from": right["from"]})
    assert (await yard.read(yard.owner, one))["ticks"]["one_person"] is False


async def test_a_manager_changes_the_engineer_and_the_owner_is_told(yard: Yard) -> None:
    one = await yard.report()
    change = {"to": str(yard.other.id), "reason": "left_company", "words": "上月离职"}
    assert code(await yard.tries(yard.plumber, one, "succeed", **change)) == (403, "not_your_move")
    assert code(await yard.tries(yard.owner, one, "succeed", **change)) == (403, "not_your_move")
    nobody = change | {"to": str(yard.desk.id)}
    assert code(await yard.tries(yard.manager, one, "succeed", **nobody)) == (422, "successor_unknown")
    one = await yard.move(yard.manager, one, "succeed", **change)
    assert (one["engineer"]["account_id"], one["version"]) == (str(yard.other.id), 2)
    seen = await yard.read(yard.owner, one)
    assert [(each["reason"], each["approved_by"]) for each in seen["successions"]] == [
        ("left_company", "员工R3")
    ]
    assert (await yard.owner.kinds(one))[-1] == "engineer_changed"
    told = await rows(yard.process, "SELECT account_id FROM notice WHERE kind = 'ticket_engineer_changed'")
    assert {row.account_id for row in told} >= {yard.owner.id, yard.family.id}
    # Whoever had it sees it no more; whoever has it goes on.
    assert (await yard.plumber.ask("GET", f"tickets/{one['id']}")).status_code == 404
    await yard.move(yard.other, one, "accept")


async def test_the_database_asks_for_the_evidence(yard: Yard, work: Begin) -> None:
    one = await yard.report()
    id_ = UUID(one["id"])

    async def refused(state: str, more: str = "") -> None:
        with pytest.raises(IntegrityError, match=r"."):
            await sneak(work, f"UPDATE ticket SET state = '{state}' {more} WHERE id = :id", id=id_)

    for state in ("working", "done", "cleaned", "signed", "visited", "arrived"):
        await refused(state)
    await yard.walk(one, TO_WORK[:4])
    await refused("working", ", livable = true")
    await refused("not_a_repair")
    await yard.walk(one, TO_WORK[4:])
    await refused("done")
    await yard.walk(one, ("finish",))
    await refused("cleaned")
    await yard.walk(one, ("book_cleaning",))
    await refused("cleaned")
    with pytest.raises(IntegrityError):
        await sneak(work, "UPDATE ticket_cleaning SET price_fen = 100")
    await yard.walk(one, ("tick_cleaning",))
    await refused("signed")
    await refused("visited")
    # The engineer's own visit is none (CT-30).
    await sneak(
        work,
        "INSERT INTO ticket_return_visit (id, ticket_id, visit, by_id, reached, settled, words, at)"
        " VALUES (:new, :id, 1, :engineer, true, true, 'x', app_now())",
        id=id_,
        engineer=yard.plumber.id,
    )
    await refused("visited")
    await refused("done", ", visit = visit + 2")
    with pytest.raises(IntegrityError):
        await sneak(work, "UPDATE ticket_clock SET first_promise = first_promise + interval '1 day'")


async def test_when_the_engineer_is_away_the_clocks_go_on_and_the_chain_adds_people(
    yard: Yard, fire: Fire, forward: Forward, signed_in: SignedIn
) -> None:
    one = await yard.report()
    await forward(timedelta(hours=80))
    while await fire():
        pass
    # Sessions of employees are over by then.
    manager = replace(yard.manager, headers=await signed_in(yard.manager.id))
    plumber = replace(yard.plumber, headers=await signed_in(yard.plumber.id))
    seen = await yard.read(manager, one)
    states = {clock["code"]: clock["state"] for clock in seen["promises"]}
    assert (states["C2"], seen["engineer"]["account_id"]) == ("breached", str(yard.plumber.id))
    assert (await yard.owner.kinds(one))[2:5] == ["clock_late", "clock_late", "joined"]
    told = await rows(
        yard.process, "SELECT account_id, kind FROM notice WHERE kind IN ('ticket_clock', 'page')"
    )
    assert {(row.account_id, row.kind) for row in told} >= {
        (yard.plumber.id, "ticket_clock"),
        (yard.hotline.specialist.id, "page"),
        (yard.desk.id, "page"),
    }
    # What is late is still owed, and met late.
    await yard.move(plumber, one, "accept")
    seen = await yard.move(plumber, one, "contact", reached=False, words="电话未接")
    clock = next(clock for clock in seen["promises"] if clock["code"] == "C2")
    assert (clock["state"], clock["due_at"]) == ("met_late", clock["first_promise"])
    # What was owed is done: its chain calls nobody any more.
    ended = await rows(yard.process, "SELECT clock, ended_why FROM escalation WHERE ended_at IS NOT NULL")
    assert ("C2", "met") in {(row.clock, row.ended_why) for row in ended}
