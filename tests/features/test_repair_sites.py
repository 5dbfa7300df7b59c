"""What a project's repairs stand on: published prices in versions, who built it, its joint repair team."""

from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from backend.core.clock import local_date
from backend.platform.process import Process
from tests.fixtures.posts import Site
from tests.fixtures.process import Begin

TAP = {"code": "tap", "name": "更换水龙头", "unit": "个", "price_fen": 12_000, "note": "不含材料"}
PAINT = {"code": "paint", "name": "墙面修补", "unit": "平方米", "price_fen": 4_550, "note": None}


async def test_prices_are_published_in_versions_that_stay(site: Site, work: Begin) -> None:
    """CT-36: paid work has a published price list."""
    path = f"/projects/{site.project}/price-list"
    none = await site.ask("李欣", "GET", path)
    assert (none.json()["number"], none.json()["items"], none.headers["etag"]) == (0, [], '"0"')
    asked = {"items": [TAP, PAINT], "reason": "公布"}
    for who, status in (("agent", 403), ("李欣", 403)):
        assert (await site.ask(who, "PUT", path, json=asked)).status_code == status
    unseen = await site.ask("manager", "PUT", path, json=asked)
    assert (unseen.status_code, unseen.json()["code"]) == (422, "if_match_required")
    first = await site.ask("manager", "PUT", path, json=asked, headers={"if-match": '"0"'})
    assert (first.status_code, first.json()["items"]) == (200, [TAP, PAINT])
    stale = await site.ask("manager", "PUT", path, json=asked, headers={"if-match": '"0"'})
    assert (stale.status_code, stale.json()["present"]["number"]) == (412, 1)
    twice = await site.ask(
        "manager", "PUT", path, json=asked | {"items": [TAP, TAP]}, headers={"if-match": '"1"'}
    )
    assert (twice.status_code, twice.json()["errors"][0]["field"]) == (422, "items.1.code")
    for wrong in (-1, 1.5, "12", True, 10**15):
        item = TAP | {"price_fen": wrong}
        answer = await site.ask(
            "manager", "PUT", path, json=asked | {"items": [item]}, headers={"if-match": "*"}
        )
        assert answer.status_code == 422, wrong
    dearer = asked | {"items": [TAP | {"price_fen": 15_000}]}
    await site.ask("manager", "PUT", path, json=dearer, headers={"if-match": '"1"'})
    # Whoever lives there reads what stands and what stood; the past cannot be rewritten.
    now = (await site.ask("周明", "GET", path)).json()
    assert (now["number"], now["items"][0]["price_fen"]) == (2, 15_000)
    assert (await site.ask("周明", "GET", path, params={"number": 1})).json()["items"] == [TAP, PAINT]
    assert (await site.ask("周明", "GET", path, params={"number": 3})).status_code == 404
    for change in ("UPDATE price_item SET price_fen = 0", "DELETE FROM price_list"):
        with pytest.raises(IntegrityError, match="append only"):
            async with work() as unit:
                await unit.execute(text(change))


async def test_who_built_a_project_is_named_once(site: Site) -> None:
    path = f"/projects/{site.project}/construction-companies"
    for name in ("Bau AG", "华建三公司", "安装公司"):
        made = await site.ask("manager", "POST", path, json={"name": name, "works": "土建"})
        assert made.status_code == 201, made.text
    again = await site.ask("manager", "POST", path, json={"name": "BAU ag"})
    assert (again.status_code, again.json()["code"]) == (409, "company_named_already")
    assert (await site.ask("agent", "POST", path, json={"name": "别家"})).status_code == 403
    first = (await site.ask("agent", "GET", path, params={"limit": 2})).json()
    rest = (await site.ask("agent", "GET", path, params={"cursor": first["next"]})).json()
    names = [one["name"] for one in first["items"] + rest["items"]]
    assert (sorted(names), len(first["items"]), rest["next"]) == (
        sorted(["Bau AG", "华建三公司", "安装公司"]),
        2,
        None,
    )


async def test_the_joint_team_exists_from_mass_move_in_for_three_months(
    site: Site, process: Process, work: Begin
) -> None:
    """SN-45 to SN-47, TM-11, CT-18: start and end are dates; whoever left stays on record."""
    path = f"/projects/{site.project}/joint-repair-team"
    # While the project has set no day, it follows from the day its homes are due.
    empty = (await site.ask("agent", "GET", path)).json()
    due = local_date(process.clock.now()) + timedelta(days=400)
    assert (empty["state"], empty["starts_on"], empty["members"]) == ("to_come", due.isoformat(), [])
    joins = {"account": str(site.people["writer"]), "duty": "repairs", "unit": "工程部"}
    assert (await site.ask("agent", "POST", f"{path}/members", json=joins)).status_code == 403
    team = (await site.ask("manager", "POST", f"{path}/members", json=joins)).json()
    watches = joins | {"account": str(site.people["agent"]), "duty": "progress_and_claims", "unit": "客服部"}
    assert (await site.ask("manager", "POST", f"{path}/members", json=watches)).status_code == 201
    again = await site.ask("manager", "POST", f"{path}/members", json=joins)
    assert (again.status_code, again.json()["code"]) == (409, "in_team_already")
    nobody = await site.ask(
        "manager", "POST", f"{path}/members", json=joins | {"account": str(site.people["李欣"])}
    )
    assert (nobody.status_code, nobody.json()["code"]) == (422, "staff_unknown")
    today = local_date(process.clock.now())

    async def begins(days: int) -> dict[str, object]:
        async with work() as unit:
            await unit.execute(
                text("UPDATE project SET mass_move_in_on = :day WHERE node_id = :id"),
                {"day": today + timedelta(days=days), "id": site.project},
            )
        answer: dict[str, object] = (await site.ask("agent", "GET", path)).json()
        return answer

    to_come, exists, over = await begins(1), await begins(0), await begins(-93)
    assert [one["state"] for one in (to_come, exists, over)] == ["to_come", "exists", "over"]
    # Nobody is on duty for a team that does not exist; without shifts they are around the clock while it does.
    for one, on_duty in ((to_come, False), (exists, True), (over, False)):
        members = one["members"]
        assert isinstance(members, list)
        assert [member["on_duty"] for member in members] == [on_duty, on_duty]
    late = await site.ask(
        "manager", "POST", f"{path}/members", json=joins | {"account": str(site.people["head"])}
    )
    assert (late.status_code, late.json()["code"]) == (409, "team_over")
    member = team["members"][0]["id"]
    for _ in range(2):
        assert (await site.ask("manager", "DELETE", f"{path}/members/{member}")).status_code == 204
    left = (await site.ask("agent", "GET", path)).json()["members"]
    assert [one["left_at"] is None for one in left] == [False, True]
