"""Repairs without a network: what was recorded is done once or kept as a late record; the day is taken along."""

import asyncio
import json
from collections import Counter
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from backend.core.ids import new_id
from backend.features.field.schemas import Day
from tests.fixtures.application import Drain
from tests.fixtures.field import OWNER, Field, finished, jpeg, operation, protected
from tests.fixtures.files import kept_photo
from tests.fixtures.process import Forward


def short(results: list[dict[str, Any]]) -> list[tuple[str, str | None]]:
    return [(one["result"], one["code"]) for one in results]


async def kinds(field: Field, ticket: str, who: str = "manager") -> list[str]:
    return [line["kind"] for line in await field.lines(ticket, who)]


async def test_an_afternoon_in_the_basement(field: Field, forward: Forward, drain: Drain) -> None:
    """EN-08: everything is recorded without a network, sent hours later, twice, and is done once."""
    ticket, phone = await field.ticket(state="reported"), field.phone()
    await field.moved("engineer", ticket, "accept")
    begins = field.process.clock.now() + timedelta(hours=1)
    await field.moved(
        "engineer",
        ticket,
        "appoint",
        starts_at=begins.isoformat(),
        ends_at=(begins + timedelta(hours=2)).isoformat(),
    )
    await phone.download()
    assert phone.tickets()[ticket]["state"] == "appointed"

    await forward(timedelta(hours=1))
    arrived = field.process.clock.now()
    for op, data in (
        ("set_out", {}),
        ("arrive", {}),
        ("protect", protected(jpeg(1))),
        ("start", {"livable": True}),
        ("finish", finished(jpeg(2))),
    ):
        phone.record(ticket, op, data)
    await forward(timedelta(hours=5))

    # The photos are still looked at: what names them waits, and what follows waits with it.
    await phone.send()
    assert [one["result"] for one in phone.answers().values()] == ["applied", "applied"]
    await drain()
    await phone.send()
    await drain()
    # The app was killed in between: the outbox is on the disk.
    phone = field.phone()
    await phone.sync()
    assert phone.waiting() == []
    assert {one["result"] for one in phone.answers().values()} == {"applied"}
    assert phone.tickets()[ticket]["state"] == "done"

    # CT-45: each line keeps both times.
    async with field.process.works.begin() as work:
        rows = await work.execute(
            text(
                "SELECT kind, at, written_at FROM entry e JOIN ticket t USING (thread_id)"
                " WHERE t.id = :id ORDER BY seq DESC LIMIT 5"
            ),
            {"id": ticket},
        )
        for row in rows:
            assert abs(row.at - arrived) < timedelta(minutes=1), row
            assert row.written_at - row.at > timedelta(hours=4), row
    row = await field.row(ticket)
    # No clock is ended earlier by what a phone claims.
    assert row.done_at - arrived > timedelta(hours=4)


async def test_sent_again_it_is_not_done_again(field: Field) -> None:
    ticket = await field.ticket()
    batch = [operation(ticket, "accept"), operation(ticket, "contact", reached=True, words="约明天上午")]
    assert short(await field.hand_in(batch)) == [("applied", None), ("applied", None)]
    before = await kinds(field, ticket)
    # Again whole, cut, turned round, and with something new in between.
    new = operation(ticket, "contact", reached=False, words="未接")
    again = await field.hand_in([batch[1], new, batch[0], batch[0]])
    assert short(again) == [
        ("already_applied", None),
        ("applied", None),
        ("already_applied", None),
        ("already_applied", None),
    ]
    assert len(await kinds(field, ticket)) == len(before) + 1
    assert again[0]["ticket"] == again[1]["ticket"] | {"version": 3}
    assert (await field.row(ticket)).version == 4


async def test_the_same_batch_twice_at_one_moment(field: Field) -> None:
    ticket = await field.ticket()
    batch = [operation(ticket, "accept"), operation("0199d6a0-7c2e-7000-8000-6d1c5e0f4b12", "accept")]
    answers = await asyncio.gather(*(field.hand_in(batch) for _ in range(4)))
    assert sorted(one[0]["result"] for one in answers) == ["already_applied"] * 3 + ["applied"]
    assert {one[1]["code"] for one in answers} == {"ticket_not_yours"}
    async with field.process.works.begin() as work:
        assert await work.scalar(text("SELECT count(*) FROM sync_operation")) == 2


async def test_what_came_too_late_stands_on_the_thread(field: Field) -> None:
    """RC-20: it is not done, and it is not lost: what, when, why not, and its photos, for the owner too."""
    ticket = await field.ticket()
    await field.moved("engineer", ticket, "accept")
    photo = await kept_photo(field.process, field.people["engineer"])
    late = operation(ticket, "refuse", base=2, reason="人为损坏", photos=[photo])
    await field.moved("owner", ticket, "cancel", reason="自己修好了")

    [refused] = await field.hand_in([late])
    assert (refused["result"], refused["code"]) == ("refused", "operation_overtaken")
    assert (refused["ticket"]["state"], refused["ticket"]["version"]) == ("cancelled", 3)
    assert "补录" in refused["detail"]
    lines = await field.lines(ticket, "owner")
    record = next(line for line in lines if line["seq"] == refused["line"])
    assert record["kind"] == "late_record"
    assert record["body"]["op"] == "refuse"
    assert record["body"]["data"]["reason"] == "人为损坏"
    assert record["body"]["claimed_at"].startswith("2026-01-01T00:00:00")
    # What a phone's clock said before there was a ticket is kept as a claim, and not believed.
    opened = (await field.row(ticket)).opened_at
    assert datetime.fromisoformat(record["at"]) >= opened - timedelta(milliseconds=1)
    assert lines[-1]["kind"] == "late_photo"
    assert lines[-1]["body"]["file"] == photo
    assert (await field.ask("owner", "GET", f"/v1/files/{photo}")).status_code == 200

    # Sent again it has the same answer, and no second line.
    [again] = await field.hand_in([late])
    assert {**again, "errors": [], "missing": []} == {**refused, "errors": [], "missing": []}
    assert len(await field.lines(ticket, "owner")) == len(lines)


async def test_one_that_fails_does_not_lose_the_others(field: Field) -> None:
    ticket, theirs = await field.ticket(), await field.ticket("neighbour", "other")
    good = operation(ticket, "accept")
    batch: list[Any] = [
        7,
        {"id": "x"},
        operation(theirs, "accept"),
        operation(ticket, "dance"),
        operation(ticket, "sign"),
        operation(ticket, "contact", words="\x00"),
        operation(ticket, "contact", reached="maybe"),
        operation(ticket, "finish", photos=[str(new_id())], words="好了", losses={}),
        operation(ticket, "contact", words="长" * 20_000),
        good | {"at": "gestern"},
        good,
        good | {"op": "start"},
        operation(ticket, "contact", base=2, reached=True, words="已联系"),
    ]
    results = await field.hand_in(batch)
    assert short(results) == [
        ("refused", "operation_invalid"),
        ("refused", "operation_invalid"),
        ("refused", "ticket_not_yours"),
        ("refused", "operation_unknown"),
        ("refused", "operation_unknown"),
        ("refused", "operation_invalid"),
        ("refused", "fields_invalid"),
        ("refused", "move_illegal"),
        ("refused", "operation_invalid"),
        ("refused", "operation_invalid"),
        ("refused", "operation_id_reused"),
        ("refused", "operation_id_reused"),
        ("applied", None),
    ]
    assert results[9]["errors"][0]["field"] == "at"
    # Each of them is kept: on its thread where there is one, else beside it.
    async with field.process.works.begin() as work:
        rows = (
            await work.execute(
                text("SELECT seq, content FROM sync_operation WHERE outcome = 'refused' ORDER BY received_at")
            )
        ).all()
    assert len(rows) == 12
    assert [row.seq is None for row in rows] == [True] * 3 + [False] * 9
    assert all(row.content for row in rows[:3])
    seen = await kinds(field, ticket, "owner")
    # What nobody can make sense of is for staff.
    assert seen.count("late_record") == 2
    assert (await kinds(field, ticket)).count("late_record") == 9
    assert "late_record" not in await kinds(field, theirs)


async def test_what_is_nested_deep_costs_the_others_nothing(field: Field) -> None:
    """Too deep to be read at all, the batch is refused whole; either way it is no failure of ours."""
    ticket = await field.ticket()
    form = json.dumps({"device": "phone-1", "operations": [operation(ticket, "contact", words="deep")]})
    seen = Counter[int]()
    for depth in (100, 800, 900, 940, 970, 990, 5_000):
        sent = form.replace('"deep"', "[" * depth + "]" * depth)
        answer = await field.ask(
            "engineer", "POST", "/v1/sync", content=sent, headers={"content-type": "application/json"}
        )
        seen[answer.status_code] += 1
        if answer.status_code == 200:
            assert short(answer.json()["results"])[0][0] == "refused"
    assert set(seen) == {200, 400}
    assert short(await field.hand_in([operation(ticket, "accept")])) == [("applied", None)]


async def test_two_phones_of_one_engineer(field: Field) -> None:
    ticket = await field.ticket()
    assert short(await field.hand_in([operation(ticket, "accept")], device="one")) == [("applied", None)]
    # The other phone had not seen that; the first had, for it was its own.
    assert (
        short(
            await field.hand_in(
                [operation(ticket, "hold", reason="weather"), operation(ticket, "accept")], device="two"
            )
        )
        == [("refused", "operation_overtaken")] * 2
    )
    assert short(await field.hand_in([operation(ticket, "hold", reason="weather")], device="one")) == [
        ("applied", None)
    ]
    # What only adds to the record is taken from whichever phone.
    note = operation(ticket, "contact", reached=True, words="已联系")
    assert short(await field.hand_in([note], device="two")) == [("applied", None)]
    # Ids are a device's own.
    assert short(await field.hand_in([note], device="one")) == [("applied", None)]


async def test_whoever_no_longer_has_it_leaves_a_record_for_staff(field: Field) -> None:
    """CT-17: the ticket was given on while the phone was away. It may be the owner who wanted it so."""
    ticket, phone = await field.ticket(), field.phone()
    await phone.download()
    phone.record(ticket, "accept")
    await field.moved(
        "manager", ticket, "succeed", to=str(field.people["other"]), reason="left_company", words="离职"
    )
    await phone.sync()
    [answer] = phone.answers().values()
    assert (answer["result"], answer["code"], answer["ticket"]) == ("refused", "ticket_given_on", None)
    assert phone.tickets() == {}
    assert (await kinds(field, ticket))[-1] == "late_record"
    assert "late_record" not in await kinds(field, ticket, "owner")


async def test_what_follows_on_a_ticket_waits_with_it(field: Field) -> None:
    ticket, second = await field.ticket(state="reported"), await field.ticket()
    begun = await field.ask(
        "engineer",
        "POST",
        "/v1/files",
        json={"kind": "photo", "name": "a.jpg", "media_type": "image/jpeg", "bytes": 10},
    )
    unready = begun.json()["id"]
    await field.moved("engineer", ticket, "accept")
    batch = [
        operation(ticket, "refuse", base=2, reason="无", photos=[unready]),
        operation(ticket, "contact", base=2, reached=True, words="已联系"),
        operation(second, "accept"),
    ]
    assert short(await field.hand_in(batch)) == [
        ("later", "file_not_ready"),
        ("later", "earlier_waits"),
        ("applied", None),
    ]
    # Nothing was written of what waits, so that it can still be done.
    async with field.process.works.begin() as work:
        assert await work.scalar(text("SELECT count(*) FROM sync_operation")) == 1
        await work.execute(
            text(
                "UPDATE file SET received = length, state = 'ready', finished_at = app_now() WHERE id = :id"
            ),
            {"id": unready},
        )
    assert short(await field.hand_in(batch)) == [("applied", None)] * 2 + [("already_applied", None)]


async def test_the_day_is_what_the_phone_does_not_hold_yet(field: Field, forward: Forward) -> None:
    first, second = await field.ticket(), await field.ticket("neighbour")
    await field.ticket("neighbour", "other")
    phone = field.phone()
    await phone.download()
    held = phone.tickets()
    assert set(held) == {first, second}
    assert held[first]["contact"] == {"name": "李欣", "phone": OWNER}
    assert held[first]["home"]["room"] == "0101"
    assert {check["state"] for check in held[first]["checks"]} == {"open"}
    assert held[second]["earlier"][0]["component"] == "water-supply"

    async def page(cursor: str | None = None) -> dict[str, Any]:
        asked = {} if cursor is None else {"cursor": cursor}
        answer = await field.ask("engineer", "GET", "/v1/sync", params=asked)
        # Put together by the database: to the byte what its documented shape would be written as.
        assert Day.model_validate_json(answer.content).model_dump_json().encode() == answer.content
        told: dict[str, Any] = answer.json()
        return told

    whole = await page()
    assert (await page(whole["cursor"]))["tickets"] == []
    # What changes comes whole; what ends is a tombstone, and so is what was given on.
    await field.moved("engineer", first, "accept")
    changed = await page(whole["cursor"])
    assert [(one["id"], one["version"], one["state"]) for one in changed["tickets"]] == [
        (first, 2, "accepted")
    ]
    await field.moved("owner", first, "cancel", reason="不修了")
    await field.moved(
        "manager", second, "succeed", to=str(field.people["other"]), reason="owner_asks", words="更换"
    )
    gone = await page(changed["cursor"])
    assert (set(gone["gone"]), gone["tickets"]) == ({first, second}, [])
    await phone.download()
    assert phone.tickets() == {}
    # A phone restored from last week's backup is brought up to date like any other.
    assert set((await page(whole["cursor"]))["gone"]) == {first, second}


async def test_many_tickets_come_in_pages(field: Field) -> None:
    tickets = {await field.ticket() for _ in range(60)}
    first = (await field.ask("engineer", "GET", "/v1/sync")).json()
    assert (len(first["tickets"]), first["more"]) == (50, True)
    rest = (await field.ask("engineer", "GET", "/v1/sync", params={"cursor": first["cursor"]})).json()
    assert (len(rest["tickets"]), rest["more"], rest["gone"]) == (10, False, [])
    assert {one["id"] for one in first["tickets"] + rest["tickets"]} == tickets


async def test_what_is_no_batch_and_no_cursor_is_refused_whole(field: Field) -> None:
    bodies: list[dict[str, Any]] = [
        {"device": "a b", "operations": [{}]},
        {"device": "a", "operations": []},
        {"device": "a", "operations": [{}] * 101},
        {"device": "a"},
        {"device": "a", "operations": {}},
    ]
    for body in bodies:
        assert (await field.ask("engineer", "POST", "/v1/sync", json=body)).status_code == 422, body
    for cursor in ("x", "AQEB", "_" * 100, "Ag", "AQ" * 5000):
        answer = await field.ask("engineer", "GET", "/v1/sync", params={"cursor": cursor})
        assert answer.status_code == 422, cursor


async def test_what_stands_stands(field: Field) -> None:
    """Neither what a phone handed in nor how a ticket turned can be rewritten."""
    ticket = await field.ticket()
    await field.hand_in([operation(ticket, "accept")])
    for statement in (
        "UPDATE sync_operation SET outcome = 'refused'",
        "DELETE FROM sync_operation",
        "UPDATE ticket_turn SET version = 9",
        "TRUNCATE ticket_turn",
    ):
        with pytest.raises(Exception, match="append only"):
            async with field.process.works.begin() as work:
                await work.execute(text(statement))
