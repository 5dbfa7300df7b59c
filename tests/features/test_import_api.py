"""Imports over the API: handed in, read by a job, looked at, written when somebody says so, and nothing given away."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from httpx import AsyncClient
from sqlalchemy import select, text

from backend.core.ids import new_id
from backend.platform.process import Process
from backend.platform.tree import Node
from tests.fixtures.application import Drain
from tests.fixtures.estate import IDENTITY, Estate, Sheet, home_row
from tests.fixtures.people import SignedIn

LI = home_row("0101", "李欣", "13542604684", 证件号码=IDENTITY)
WANG = home_row("0102", "王芳", "13688889999")
NOBODY = home_row("0103", "", "13700001234")
PLACE = {"region": "上海", "project": "朗润园"}


@pytest.fixture
async def administrator(staffed: SignedIn) -> dict[str, str]:
    return await staffed("T1", "administrator")


async def hand_in(
    client: AsyncClient, headers: dict[str, str], path: Path, name: str = "estate.csv", **place: str
) -> dict[str, Any]:
    answer = await client.post(
        "/v1/imports", files={"file": (name, path.read_bytes())}, data=place or PLACE, headers=headers
    )
    assert answer.status_code == 202, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def look(client: AsyncClient, headers: dict[str, str], held: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = (await client.get(f"/v1/imports/{held['id']}", headers=headers)).json()
    return found


async def test_from_the_sheet_to_the_estate(
    client: AsyncClient, drain: Drain, process: Process, sheet: Sheet, administrator: dict[str, str]
) -> None:
    held = await hand_in(client, administrator, sheet([LI, NOBODY, WANG]))
    assert held["state"] == "received"
    early = await client.post(f"/v1/imports/{held['id']}/commit", json={}, headers=administrator)
    assert (early.status_code, early.json()["code"]) == (409, "import_not_read_yet")
    await drain()
    read = await look(client, administrator, held)
    assert (read["state"], read["progress"], read["refusal"]) == ("read", 3, None)
    assert read["sums"] == {"rows": 3, "ok": 2, "refused": 1, "skipped": 0, "new": 2, "changed": 0, "same": 0}
    assert not list(process.settings.import_folder.iterdir())

    refused = (await client.get(read["rows"], params={"state": "refused"}, headers=administrator)).json()[
        "items"
    ]
    assert [(row["row"], row["code"], row["column"]) for row in refused] == [(3, "name_missing", "业主姓名")]
    assert "业主姓名" in refused[0]["message"]
    first = (await client.get(read["rows"], params={"limit": 2}, headers=administrator)).json()
    rest = (
        await client.get(read["rows"], params={"limit": 2, "cursor": first["next"]}, headers=administrator)
    ).json()
    assert [row["row"] for row in first["items"] + rest["items"]] == [2, 3, 4]

    address = f"/v1/imports/{held['id']}/commit"
    half = await client.post(address, json={}, headers=administrator)
    assert (half.status_code, half.json()["code"]) == (409, "import_has_refused_rows")
    for _ in range(2):
        accepted = await client.post(address, json={"accept_good_rows": True}, headers=administrator)
        assert (accepted.status_code, accepted.json()["state"]) == (202, "committing")
    await drain()
    written = await look(client, administrator, held)
    assert (written["state"], written["sums"]["new"], written["project_id"] is None) == (
        "committed",
        2,
        False,
    )
    again = await client.post(address, json={"accept_good_rows": True}, headers=administrator)
    assert (again.status_code, again.json()["committed_at"]) == (202, written["committed_at"])
    assert await drain() == 0
    homes = await client.get(f"/v1/projects/{written['project_id']}/homes", headers=administrator)
    assert [home["room"] for home in homes.json()["items"]] == ["0101", "0102"]


async def test_what_changed_since_the_report_is_weighed_anew(
    client: AsyncClient,
    drain: Drain,
    process: Process,
    sheet: Sheet,
    estate: Estate,
    administrator: dict[str, str],
) -> None:
    held = await hand_in(client, administrator, sheet([LI, WANG]))
    await drain()
    await estate([{**LI, "合同编号": "别的合同"}])
    await client.post(f"/v1/imports/{held['id']}/commit", json={}, headers=administrator)
    await drain()
    back = await look(client, administrator, held)
    assert (back["state"], back["sums"]["ok"], back["sums"]["refused"]) == ("read", 1, 1)
    async with process.works.begin() as work:
        assert await work.scalar(text("SELECT count(*) FROM home")) == 1
    await client.post(
        f"/v1/imports/{held['id']}/commit", json={"accept_good_rows": True}, headers=administrator
    )
    await drain()
    assert (await look(client, administrator, held))["state"] == "committed"
    async with process.works.begin() as work:
        assert await work.scalar(text("SELECT count(*) FROM home")) == 2


async def test_a_commit_that_was_given_up_is_tried_again_by_asking_again(
    client: AsyncClient, drain: Drain, process: Process, sheet: Sheet, administrator: dict[str, str]
) -> None:
    held = await hand_in(client, administrator, sheet([LI, WANG]))
    await drain()
    address = f"/v1/imports/{held['id']}/commit"
    await client.post(address, json={}, headers=administrator)
    async with process.works.begin() as work:
        await work.execute(text("UPDATE outbox SET state = 'parked'"))
    await drain()
    assert (await look(client, administrator, held))["state"] == "committing"
    await client.post(address, json={}, headers=administrator)
    await drain()
    assert (await look(client, administrator, held))["state"] == "committed"


async def test_two_at_once_are_both_right(
    client: AsyncClient, drain: Drain, process: Process, sheet: Sheet, administrator: dict[str, str]
) -> None:
    path = sheet([LI, WANG])
    both = await asyncio.gather(*(hand_in(client, administrator, path) for _ in range(2)))
    await drain()
    await asyncio.gather(
        *(client.post(f"/v1/imports/{held['id']}/commit", json={}, headers=administrator) for held in both)
    )
    await drain()
    found = [await look(client, administrator, held) for held in both]
    assert [one["state"] for one in found] == ["committed", "committed"]
    assert sorted((one["sums"]["new"], one["sums"]["same"]) for one in found) == [(0, 2), (2, 0)]
    async with process.works.begin() as work:
        assert await work.scalar(text("SELECT count(*) FROM home")) == 2


async def test_files_that_are_none_are_refused_whole(
    client: AsyncClient, drain: Drain, sheet: Sheet, tmp_path: Path, administrator: dict[str, str]
) -> None:
    files = {
        "not_a_workbook": (b"%PDF-1.7\n" + b"\0" * 100, PLACE),
        "damaged": (b"PK\x03\x04" + b"\0" * 100, PLACE),
        "project_unnamed": (sheet([LI]).read_bytes(), {"region": "上海"}),
        "region_unnamed": (sheet([LI]).read_bytes(), {"project": "朗润园"}),
    }
    for code, (content, place) in files.items():
        path = tmp_path / "wrong"
        path.write_bytes(content)
        held = await hand_in(client, administrator, path, "名册.xlsx", **place)
        await drain()
        found = await look(client, administrator, held)
        assert (found["state"], found["refusal"]["code"]) == ("refused", code)
        assert found["refusal"]["detail"]
        assert (await client.get(found["rows"], headers=administrator)).json()["items"] == []
        commit = await client.post(f"/v1/imports/{held['id']}/commit", json={}, headers=administrator)
        assert (commit.status_code, commit.json()["code"]) == (409, "import_refused")


async def test_requests_that_are_none_are_refused(client: AsyncClient, administrator: dict[str, str]) -> None:
    async def status(**request: Any) -> int:
        request["headers"] = {**administrator, **request.get("headers", {})}
        answer = await client.post("/v1/imports", **request)
        assert answer.status_code < 400 or answer.json()["code"]
        return answer.status_code

    part = b'--x\r\ncontent-disposition: form-data; name="file"; filename="a.csv"\r\n\r\n1\r\n'
    broken = {"content-type": "multipart/form-data; boundary=x"}
    assert await status() == 422
    assert await status(json={"file": "x"}) == 422
    assert await status(data={"file": "text"}) == 422
    assert await status(files={"file": ("a.csv", b"1")}, data={"project": "a\0b"}) == 422
    assert await status(content=b"--y nonsense", headers=broken) in {400, 422}
    wrong_text = b'--x\r\ncontent-disposition: form-data; name="region"\r\n\r\n\xff\xfe\r\n--x--\r\n'
    assert await status(content=part + wrong_text, headers=broken) < 500
    large = {"content-length": str(60 << 20)}
    assert await status(files={"file": ("a.xlsx", b"x" * (21 << 20))}) == 413
    assert await status(content=part, headers={**broken, **large}) == 413


async def test_a_file_name_is_only_ever_shown(
    client: AsyncClient, sheet: Sheet, process: Process, administrator: dict[str, str]
) -> None:
    held = await hand_in(client, administrator, sheet([LI]), "..\\../etc/pass\u202ewd.csv")
    assert held["file_name"] == "passwd.csv"
    assert [path.name for path in process.settings.import_folder.iterdir()] == [held["id"]]


async def test_who_may_import_and_where(
    client: AsyncClient,
    drain: Drain,
    process: Process,
    sheet: Sheet,
    estate: Estate,
    staffed: SignedIn,
    administrator: dict[str, str],
) -> None:
    await estate([LI])
    async with process.works.begin() as work:
        project = (await work.scalars(select(Node).where(Node.kind == "project"))).one()
    local = await staffed("T2", "administrator", project)
    manager = await staffed("T3", "customer_manager")
    files = {"file": ("a.csv", b"1")}
    assert (await client.post("/v1/imports", files=files, headers=manager)).status_code == 403
    assert (await client.post("/v1/imports", files=files)).status_code == 401

    mine = await hand_in(client, local, sheet([LI, WANG]))
    other = await hand_in(client, local, sheet([LI]), project="别的项目", region="上海")
    await drain()
    assert (await look(client, local, mine))["state"] == "read"
    assert (await look(client, local, other))["refusal"]["code"] == "outside_scope"
    for address in (f"/v1/imports/{mine['id']}", f"/v1/imports/{mine['id']}/rows", f"/v1/imports/{new_id()}"):
        assert (await client.get(address, headers=administrator)).status_code == 404
    stolen = await client.post(f"/v1/imports/{mine['id']}/commit", json={}, headers=administrator)
    assert stolen.status_code == 404
    assert (await client.get("/v1/imports/template", headers=administrator)).content.startswith(b"PK")


async def test_identity_numbers_are_nowhere_to_be_read(
    client: AsyncClient,
    drain: Drain,
    process: Process,
    sheet: Sheet,
    administrator: dict[str, str],
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level("DEBUG")
    wrong = IDENTITY[:-1] + "9"
    rows = [
        LI,
        home_row("0102", "王芳", "13688889999", 证件号码=wrong),
        home_row("0103", "周明", "123", 证件号码=IDENTITY),
    ]
    answers = []
    held = await hand_in(client, administrator, sheet(rows))
    await drain()
    address = f"/v1/imports/{held['id']}"
    answers.append(await client.get(address, headers=administrator))
    answers.append(await client.get(f"{address}/rows", headers=administrator))
    assert [row["code"] for row in answers[-1].json()["items"]] == [None, "id_checksum", "phone_short"]
    answers.append(
        await client.post(f"{address}/commit", json={"accept_good_rows": True}, headers=administrator)
    )
    await drain()
    project_id = (await look(client, administrator, held))["project_id"]
    assert project_id is not None
    answers.append(await client.get(f"/v1/projects/{project_id}/homes", headers=administrator))
    home_id = answers[-1].json()["items"][0]["id"]
    answers.append(await client.get(f"/v1/homes/{home_id}", headers=administrator))
    told = "".join(answer.text for answer in answers) + caplog.text + "".join(capfd.readouterr())
    async with process.works.begin() as work:
        for table in ("import", "import_row", "account", "home", "ownership", "ownership_change", "outbox"):
            told += str((await work.execute(text(f"SELECT * FROM {table}"))).all())
    assert IDENTITY not in told
    assert wrong not in told
    assert IDENTITY[6:14] not in told
    found = await client.get(
        f"/v1/projects/{project_id}/homes", params={"q": IDENTITY}, headers=administrator
    )
    assert found.json()["items"] == []
