"""Employees, kept by administrators."""

import asyncio
from collections import Counter
from typing import Any

import pytest
from httpx import AsyncClient, Response

from backend.features.people.rules import ROLES
from backend.platform.tree import add_node, root_node
from tests.fixtures.people import PASSWORD, SignedIn
from tests.fixtures.process import Begin

STRONG = "battery-staple-9"


@pytest.fixture
async def admin(staffed: SignedIn) -> dict[str, str]:
    return await staffed("A1", "administrator")


async def add(client: AsyncClient, header: dict[str, str], **change: Any) -> Response:
    given = {"employee_no": "T1", "name": "张三", "password": STRONG, **change}
    return await client.post("/v1/staff", json=given, headers=header)


async def test_an_employee_is_added_and_signs_in_at_once_and_sees_nothing(
    client: AsyncClient, admin: dict[str, str]
) -> None:
    added = await add(client, admin, phone="138 0000 0001")
    assert added.status_code == 201
    assert added.json() == {
        "id": added.json()["id"], "employee_no": "T1", "name": "张三", "phone": "+8613800000001", "disabled": False,
    }  # fmt: skip
    opened = await client.post("/v1/auth/staff-sessions", json={"employee_no": "T1", "password": STRONG})
    header = {"authorization": f"Bearer {opened.json()['token']}"}
    for path in ("/v1/staff", "/v1/positions", "/v1/nodes"):
        assert (await client.get(path, headers=header)).status_code == 403


async def test_the_phone_an_employee_is_called_at_can_be_changed_and_taken_away(
    client: AsyncClient, admin: dict[str, str]
) -> None:
    address = f"/v1/staff/{(await add(client, admin)).json()['id']}"
    for sent, kept in (("139 0000 0002", "+8613900000002"), (None, None)):
        changed = await client.patch(address, json={"phone": sent}, headers=admin)
        assert changed.status_code == 200
        assert changed.json()["phone"] == kept
    await client.patch(address, json={"phone": "13900000003"}, headers=admin)
    assert (await client.patch(address, json={"name": "李四"}, headers=admin)).json()["phone"] is not None
    refused = await client.patch(address, json={"phone": "12"}, headers=admin)
    assert refused.status_code == 422
    assert [one["field"] for one in refused.json()["errors"]] == ["phone"]


@pytest.mark.parametrize("taken", ["T1", "t1"])
async def test_a_number_belongs_to_one_employee_even_at_the_same_moment(
    client: AsyncClient, admin: dict[str, str], taken: str
) -> None:
    answers = await asyncio.gather(
        *(add(client, admin, employee_no=number) for number in ("T1", taken, taken))
    )
    assert Counter(one.status_code for one in answers) == {201: 1, 409: 2}
    assert {one.json()["code"] for one in answers if one.status_code == 409} == {"employee_no_taken"}


async def test_what_cannot_be_an_employee_is_refused_by_field(
    client: AsyncClient, admin: dict[str, str]
) -> None:
    for change, field, code in (
        ({"employee_no": "工号"}, "employee_no", "string_pattern_mismatch"),
        ({"employee_no": "T1\n"}, "employee_no", "string_pattern_mismatch"),
        ({"employee_no": ""}, "employee_no", "string_pattern_mismatch"),
        ({"name": " "}, "name", "string_too_short"),
        ({"password": "short"}, "password", "password_weak"),
        ({"password": "password123"}, "password", "password_weak"),
        ({"password": "xxT1xxxyyyzzz"}, "password", "password_weak"),
        ({"password": "aaaaaaaaaaaaa"}, "password", "password_weak"),
        ({"password": "a\x00bcdefghijkl"}, "password", "control_character"),
        ({"phone": "12345"}, "phone", "phone_invalid"),
    ):
        refused = await add(client, admin, **change)
        assert refused.status_code == 422, change
        assert [(error["field"], error["code"]) for error in refused.json()["errors"]] == [(field, code)]
        assert str(change.get("password", "§")) not in refused.text


async def test_only_administrators_keep_employees(
    client: AsyncClient, staffed: SignedIn, admin: dict[str, str]
) -> None:
    someone = (await add(client, admin)).json()["id"]
    for number, role in enumerate(ROLES):
        header = await staffed(f"R{number}", role)
        status = 200 if role == "administrator" else 403
        assert (await client.get("/v1/staff", headers=header)).status_code == status
        assert (await client.get(f"/v1/staff/{someone}", headers=header)).status_code == status
        edited = await client.patch(f"/v1/staff/{someone}", json={"name": "李四"}, headers=header)
        assert edited.status_code == status


async def test_a_regional_administrator_neither_sees_nor_changes_whoever_stands_above_or_beside(
    client: AsyncClient, staffed: SignedIn, admin: dict[str, str], work: Begin
) -> None:
    async with work() as session:
        company = await root_node(session)
        shanghai = await add_node(session, company, "region", name="上海", key="上海")
        beijing = await add_node(session, company, "region", name="北京", key="北京")
    regional = await staffed("A2", "administrator", shanghai)
    await staffed("B1", "customer_manager", shanghai)
    await staffed("B2", "customer_manager", beijing)
    by_number = {
        one["employee_no"]: one["id"]
        for one in (await client.get("/v1/staff", headers=admin)).json()["items"]
    }
    seen = (await client.get("/v1/staff", headers=regional)).json()["items"]
    assert [one["employee_no"] for one in seen] == ["A2", "B1"]
    for number in ("A1", "B2"):
        address = f"/v1/staff/{by_number[number]}"
        assert (await client.get(address, headers=regional)).status_code == 404
        for change in ({"disabled": True}, {"password": STRONG}, {"name": "别人"}):
            assert (await client.patch(address, json=change, headers=regional)).status_code == 404
    assert (await client.get("/v1/me", headers=admin)).status_code == 200


async def test_employees_are_found_by_part_of_name_or_number_and_signs_are_only_signs(
    client: AsyncClient, admin: dict[str, str]
) -> None:
    await add(client, admin, employee_no="T_1", name="张三")
    await add(client, admin, employee_no="TX2", name="李100%")
    for words, found in (
        ("张", ["T_1"]),
        ("t_", ["T_1"]),
        ("%", ["TX2"]),
        ("\\", []),
        ("x", ["TX2"]),
        ("无", []),
    ):
        items = (await client.get("/v1/staff", params={"q": words}, headers=admin)).json()["items"]
        assert [one["employee_no"] for one in items] == found, words


async def test_a_new_password_from_an_administrator_ends_sessions_and_takes_the_authenticator_away(
    client: AsyncClient, admin: dict[str, str], staffed: SignedIn
) -> None:
    header = await staffed("T1")
    me = (await client.get("/v1/me", headers=header)).json()["id"]
    changed = await client.patch(f"/v1/staff/{me}", json={"password": STRONG}, headers=admin)
    assert changed.status_code == 200
    assert (await client.get("/v1/me", headers=header)).status_code == 401
    for password, status in ((PASSWORD, 401), (STRONG, 201)):
        opened = await client.post(
            "/v1/auth/staff-sessions", json={"employee_no": "T1", "password": password}
        )
        assert opened.status_code == status


async def test_edits_of_one_employee_at_once_all_pass(client: AsyncClient, admin: dict[str, str]) -> None:
    someone = (await add(client, admin)).json()["id"]
    answers = await asyncio.gather(
        *(client.patch(f"/v1/staff/{someone}", json={"name": f"名{n}"}, headers=admin) for n in range(6))
    )
    assert {one.status_code for one in answers} == {200}
    refused = await client.patch(f"/v1/staff/{someone}", json={}, headers=admin)
    assert (refused.status_code, refused.json()["code"]) == (422, "nothing_to_change")


async def test_an_owner_is_no_employee(
    client: AsyncClient, admin: dict[str, str], signed_in: SignedIn, work: Begin
) -> None:
    me = (await client.get("/v1/me", headers=admin)).json()["id"]
    assert (await client.get(f"/v1/staff/{me}", headers=admin)).status_code == 200
    assert (
        await client.get("/v1/staff/0199d6a0-7c2e-7000-8000-6d1c5e0f4b11", headers=admin)
    ).status_code == 404
