"""The commands an operator types: what they say, what they do, and how they end."""

import asyncio
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import CursorResult, text
from typer.testing import CliRunner, Result

from backend.cli import cli
from backend.core.config import Settings
from backend.core.sealing import Sealer
from backend.db import migrations
from backend.platform.process import open_process
from tests.fixtures.estate import IDENTITY, LANG_RUN, Sheet, home_row
from tests.fixtures.forks import Child
from tests.fixtures.logs import Lines

Run = Callable[..., Result]

OLD_KEY = "old:MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
NEW_KEY = "new:ZmVkY2JhOTg3NjU0MzIxMGZlZGNiYTk4NzY1NDMyMTA="
CHECKS = (
    "settings",
    "PostgreSQL",
    "locale",
    "migration",
    "clock",
    "clock shift",
    "Valkey",
    "SMS",
    "push",
    "e-mail",
    "calls",
    "files",
    "timers",
    "calendar",
    "disk",
)
PRODUCTION = {
    "TONGXING_MODE": "production",
    "TONGXING_SEALING_KEYS": OLD_KEY,
    "TONGXING_INDEX_KEY": NEW_KEY.partition(":")[2],
    "TONGXING_SMS_URL": "http://127.0.0.1:9/sms",
    "TONGXING_SMS_SECRET": "a secret of the gateway",
    "TONGXING_FCM_SERVICE_ACCOUNT": "/run/secrets/fcm.json",
    "TONGXING_SMTP_HOST": "smtp.example",
    "TONGXING_SMTP_SENDER": "home@example.com",
    "TONGXING_PUBLIC_URL": "https://home.example",
    "TONGXING_FILES_URL": "file:///var/lib/tongxing/files",
}
HERE = ("--region", "上海", "--project", "朗润园")
BAD_ROW = home_row("0301", "孙小红", "123")


@pytest.fixture
def run(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """`run("doctor", TONGXING_VALKEY_URL="...")` runs a command over this test's database; an empty value unsets."""
    monkeypatch.chdir(tmp_path)
    ours = {f"TONGXING_{name.upper()}": str(getattr(settings, name)) for name in settings.model_fields_set}

    def invoke(*arguments: str, **env: str) -> Result:
        return CliRunner(env=ours | env).invoke(cli, list(arguments))

    return invoke


@pytest.fixture
def query(settings: Settings) -> Callable[[str], Any]:
    """`query("SELECT ...")`: the first value, committed."""

    async def first(sql: str) -> Any:
        async with open_process(settings) as process, process.works.begin() as work:
            result = await work.execute(text(sql))
            return result.scalar() if isinstance(result, CursorResult) and result.returns_rows else None

    return lambda sql: asyncio.run(first(sql))


def states(result: Result) -> dict[str, str]:
    """What the doctor found, by name."""
    found = re.findall(r"^(ok|warning|wrong) +(.+?) {2,}", result.stdout, re.MULTILINE)
    return {what: state for state, what in found}


def said(result: Result) -> str:
    """What it printed, however the lines were broken."""
    return " ".join(result.stdout.split())


def wrong(result: Result) -> set[str]:
    return {what for what, state in states(result).items() if state == "wrong"}


def test_the_doctor_finds_a_healthy_system_healthy(run: Run) -> None:
    result = run("doctor")
    assert result.exit_code == 0, result.output
    assert tuple(states(result)) == CHECKS
    assert wrong(result) == set()


def test_the_doctor_names_a_database_behind(run: Run, query: Callable[[str], Any]) -> None:
    query("UPDATE alembic_version SET version_num = '20200101_before'")
    result = run("doctor")
    assert (result.exit_code, wrong(result)) == (1, {"migration"})
    assert f"at 20200101_before, this code wants {migrations.head()}: run `tongxing migrate`" in said(result)


def test_the_doctor_names_servers_that_are_away(run: Run, tmp_path: Path) -> None:
    nowhere = tmp_path / "nowhere"
    result = run("doctor", TONGXING_VALKEY_URL=f"unix://{nowhere}?db=0")
    assert (result.exit_code, wrong(result)) == (1, {"Valkey"})
    result = run("doctor", TONGXING_DATABASE_URL=f"postgresql+asyncpg://app@/none?host={nowhere}&port=5432")
    assert result.exit_code == 1
    assert wrong(result) >= {"PostgreSQL", "migration"}
    assert "Traceback" not in result.output


def test_the_doctor_and_production_refuse_development_secrets_by_name(run: Run) -> None:
    result = run("doctor", TONGXING_MODE="production")
    assert (result.exit_code, wrong(result)) == (1, {"settings"})
    for command in ("api", "worker"):
        refused = run(command, TONGXING_MODE="production")
        assert refused.exit_code == 1
        for name in ("TONGXING_SEALING_KEYS", "TONGXING_INDEX_KEY", "TONGXING_SMS_URL"):
            assert name in said(result)
            assert name in refused.stderr


def test_production_refuses_a_database_whose_clock_was_moved(run: Run, query: Callable[[str], Any]) -> None:
    query("INSERT INTO clock_shift (only_row, shift) VALUES (true, interval '3 days')")
    for command in ("api", "worker"):
        refused = run(command, **PRODUCTION)
        assert refused.exit_code == 1
        assert "the database is 3 days, 0:00:00 ahead of its clock" in refused.stderr
    assert "clock shift" in wrong(run("doctor", **PRODUCTION))


@pytest.mark.parametrize(
    ("env", "sentence"),
    [
        ({"TONGXING_VALKEY_URL": ""}, "TONGXING_VALKEY_URL must be set."),
        (
            {"TONGXING_MODE": "holiday"},
            "Settings: TONGXING_MODE: Input should be 'development' or 'production'",
        ),
        ({"TONGXING_BODY_BYTES": "many"}, "Settings: TONGXING_BODY_BYTES: "),
    ],
)
def test_settings_are_asked_for_in_one_sentence(run: Run, env: dict[str, str], sentence: str) -> None:
    for command in ("api", "worker", "doctor", "migrate"):
        result = run(command, **env)
        assert result.exit_code == 1
        assert result.stderr.startswith(sentence)
        assert len(result.stderr.splitlines()) == 1


def test_the_audit_looks_once_and_ends_with_what_it_found(
    run: Run, query: Callable[[str], Any], tmp_path: Path, logged: Lines
) -> None:
    result = run("audit", "--once")
    assert (result.exit_code, said(result)) == (1, "workers none is alive")
    assert [(line["message"], line["subject"]) for line in logged()] == [("audit_fault", "workers")]
    query(
        "INSERT INTO timer_pulse (worker, name, beat, ahead, seen_at)"
        " VALUES (gen_random_uuid(), 'here', 1, 0, clock_timestamp())"
    )
    result = run("audit", "--once")
    assert (result.exit_code, said(result)) == (0, "All is well.")
    assert query("SELECT count(*) FROM audit_report") == 2
    nowhere = f"postgresql+asyncpg://app@/none?host={tmp_path / 'nowhere'}&port=5432"
    result = run("audit", "--once", TONGXING_DATABASE_URL=nowhere)
    assert (result.exit_code, "Traceback" in result.output) == (1, False)
    assert "The database does not answer" in result.output


def test_migrating_twice_is_migrating_once(run: Run) -> None:
    for _ in range(2):
        result = run("migrate")
        assert result.exit_code == 0, result.output
        assert migrations.head() in result.stdout


def test_the_demo_estate_is_loaded_once(run: Run, query: Callable[[str], Any]) -> None:
    first = run("demo-estate")
    assert first.exit_code == 0, first.output
    homes = query("SELECT count(*) FROM home")
    assert homes > 0
    assert run("demo-estate").stdout == first.stdout
    assert query("SELECT count(*) FROM home") == homes


def test_where_nothing_is_served_the_story_says_what_to_start(run: Run, tmp_path: Path) -> None:
    told = run("demo")
    assert (told.exit_code, told.stdout) == (1, "")
    assert "make run" in told.stderr
    # Left behind by one that was killed.
    (tmp_path / ".tongxing").mkdir()
    (tmp_path / ".tongxing" / "address").write_text("http://127.0.0.1:9")
    told = run("demo", "--lang", "en")
    assert told.exit_code == 1
    assert "✗ a running system at http://127.0.0.1:9" in told.stdout


def test_an_administrator_is_added_once(run: Run, query: Callable[[str], Any]) -> None:
    asked = ("staff", "add", "T0001", "--name", "周敏", "--password", "a-good-password-9", "--administrator")
    result = run(*asked)
    assert result.exit_code == 0, result.output
    assert "周敏 (T0001) can sign in." in result.stdout
    assert query("SELECT role FROM position") == "administrator"
    again = run(*asked)
    assert again.exit_code == 1
    assert len(again.stderr.splitlines()) == 1
    weak = run("staff", "add", "T0002", "--name", "何静", "--password", "short")
    assert weak.exit_code == 1
    assert query("SELECT count(*) FROM account") == 1


def test_after_a_new_key_every_identity_number_is_sealed_with_it(
    run: Run, sheet: Sheet, query: Callable[[str], Any]
) -> None:
    path = str(sheet(LANG_RUN))
    assert run("import", path, *HERE, TONGXING_SEALING_KEYS=OLD_KEY).exit_code == 0
    sealed = "SELECT identity_sealed FROM account WHERE identity_sealed IS NOT NULL"
    before = query(sealed)
    result = run("keys", "reseal", TONGXING_SEALING_KEYS=f"{NEW_KEY},{OLD_KEY}")
    assert result.exit_code == 0, result.output
    assert result.stdout.startswith("1 identity numbers")
    after = query(sealed)
    assert after != before
    alone = Sealer(NEW_KEY, OLD_KEY.partition(":")[2])
    assert alone.open(after, purpose="account.identity") == IDENTITY
    assert run("keys", "reseal", TONGXING_SEALING_KEYS=f"{NEW_KEY},{OLD_KEY}").stdout.startswith("0 ")


def test_an_import_ends_as_it_went(run: Run, sheet: Sheet, query: Callable[[str], Any]) -> None:
    good = str(sheet(LANG_RUN, "good.csv"))
    mixed = str(sheet([*LANG_RUN, BAD_ROW], "mixed.csv"))
    homes = "SELECT count(*) FROM home"

    dry = run("import", good, *HERE, "--dry-run")
    assert (dry.exit_code, query(homes)) == (0, 0)
    assert "Nothing was written" in dry.stdout

    refused = run("import", mixed, *HERE, "--json")
    assert (refused.exit_code, query(homes)) == (1, 0)
    *rows, last = (json.loads(line) for line in refused.stdout.splitlines())
    (bad,) = [row for row in rows if row["state"] == "refused"]
    assert bad["row"] == len(LANG_RUN) + 2
    assert bad["code"]
    assert bad["message"]
    assert (last["written"], last["sums"]["refused"]) == (False, 1)

    accepted = run("import", mixed, *HERE, "--accept-good-rows")
    assert (accepted.exit_code, query(homes)) == (0, len(LANG_RUN))

    assert "Nothing to write" in run("import", good, *HERE).stdout
    again = run("import", good, *HERE, "--json")
    assert again.exit_code == 0
    assert json.loads(again.stdout.splitlines()[-1])["sums"]["same"] == len(LANG_RUN)
    assert query(homes) == len(LANG_RUN)


def test_an_import_of_something_else_is_refused_in_a_sentence(run: Run, tmp_path: Path) -> None:
    renamed = tmp_path / "estate.xlsx"
    renamed.write_bytes(b"%PDF-1.7\n" + b"\0" * 500)
    for mode in ((), ("--json",), ("--dry-run",)):
        result = run("import", str(renamed), *HERE, *mode)
        assert result.exit_code == 1
        assert result.stdout.strip()
        assert "Traceback" not in result.output
    assert run("import", str(tmp_path / "missing.xlsx")).exit_code == 2


def test_a_command_makes_the_servers_of_a_folder_and_finds_them_again(
    spawn: Callable[..., Child], tmp_path: Path
) -> None:
    elsewhere, log = tmp_path / "else where", tmp_path / "doctor.log"

    def doctor() -> str:
        log.unlink(missing_ok=True)
        alone = {"TONGXING_DATABASE_URL": "", "TONGXING_VALKEY_URL": ""}
        examined = spawn("doctor", "--data", str(elsewhere), **alone)
        assert examined.wait(60) == 0, log.read_text()
        return log.read_text()

    made = "There was no database here"
    assert made in doctor()
    again = doctor()
    assert made not in again
    assert f"PostgreSQL and Valkey run in {elsewhere} for this command." in again


@pytest.mark.parametrize("command", ["up", "api"])
def test_a_port_that_is_none_is_refused(run: Run, command: str) -> None:
    result = run(command, "--port", "99999")
    assert (result.exit_code, "65535" in result.output) == (2, True)
