"""Households: what each role may do, invitations, leaving, and the end at a resale."""

import asyncio
import itertools
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from httpx import AsyncClient, Response
from sqlalchemy import text

from backend.core.ids import new_id
from backend.features.estate.models import Home, Ownership, Project
from backend.features.people.models import HouseholdMember
from backend.features.people.rules import HOUSEHOLD_SIGHT, INVITATION_LIFE
from backend.features.people.service import end_household
from backend.platform.process import Process
from backend.platform.tree import add_node, root_node
from tests.fixtures.people import SignedIn, owner_account
from tests.fixtures.process import Begin, Forward

GUEST = "+8613900000009"


@dataclass(frozen=True, slots=True)
class Family:
    """A household with one person of every role: their headers and membership ids by role; and a guest outside."""

    ownership: UUID
    headers: dict[str, dict[str, str]]
    members: dict[str, UUID]

    @property
    def home(self) -> str:
        return f"/v1/ownerships/{self.ownership}"


Households = Callable[[], Awaitable[Family]]


@pytest.fixture
async def households(process: Process, work: Begin, signed_in: SignedIn) -> Households:
    """`await households()` is a household in a home of its own; all of them are made of the same people."""
    async with work() as session:
        region = await add_node(session, await root_node(session), "region", name="上海", key="上海")
        project = await add_node(session, region, "project", name="朗润园", key="朗润园")
        building = await add_node(session, project, "building", name="1号楼", key="1")
        session.add(Project(node_id=project.id, region_id=region.id, name="朗润园"))
        ids = {
            role: (await owner_account(session, f"+861380000000{number}", role)).id
            for number, role in enumerate(HOUSEHOLD_SIGHT)
        }
        ids["guest"] = (await owner_account(session, GUEST, "guest")).id
    headers = {role: await signed_in(account) for role, account in ids.items()}
    rooms = itertools.count(101)

    async def settle() -> Family:
        room = str(next(rooms))
        members = {role: new_id() for role in HOUSEHOLD_SIGHT}
        async with work() as session:
            home = Home(
                id=new_id(), project_id=project.id, building_id=building.id, building="1号楼", building_key="1",
                room=room, room_key=room, sort_key=room,
            )  # fmt: skip
            session.add(home)
            await session.flush()
            ownership = Ownership(
                id=new_id(), home_id=home.id, project_id=project.id, current_from=date(2022, 1, 1)
            )
            session.add(ownership)
            await session.flush()
            session.add_all(
                HouseholdMember(
                    id=member,
                    ownership_id=ownership.id,
                    account_id=ids[role],
                    role=role,
                    since=process.clock.now(),
                )
                for role, member in members.items()
            )
        return Family(ownership.id, headers, members)

    return settle


@pytest.fixture
async def family(households: Households) -> Family:
    return await households()


async def invite(
    client: AsyncClient, family: Family, phone: str = GUEST, role: str = "tenant", by: str = "owner"
) -> Response:
    return await client.post(
        f"{family.home}/invitations", json={"phone": phone, "role": role}, headers=family.headers[by]
    )


async def answer(
    client: AsyncClient, family: Family, invitation: str, how: str = "acceptance", by: str = "guest"
) -> Response:
    return await client.post(f"/v1/invitations/{invitation}/{how}", headers=family.headers[by])


async def invited(client: AsyncClient, family: Family, **how: str) -> str:
    asked = await invite(client, family, **how)
    assert asked.status_code == 201, asked.text
    invitation: str = asked.json()["id"]
    return invitation


Verb = Callable[[AsyncClient, Family, str], Awaitable[Response]]


async def see(client: AsyncClient, family: Family, who: str) -> Response:
    return await client.get(f"{family.home}/household", headers=family.headers[who])


async def see_invitations(client: AsyncClient, family: Family, who: str) -> Response:
    return await client.get(f"{family.home}/invitations", headers=family.headers[who])


async def ask_somebody(client: AsyncClient, family: Family, who: str) -> Response:
    return await invite(client, family, by=who)


async def withdraw(client: AsyncClient, family: Family, who: str) -> Response:
    invitation = await invited(client, family)
    return await client.delete(f"/v1/invitations/{invitation}", headers=family.headers[who])


async def remove_tenant(client: AsyncClient, family: Family, who: str) -> Response:
    return await client.delete(
        f"{family.home}/household/{family.members['tenant']}", headers=family.headers[who]
    )


async def leave(client: AsyncClient, family: Family, who: str) -> Response:
    member = family.members.get(who, family.members["family"])
    return await client.delete(f"{family.home}/household/{member}", headers=family.headers[who])


# Of each verb: the status for owner, family, tenant, and somebody who does not belong to the home.
TABLE: list[tuple[Verb, tuple[int, int, int, int]]] = [
    (see, (200, 200, 403, 404)),
    (see_invitations, (200, 403, 403, 404)),
    (ask_somebody, (201, 403, 403, 404)),
    (withdraw, (204, 403, 403, 404)),
    (remove_tenant, (204, 403, 204, 404)),
    (leave, (409, 204, 204, 404)),
]


async def test_each_role_may_what_the_table_says(
    client: AsyncClient, households: Households, subtests: pytest.Subtests
) -> None:
    for verb, statuses in TABLE:
        for who, status in zip(("owner", "family", "tenant", "guest"), statuses, strict=True):
            with subtests.test(verb=verb.__name__, who=who):
                answered = await verb(client, await households(), who)
                assert answered.status_code == status, answered.text


async def test_the_household_is_listed_owners_first_with_phones_in_clear(
    client: AsyncClient, family: Family
) -> None:
    items = (await see(client, family, "family")).json()["items"]
    assert [(item["role"], item["phone"]) for item in items] == [
        (role, f"+861380000000{number}") for number, role in enumerate(HOUSEHOLD_SIGHT)
    ]


async def test_an_invitation_is_seen_by_its_phone_and_accepted_by_nobody_else(
    client: AsyncClient, family: Family, staffed: SignedIn
) -> None:
    invitation = await invited(client, family)
    [mine] = (await client.get("/v1/me/invitations", headers=family.headers["guest"])).json()["items"]
    assert mine["id"] == invitation
    for who in ("owner", "family", "tenant"):
        for how in ("acceptance", "refusal"):
            assert (await answer(client, family, invitation, how, who)).status_code == 404
    staff = await staffed("A1", "administrator")
    assert (await client.post(f"/v1/invitations/{invitation}/acceptance", headers=staff)).status_code == 403
    accepted = await answer(client, family, invitation)
    assert (accepted.status_code, accepted.json()["ownership"]) == (201, str(family.ownership))
    assert (await see(client, family, "guest")).status_code == 403  # a tenant by now
    again = await answer(client, family, invitation)
    assert (again.status_code, again.json()["code"]) == (409, "invitation_over")


async def test_an_invited_phone_that_nobody_knew_can_sign_in(
    client: AsyncClient, family: Family, texts_to: Any
) -> None:
    await invited(client, family, phone="13700000007")
    assert (await client.post("/v1/auth/codes", json={"phone": "13700000007"})).status_code == 202
    code, asked_in = await texts_to("+8613700000007")
    assert "验证码" in code
    assert "邀请您加入" in asked_in  # there is no device of theirs yet, so the SMS goes at once


async def test_a_declined_or_withdrawn_invitation_is_over_and_may_be_made_again(
    client: AsyncClient, family: Family
) -> None:
    invitation = await invited(client, family)
    assert (await answer(client, family, invitation, "refusal")).status_code == 204
    assert (await answer(client, family, invitation)).status_code == 409
    invitation = await invited(client, family)
    assert (
        await client.delete(f"/v1/invitations/{invitation}", headers=family.headers["owner"])
    ).status_code == 204
    assert (await answer(client, family, invitation)).json()["code"] == "invitation_over"
    assert (await answer(client, family, await invited(client, family, role="family"))).status_code == 201
    assert (await see(client, family, "guest")).status_code == 200


@pytest.mark.parametrize(
    ("phone", "status", "code"),
    [
        ("13800000000", 409, "already_member"),
        ("+86 138 0000 0002", 409, "already_member"),
        ("12345", 422, "phone_invalid"),
    ],
)
async def test_who_cannot_be_invited_is_refused_by_field(
    client: AsyncClient, family: Family, phone: str, status: int, code: str
) -> None:
    refused = await invite(client, family, phone)
    assert refused.status_code == status
    [error] = refused.json()["errors"]
    assert (error["field"], error["code"]) == ("phone", code)


async def test_two_simultaneous_invitations_of_one_phone_make_one(
    client: AsyncClient, family: Family
) -> None:
    answers = await asyncio.gather(*(invite(client, family) for _ in range(5)))
    assert Counter(one.status_code for one in answers) == {201: 1, 409: 4}
    assert {one.json()["code"] for one in answers if one.status_code == 409} == {"already_invited"}


async def test_two_simultaneous_answers_count_once(client: AsyncClient, family: Family, work: Begin) -> None:
    invitation = await invited(client, family)
    hows = ["acceptance", "refusal"] * 3
    answers = await asyncio.gather(*(answer(client, family, invitation, how) for how in hows))
    statuses = Counter(one.status_code for one in answers)
    assert statuses[409] == 5
    async with work() as session:
        there = await session.scalar(text("SELECT count(*) FROM household_member WHERE role = 'tenant'"))
    assert there == 1 + statuses[201]


async def test_an_invitation_waits_two_weeks(client: AsyncClient, family: Family, forward: Forward) -> None:
    early, late = await invited(client, family), await invited(client, family, phone="13700000007")
    await forward(INVITATION_LIFE - timedelta(minutes=1))
    assert (await answer(client, family, early)).status_code == 201
    await forward(timedelta(minutes=1))
    assert (await see_invitations(client, family, "owner")).json()["items"] == []
    over = await client.delete(f"/v1/invitations/{late}", headers=family.headers["owner"])
    assert (over.status_code, over.json()["code"]) == (409, "invitation_over")
    await invited(client, family, phone="13700000007")


async def test_a_household_has_a_limit(client: AsyncClient, family: Family) -> None:
    for number in range(17):
        await invited(client, family, phone=f"137000000{number:02}")
    full = await invite(client, family)
    assert (full.status_code, full.json()["code"]) == (409, "household_full")


async def test_who_was_removed_sees_the_home_no_more(client: AsyncClient, family: Family) -> None:
    assert (await see(client, family, "family")).status_code == 200
    removed = await client.delete(
        f"{family.home}/household/{family.members['family']}", headers=family.headers["owner"]
    )
    assert removed.status_code == 204
    assert (await see(client, family, "family")).status_code == 404
    again = await client.delete(
        f"{family.home}/household/{family.members['family']}", headers=family.headers["owner"]
    )
    assert again.status_code == 404


async def test_a_resale_ends_every_sight_at_once_and_keeps_the_history(
    client: AsyncClient, family: Family, work: Begin, process: Process
) -> None:
    invitation = await invited(client, family)
    async with work() as session:
        await end_household(session, process.signals, family.ownership, now=process.clock.now())
    for who in HOUSEHOLD_SIGHT:
        assert (await see(client, family, who)).status_code == 404
        assert (await invite(client, family, by=who)).status_code == 404
    assert (await answer(client, family, invitation)).json()["code"] == "invitation_over"
    async with work() as session:
        assert (
            await session.scalar(text("SELECT count(*) FROM household_member WHERE ended_at IS NOT NULL"))
            == 3
        )


async def test_whoever_accepts_or_invites_while_the_home_is_resold_is_not_left_inside(
    client: AsyncClient, family: Family, work: Begin, process: Process
) -> None:
    invitation = await invited(client, family)
    async with work() as session:
        await end_household(session, process.signals, family.ownership, now=process.clock.now())
        racing = [
            asyncio.create_task(answer(client, family, invitation)),
            asyncio.create_task(invite(client, family, phone="13700000007")),
        ]
        done, _ = await asyncio.wait(racing, timeout=0.1)
        assert not done
    accepted, asked = await asyncio.gather(*racing)
    assert (accepted.status_code, asked.status_code) == (409, 404)
    async with work() as session:
        inside = await session.scalar(text("SELECT count(*) FROM household_member WHERE ended_at IS NULL"))
        open_still = await session.scalar(text("SELECT count(*) FROM invitation WHERE state = 'open'"))
    assert (inside, open_still) == (0, 0)
