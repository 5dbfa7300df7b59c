"""Projects choose a standard, the company one for those that do not; and the product brings its own."""

import json
from datetime import date
from pathlib import Path

import pytest
from httpx import AsyncClient
from sqlalchemy import text

from backend.core.clock import local_date
from backend.features.standard import shipped
from backend.features.standard.models import KnownStandard, StandardVersion
from backend.features.standard.rules import digest, plain
from backend.features.standard.service import standard_for
from backend.platform.process import Process
from tests.fixtures.estate import Estate, project_of
from tests.fixtures.people import SignedIn
from tests.fixtures.process import Begin
from tests.fixtures.standards import small_document, small_standard


async def approved(work: Begin, process: Process, code: str) -> None:
    """A standard that has been in effect for long."""
    standard = small_standard(code=code)
    now = process.clock.now()
    async with work() as session:
        session.add(KnownStandard(code=code))
        await session.flush()
        session.add(
            StandardVersion(
                code=code,
                version="A/0",
                state="approved",
                document=plain(standard),
                digest=digest(standard),
                proposed_at=now,
                approved_at=now,
                effective_from=date(2020, 1, 1),
                reason="修订",
            )
        )


async def test_a_project_chooses_and_the_company_for_the_rest(
    client: AsyncClient, process: Process, work: Begin, estate: Estate, staffed: SignedIn
) -> None:
    await estate()
    address = f"/v1/projects/{await project_of(process)}/standard"
    for code in ("our-own", "of-the-company"):
        await approved(work, process, code)
    header = await staffed("Q1", "quality_department")
    seen = await staffed("E1", "project_engineer")
    today = local_date(process.clock.now()).isoformat()

    company = await client.put("/v1/company/standard", json={"code": "of-the-company"}, headers=header)
    expected = {"code": "of-the-company", "version": "A/0", "since": today, "chosen_at": "company"}
    assert (company.status_code, company.json()) == (200, expected)
    assert (await client.get(address, headers=seen)).json() == expected

    chosen = await client.put(address, json={"code": "our-own"}, headers=header)
    expected = {"code": "our-own", "version": "A/0", "since": today, "chosen_at": "project"}
    assert (chosen.status_code, chosen.json()) == (200, expected)
    # Of two choices of a day the later one holds, and both are on record.
    await client.put(address, json={"code": "of-the-company"}, headers=header)
    assert (await client.get(address, headers=seen)).json()["code"] == "of-the-company"
    async with work() as session:
        assert await session.scalar(text("SELECT count(*) FROM standard_choice")) == 3

    for code in ("none", "six-plus-three"):
        refused = await client.put(address, json={"code": code}, headers=header)
        assert (refused.status_code, refused.json()["code"]) == (409, "standard_not_effective")
    assert (await client.put(address, json={"code": "A b"}, headers=header)).status_code == 422
    assert (await client.put(address, json={"code": "our-own"}, headers=seen)).status_code == 403


@pytest.fixture
def own_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A library of this test's: what another release of the product would bring."""
    monkeypatch.setattr(shipped, "files", lambda _: tmp_path)
    (tmp_path / "library").mkdir()
    return tmp_path / "library"


def write(library: Path, code: str, version: str) -> None:
    content = json.dumps(small_document(code=code, version=version))
    (library / f"{code}.{version.replace('/', '-')}.yaml").write_text(content, encoding="utf-8")


async def test_shipped_standards_are_installed_once_and_never_over_a_companys_own(
    process: Process, work: Begin, estate: Estate, own_library: Path
) -> None:
    await estate()
    now = process.clock.now()

    async def install() -> list[str]:
        async with work() as session:
            return await shipped.install(session, now)

    await approved(work, process, "companys")
    write(own_library, "companys", "A/5")
    for version in ("A/0", "A/1"):
        write(own_library, "brought", version)
    assert await install() == ["brought"]
    assert await install() == []
    write(own_library, "brought", "A/2")
    assert await install() == []
    async with work() as session:
        rows = await session.execute(
            text(
                "SELECT code, version, proposed_by, approved_by, effective_from FROM standard_version"
                " WHERE code IN ('companys', 'brought') ORDER BY code"
            )
        )
        assert [tuple(row) for row in rows] == [
            ("brought", "A/1", None, None, date(1990, 1, 1)),
            ("companys", "A/0", None, None, date(2020, 1, 1)),
        ]


async def test_a_project_that_chose_none_goes_by_six_plus_two(
    process: Process, work: Begin, estate: Estate, own_library: Path
) -> None:
    await estate()
    write(own_library, "six-plus-two", "A/0")
    async with work() as session:
        await shipped.install(session, process.clock.now())
    async with work() as session:
        found = await standard_for(session, await project_of(process), date(1990, 1, 1))
    assert (found.code, found.version) == ("six-plus-two", "A/0")
