"""Posts: written, reviewed by another, published by a timer, told once, read and confirmed, corrected, taken back."""

from datetime import date, timedelta
from uuid import UUID

import pytest
from httpx import AsyncClient
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from backend.core.clock import local_date
from backend.core.ids import new_id
from backend.platform.process import Process
from tests.fixtures.application import Drain
from tests.fixtures.estate import account_of
from tests.fixtures.files import kept_photo
from tests.fixtures.journeys import Fire, rows
from tests.fixtures.people import SignedIn
from tests.fixtures.posts import Site
from tests.fixtures.process import Begin, Forward


async def test_a_post_is_reviewed_by_another_and_published_by_a_timer(
    site: Site, fire: Fire, forward: Forward, process: Process
) -> None:
    photo = await kept_photo(process, site.people["writer"])
    post = await site.begin(
        buildings=[{"building": str(site.buildings["1号楼"]), "percent": 65}],
        photos=[{"file": photo, "viewpoint": "1号楼南立面", "caption": "封顶"}],
        milestone="topped-out",
    )
    assert (post["state"], post["milestone"], post["desk"]["told"]) == ("draft", "封顶", 0)
    assert (await site.ask("writer", "GET", f"/posts/{post['id']}/audience")).json() == {
        "homes": 2,
        "people": 3,
    }
    # Nobody outside sees a draft or its photo, and nobody publishes what another has not read.
    assert (await site.ask("李欣", "GET", f"/posts/{post['id']}")).status_code == 404
    assert (await site.ask("李欣", "GET", f"/files/{photo}")).status_code == 404
    assert (await site.ask("agent", "GET", f"/files/{photo}")).status_code == 200
    tag = {"if-match": '"1"'}
    early = await site.ask("manager", "POST", f"/posts/{post['id']}/schedule", json={}, headers=tag)
    assert (early.status_code, early.json()["code"]) == (409, "post_not_reviewed")
    for who, status in (("writer", 403), ("agent", 403)):
        answer = await site.ask(
            who, "POST", f"/posts/{post['id']}/review", json={"approved": True}, headers=tag
        )
        assert answer.status_code == status
    back = await site.act("manager", post, "review", approved=False, opinion="请补充照片")
    assert (back["state"], back["desk"]["opinion"]) == ("draft", "请补充照片")
    stale = await site.ask(
        "manager", "POST", f"/posts/{post['id']}/review", json={"approved": True}, headers=tag
    )
    assert stale.status_code == 412
    reviewed = await site.act("manager", back, "review", approved=True)
    at = process.clock.now() + timedelta(hours=2)
    scheduled = await site.act("manager", reviewed, "schedule", at=at.isoformat())
    assert scheduled["state"] == "scheduled"
    assert await fire() == 0
    assert await site.feed("李欣", "1号楼") == []
    await forward(timedelta(hours=2, minutes=1))
    while await fire():
        pass
    # The sessions of the fixture are still good; everybody concerned has it, once.
    answer = await site.ask("李欣", "GET", f"/ownerships/{site.homes['1号楼']}/posts")
    [shown] = answer.json()["items"]
    assert (shown["id"], shown["desk"], shown["buildings"][0]["percent"]) == (post["id"], None, 65)
    link = shown["photos"][0]["sizes"]["thumbnail"]["link"]
    assert (await site.client.get(link)).status_code == 200
    again = await site.ask(
        "李欣",
        "GET",
        f"/ownerships/{site.homes['1号楼']}/posts",
        headers={"if-none-match": answer.headers["etag"]},
    )
    assert again.status_code == 304
    told = await rows(process, "SELECT account_id FROM notice WHERE kind = 'progress_post'")
    assert {row.account_id for row in told} == {site.people[name] for name in ("李欣", "梁鑫", "周明")}
    assert len(told) == 3
    # In the feed it says what it says by itself, whoever's own marks and links stand in it.
    assert (await site.ask("李欣", "POST", f"/posts/{post['id']}/read")).status_code == 204
    for who in ("李欣", "梁鑫"):
        [fed] = (await site.ask(who, "GET", f"/ownerships/{site.homes['1号楼']}/posts")).json()["items"]
        assert fed == (await site.ask(who, "GET", f"/posts/{post['id']}")).json()
        assert (fed["read_at"] is None) == (who == "梁鑫")
        shown_to = fed["photos"][0]["sizes"]["full"]["link"]
        assert (await site.client.get(shown_to)).status_code == 200
    # The series of the viewpoint, to whoever may see the post.
    for who in ("李欣", "agent"):
        found = (await site.ask(who, "GET", f"/projects/{site.project}/viewpoints")).json()["items"]
        assert [(one["name"], [photo["post"] for photo in one["photos"]]) for one in found] == [
            ("1号楼南立面", [post["id"]])
        ]


async def test_what_was_published_stays_as_it_is(
    site: Site, fire: Fire, forward: Forward, process: Process, work: Begin
) -> None:
    photo = await kept_photo(process, site.people["writer"])
    post = await site.published(fire, photos=[{"file": photo}])
    changes = (
        "UPDATE post SET text = 'x'",
        "UPDATE post SET state = 'reviewed', publish_at = NULL, scheduled_by = NULL, published_at = NULL",
        "DELETE FROM post",
        "DELETE FROM post_photo",
        "UPDATE post_photo SET caption = 'x'",
        f"INSERT INTO post_building VALUES ('{post['id']}', '{site.buildings['1号楼']}', 5)",
    )
    for change in changes:
        with pytest.raises(IntegrityError, match="stays as it is"):
            async with work() as unit:
                await unit.execute(text(change))
    for method, path in (("PUT", ""), ("DELETE", "")):
        sent = {"json": {"title": "a", "text": "b"}} if method == "PUT" else {}
        answer = await site.ask("writer", method, f"/posts/{post['id']}{path}", **sent)
        assert (answer.status_code, answer.json()["code"]) == (409, "post_published")
    # A mistake is put right by a post that follows and names it, for those whom the first was for.
    correction = await site.published(
        fire, kind="correction", corrects=post["id"], title="更正", everywhere=False
    )
    assert correction["everywhere"] is True
    first = (await site.ask("周明", "GET", f"/posts/{post['id']}")).json()
    assert first["corrected_by"] == [correction["id"]]
    # Within minutes it can be taken back, after that it stands.
    taken = await site.ask(
        "manager", "POST", f"/posts/{correction['id']}/withdrawal", json={"reason": "照片放错楼栋"}
    )
    assert taken.json()["state"] == "taken_back"
    assert (await site.ask("周明", "GET", f"/posts/{correction['id']}")).status_code == 404
    assert await site.feed("周明", "2号楼") == [post["id"]]
    await forward(timedelta(minutes=16))
    late = await site.ask(
        "manager", "POST", f"/posts/{post['id']}/withdrawal", json={"reason": "照片放错楼栋"}
    )
    assert (late.status_code, late.json()["code"]) == (409, "post_stands")


async def test_a_post_for_one_building_is_seen_there_and_by_who_buys_there_later(
    site: Site, fire: Fire, drain: Drain, client: AsyncClient, process: Process, signed_in: SignedIn
) -> None:
    photo = await kept_photo(process, site.people["writer"])
    post = await site.published(
        fire,
        everywhere=False,
        buildings=[{"building": str(site.buildings["2号楼"])}],
        photos=[{"file": photo, "viewpoint": "2号楼"}],
    )
    assert await site.feed("李欣", "1号楼") == []
    assert (await site.ask("李欣", "GET", f"/files/{photo}")).status_code == 404
    assert (await site.ask("李欣", "GET", f"/projects/{site.project}/viewpoints")).json()["items"] == []
    assert await site.feed("周明", "2号楼") == [post["id"]]
    shown = (await site.ask("周明", "GET", f"/posts/{post['id']}")).json()
    link = shown["photos"][0]["sizes"]["full"]["link"]
    assert (await client.get(link)).status_code == 200
    # The home is sold: its buyer has the series from its beginning, the seller nothing more, not even by an old link.
    sold = await site.ask(
        "manager",
        "POST",
        f"/ownerships/{site.homes['2号楼']}/resale",
        json={
            "buyer": [{"name": "王芳", "phone": "13688889999"}],
            "contract_no": "合同-3",
            "signed_on": local_date(process.clock.now()).isoformat(),
        },
    )
    assert sold.status_code == 201, sold.text
    await drain()
    site.homes["sold"] = UUID(sold.json()["id"])
    site.headers["王芳"] = await signed_in(await account_of(process, "+8613688889999"))
    assert await site.feed("王芳", "sold") == [post["id"]]
    assert (await client.get(link)).status_code == 404
    assert (await site.ask("周明", "GET", f"/posts/{post['id']}")).status_code == 404


async def test_a_change_of_planning_is_confirmed_by_its_readers(
    site: Site, fire: Fire, process: Process
) -> None:
    """S3-20: told by every channel, confirmed read; staff see by whom, masked."""
    post = await site.published(fire, kind="planning_or_design_change", title="中心花园调整")
    assert post["must_confirm"]
    assert (await site.ask("李欣", "POST", f"/posts/{post['id']}/read")).status_code == 204
    for _ in range(2):
        assert (await site.ask("周明", "POST", f"/posts/{post['id']}/confirmation")).status_code == 204
    other = await site.published(fire)
    refused = await site.ask("周明", "POST", f"/posts/{other['id']}/confirmation")
    assert (refused.status_code, refused.json()["code"]) == (409, "nothing_to_confirm")

    async def listed(state: str) -> list[tuple[str, str]]:
        found = await site.ask("agent", "GET", f"/posts/{post['id']}/receipts", params={"state": state})
        return sorted((one["name"], one["phone"]) for one in found.json()["items"])

    assert await listed("confirmed") == [("周*", "+86 137****5678")]
    assert [name for name, _ in await listed("read")] == ["周*", "李*"]
    assert [name for name, _ in await listed("unread")] == ["梁*"]
    desk = (await site.ask("agent", "GET", f"/posts/{post['id']}")).json()["desk"]
    assert (desk["told"], desk["read"], desk["confirmed"]) == (3, 2, 1)
    by_subject = "SELECT kind, count(*) AS n FROM notice WHERE subject_id = :id GROUP BY kind"
    [told] = await rows(process, by_subject, id=UUID(post["id"]))
    assert (told.kind, told.n) == ("progress_notice_to_confirm", 3)
    # What puts it right must reach everybody and be confirmed as well, not ring where a phone happens to be.
    corrected = await site.published(fire, kind="correction", corrects=post["id"], title="中心花园调整更正")
    assert corrected["must_confirm"]
    [told] = await rows(process, by_subject, id=UUID(corrected["id"]))
    assert (told.kind, told.n) == ("progress_notice_to_confirm", 3)


POSTS = (
    "SELECT m.state, m.occurrence, m.evidence, t.state AS task"
    " FROM milestone m LEFT JOIN task t ON t.milestone_id = m.id"
    " WHERE m.obligation = 'progress-post' ORDER BY m.occurrence"
)


async def test_the_month_has_its_post_or_is_late(
    site: Site, fire: Fire, forward: Forward, process: Process, signed_in: SignedIn
) -> None:
    """S3-26, TM-05, CT-09: a progress post of the month meets it; what is missing is an overdue task."""

    async def of(month: date) -> tuple[str, str | None]:
        found = [row for row in await rows(process, POSTS) if row.occurrence == month]
        return (found[0].state, found[0].task)

    month = local_date(process.clock.now()).replace(day=1)
    assert (await of(month)) == ("due", "open")
    await site.published(fire, kind="letter_home", title="家书")
    assert (await of(month)) == ("due", "open")
    post = await site.published(fire)
    assert post["month"] == month.isoformat()
    assert (await of(month)) == ("done", "done")
    [evidence] = [row.evidence for row in await rows(process, POSTS) if row.occurrence == month]
    assert evidence == [{"kind": "publication", "id": post["id"]}]
    # Taken back, it is owed again; a second post of the month meets it again.
    assert (
        await site.ask("manager", "POST", f"/posts/{post['id']}/withdrawal", json={"reason": "数据有误"})
    ).status_code == 200
    assert (await of(month)) == ("due", "open")
    second = await site.published(fire)
    assert (await of(month)) == ("done", "done")
    assert second["id"] != post["id"]
    # A month goes by without a post, and the next has begun: that is alarmed as overdue, until a post names it.
    missed = (month + timedelta(days=32)).replace(day=1)
    next_one = (missed + timedelta(days=32)).replace(day=15)
    await forward(timedelta(days=(next_one - local_date(process.clock.now())).days))
    while await fire():
        pass
    assert (await of(missed)) == ("late", "open")
    for name in ("writer", "manager"):
        site.headers[name] = await signed_in(site.people[name])
    overdue = await site.ask("manager", "GET", "/tasks", params={"mine": "false", "overdue": "true"})
    assert [task["obligation"] for task in overdue.json()["items"]].count("progress-post") == 1
    await site.published(fire, month=missed.isoformat())
    assert (await of(missed)) == ("done", "done")


async def test_a_request_sent_again_makes_one_post(site: Site, process: Process, work: Begin) -> None:
    """Item 5: a phone that never saw the answer sends the same again, under its own id or an Idempotency-Key."""
    post_id = str(new_id())
    first, second = await site.begin(id=post_id), await site.begin(id=post_id)
    assert first["id"] == second["id"] == post_id
    taken = await site.ask(
        "writer",
        "POST",
        f"/projects/{site.project}/posts",
        json={"id": post_id, "kind": "progress", "title": "另一条", "text": "b"},
    )
    assert (taken.status_code, taken.json()["code"]) == (409, "post_id_taken")
    asked = {"kind": "newsletter", "title": "会员通讯", "text": "第一期", "steps": []}
    answers = [
        await site.ask(
            "writer",
            "POST",
            f"/projects/{site.project}/posts",
            json=asked,
            headers={"idempotency-key": "phone-1"},
        )
        for _ in range(2)
    ]
    assert answers[0].json() == answers[1].json()
    assert answers[1].headers["idempotent-replay"] == "true"
    listed = (await site.ask("agent", "GET", f"/projects/{site.project}/posts", params={"limit": 1})).json()
    assert (len(listed["items"]), listed["next"] is not None) == (1, True)
    rest = await site.ask(
        "agent", "GET", f"/projects/{site.project}/posts", params={"limit": 5, "cursor": listed["next"]}
    )
    assert [one["id"] for one in listed["items"] + rest.json()["items"]].count(post_id) == 1
    assert len(rest.json()["items"]) == 1


async def test_what_cannot_be_meant_is_refused_by_name(site: Site, process: Process, fire: Fire) -> None:
    strange = str(new_id())
    asked = {
        "kind": "progress",
        "title": "a",
        "text": "b",
        "everywhere": False,
        "buildings": [{"building": strange}],
        "steps": ["STEP-9"],
        "month": "2026-01-02",
        "slots": [
            {
                "place": "东门",
                "starts_at": "2026-12-01T10:00:00+08:00",
                "ends_at": "2026-12-01T09:00:00+08:00",
                "capacity": 5,
            }
        ],
    }
    answer = await site.ask("writer", "POST", f"/projects/{site.project}/posts", json=asked)
    assert answer.status_code == 422
    assert {(one["field"], one["code"]) for one in answer.json()["errors"]} == {
        ("buildings.0.building", "building_unknown"),
        ("steps.0", "step_unknown"),
        ("month", "month_not_first"),
        ("slots", "only_of_open_days"),
        ("slots.0.ends_at", "slot_reversed"),
    }
    others = await kept_photo(process, site.people["manager"])
    stolen = await site.ask(
        "writer",
        "POST",
        f"/projects/{site.project}/posts",
        json={"kind": "progress", "title": "a", "text": "b", "photos": [{"file": others}]},
    )
    assert stolen.status_code == 404
    for more, code in (
        ({"kind": "correction"}, "corrects_missing"),
        ({"kind": "correction", "corrects": strange}, "corrects_unknown"),
        ({"kind": "letter_home", "corrects": strange}, "only_of_corrections"),
    ):
        said = {"title": "a", "text": "b"} | more
        answer = await site.ask("writer", "POST", f"/projects/{site.project}/posts", json=said)
        assert (answer.status_code, answer.json()["code"]) == (422, code)


async def test_a_post_is_changed_called_off_and_thrown_away_before_it_is_published(
    site: Site, fire: Fire, forward: Forward, process: Process
) -> None:
    photo, second = [await kept_photo(process, site.people["writer"]) for _ in range(2)]
    post = await site.begin(photos=[{"file": photo}])
    edited = await site.ask(
        "manager",
        "PUT",
        f"/posts/{post['id']}",
        json={"title": "改", "text": "改过", "photos": [{"file": photo}]},
        headers={"if-match": '"1"'},
    )
    assert edited.status_code == 200, edited.text
    own = await site.ask(
        "manager",
        "POST",
        f"/posts/{post['id']}/review",
        json={"approved": True},
        headers={"if-match": edited.headers["etag"]},
    )
    assert (own.status_code, own.json()["code"]) == (403, "review_your_own")
    reviewed = await site.act("head", edited.json(), "review", approved=True)
    await site.act("head", reviewed, "schedule", at=(process.clock.now() + timedelta(hours=1)).isoformat())
    locked = await site.ask(
        "writer", "PUT", f"/posts/{post['id']}", json={"title": "a", "text": "b"}, headers={"if-match": "*"}
    )
    assert (locked.status_code, locked.json()["code"]) == (409, "post_scheduled")
    off = await site.ask("head", "DELETE", f"/posts/{post['id']}/schedule")
    assert off.json()["state"] == "reviewed"
    await forward(timedelta(hours=2))
    await fire()
    changed = await site.ask(
        "writer",
        "PUT",
        f"/posts/{post['id']}",
        json={"title": "a", "text": "b", "photos": [{"file": second}]},
        headers={"if-match": off.headers["etag"]},
    )
    assert (changed.json()["state"], changed.json()["photos"][0]["file"]) == ("draft", second)
    assert (await site.ask("writer", "DELETE", f"/posts/{post['id']}")).status_code == 204
    assert (await site.ask("writer", "GET", f"/posts/{post['id']}")).status_code == 404
    # What nothing shows any more is swept when its time is over.
    assert (await rows(process, "SELECT count(*) AS n FROM file_use"))[0].n == 0
    due = await rows(process, "SELECT key FROM timer WHERE kind = 'files.sweep' AND state = 'pending'")
    assert {row.key for row in due} >= {photo, second}
