"""`tongxing standard`: every fault by its place, differences by code, what is not set; and how it ends."""

import asyncio
import json
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from backend.cli import cli
from backend.core.config import Settings
from backend.features.standard.models import KnownStandard, StandardVersion
from backend.features.standard.rules import digest, plain
from backend.platform.process import open_process
from tests.fixtures.standards import Change, days, small_document, small_standard

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """`write("a.yaml", change)` writes the small document, changed."""

    def to_file(name: str, change: Change | None = None) -> Path:
        tree = small_document()
        if change is not None:
            change(tree)
        path = tmp_path / name
        path.write_text(json.dumps(tree, indent=1, ensure_ascii=False), encoding="utf-8")
        return path

    return to_file


def run(*arguments: object, env: dict[str, str] | None = None) -> Result:
    result = CliRunner(env={"COLUMNS": "200"} | (env or {})).invoke(cli, ["standard", *map(str, arguments)])
    assert "Traceback" not in result.output
    return result


def lines(result: Result) -> list[dict[str, object]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_a_sound_document_is_said_to_be_sound(write: Write) -> None:
    for name in ("sound.yaml", "sound.json"):
        result = run("check", write(name))
        assert (result.exit_code, result.stdout.split()[-2:]) == (0, ["is", "sound."])
    assert (run("check", write("sound.yaml"), "--json").stdout) == ""


def test_every_fault_is_named_with_its_place_and_line(write: Write) -> None:
    def spoil(tree: dict[str, object]) -> None:
        tree["assessment"]["weights"].pop()  # type: ignore[index]  # as the document has it
        tree["obligations"][0]["step"] = "STEP-9"  # type: ignore[index]  # as above

    file = write("wrong.yaml", spoil)
    line = 1 + file.read_text(encoding="utf-8").splitlines().index('   "step": "STEP-9",')
    result = run("check", file)
    assert result.exit_code == 1
    assert f"{line}" in result.stdout
    assert "obligations[first-contact].step" in result.stdout
    assert "assessment.weights" in result.stdout
    assert "2 faults." in result.stdout
    told = run("check", file, "--json")
    assert told.exit_code == 1
    first = lines(told)[0]
    assert (first["line"], first["path"]) == (line, "obligations[first-contact].step")
    assert (first["code"], first["message"]) == ("standard_step_unknown", "没有步骤 STEP-9。")
    unreadable = run("check", write("unread.yaml", lambda t: t["steps"][0].pop("core")), "--json")
    assert [(one["path"], one["code"]) for one in lines(unreadable)] == [
        ("steps[STEP-1].core", "field_missing")
    ]
    assert run("check", file.parent / "missing.yaml").exit_code == 2


def test_two_files_differ_by_code(write: Write) -> None:
    a, b = write("a.yaml"), write("b.yaml", lambda t: t["obligations"][0].update(due=days(5)))
    result = run("diff", a, b)
    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        "obligations[first-contact].due.value changed",
        "  - 7",
        "  + 5",
        "1 differences.",
    ]
    assert lines(run("diff", b, a, "--json")) == [
        {"path": "obligations[first-contact].due.value", "kind": "changed", "before": 5, "after": 7}
    ]
    assert run("diff", a, a).stdout == "0 differences.\n"
    wrong = write("wrong.yaml", lambda t: t.pop("name"))
    for other in (wrong, "six-plus-two", "../x:A/0"):
        refused = run("diff", a, other)
        assert refused.exit_code == 1
        assert len(refused.stderr.splitlines()) == 1


def test_what_is_not_set_is_listed(write: Write) -> None:
    result = run("not-set", write("a.yaml"))
    assert result.exit_code == 0
    assert "chains[hotline].steps[0].not_set" in result.stdout
    assert "4 values are not set." in result.stdout
    told = lines(run("not-set", write("a.yaml"), "--json"))
    assert told[-1]["suggestion"] == days(2, "working_hours")


def test_a_version_of_the_database_goes_by_its_name(
    write: Write, settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    async def keep() -> None:
        standard = small_standard(code="our-own")
        async with open_process(settings) as process, process.works.begin() as work:
            work.add(KnownStandard(code="our-own"))
            await work.flush()
            now = process.clock.now()
            row = {"document": plain(standard), "digest": digest(standard), "proposed_at": now}
            approval = {"approved_at": now, "effective_from": date(2020, 1, 1), "reason": "修订"}
            work.add(StandardVersion(code="our-own", version="A/0", state="approved", **row, **approval))

    asyncio.run(keep())
    monkeypatch.chdir(tmp_path)
    ours = {f"TONGXING_{name.upper()}": str(getattr(settings, name)) for name in settings.model_fields_set}
    result = run("diff", write("a.yaml"), "our-own:A/0", "--json", env=ours)
    assert [one["path"] for one in lines(result)] == ["code"]
    missing = run("not-set", "our-own:A/1", env=ours)
    assert (missing.exit_code, missing.stderr) == (1, "There is no standard our-own:A/1.\n")
