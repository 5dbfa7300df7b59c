"""The shipped standards and `docs/method.md` against the method itself: nothing invented, nothing forgotten."""

import re
from pathlib import Path
from string import Formatter

import pytest
import yaml

from backend.features.people.rules import ROLES
from backend.features.standard.document import RULE_ID, Label, NotSet, Part, Standard

ROOT = Path(__file__).parents[2]
METHOD = ROOT.parent / "shared" / "method" / "service-method.md"
MAP = ROOT / "docs" / "method.md"
LIBRARY = sorted((ROOT / "backend" / "features" / "standard" / "library").glob("*.yaml"))

RULE = re.compile(rf"\b{RULE_ID.pattern[1:-1]}\b")
KINDS = "obligation|class|checklist|script|disclosure|setting|closing reason|retention|chain|warranty"
PLACE = re.compile(rf"({KINDS}) (`[a-z0-9-]+`(?:, `[a-z0-9-]+`)*)")
CAPABILITIES = {
    "Journey timeline", "Construction-progress posts", "Repairs", "Hotline", "Clocks and escalation", "Realtime chat",
    "Notices", "Delivery and handover", "Warranty ledger", "Visits and surveys", "Disclosure before sale",
    "Care, community, convenience", "Assessment", "Records", "Privacy",
}  # fmt: skip
CONTRADICTIONS = [f"CT-{number:02d}" for number in (*range(1, 19), 35, 41, 42)]
OPEN = {
    "six-plus-two": {f"GP-{number:02d}" for number in (*range(1, 12), 14, 15, *range(18, 26))},
    "five-step-one-method": {"GP-12", "GP-13"},
}
"""Gaps of the method that touch a value of the standard. GP-16 and GP-26 belong to reports, GP-17 is settled."""

needs_the_method = pytest.mark.skipif(not METHOD.is_file(), reason="the method is not here")


def standard(path: Path) -> Standard:
    return Standard.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))


STANDARDS = {one.code: one for one in map(standard, LIBRARY)}


def rows() -> dict[str, list[str]]:
    """The method's rules: the cells of each row, by ID."""
    found = {}
    for line in METHOD.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("| ").split(" | ")]
        if RULE_ID.match(cells[0]):
            found[cells[0]] = cells
    return found


def mapped() -> dict[str, str]:
    """Where `docs/method.md` says that each rule lives."""
    lines = MAP.read_text(encoding="utf-8").splitlines()
    cells = [
        [cell.strip() for cell in line.strip("| ").split(" | ")] for line in lines if line.startswith("|")
    ]
    return {row[0]: row[2] for row in cells if RULE_ID.match(row[0])}


def parts(value: object) -> list[Part]:
    """Every part of a document, itself included."""
    if isinstance(value, tuple):
        return [part for item in value for part in parts(item)]
    if not isinstance(value, Part):
        return []
    return [value, *(part for name in type(value).model_fields for part in parts(getattr(value, name)))]


@pytest.fixture(scope="module")
def method() -> dict[str, list[str]]:
    return rows()


@needs_the_method
@pytest.mark.parametrize("path", [MAP, *LIBRARY], ids=lambda path: path.name)
def test_every_rule_that_is_named_exists(path: Path, method: dict[str, list[str]]) -> None:
    named = {match.group() for match in RULE.finditer(path.read_text(encoding="utf-8"))}
    assert len(named) > 50
    assert named - set(method) == set()


@needs_the_method
def test_the_map_names_every_rule_of_the_steps_and_timers(method: dict[str, list[str]]) -> None:
    groups = r"(S[0-6]|P[12]|HC|RV|CS|TM|GP)-"
    wanted = [rule for rule in method if re.match(groups, rule)] + CONTRADICTIONS
    assert len(wanted) == 24 + 28 + 27 + 32 + 24 + 21 + 22 + 17 + 21 + 48 + 21 + 10 + 30 + 26 + 21
    assert [rule for rule in wanted if not mapped().get(rule)] == []


@needs_the_method
def test_every_timer_stands_in_a_standard(method: dict[str, list[str]]) -> None:
    named = {rule for one in STANDARDS.values() for part in parts(one) for rule in getattr(part, "rules", ())}
    assert [rule for rule in method if rule.startswith("TM-") and rule not in named] == []


@needs_the_method
def test_every_row_of_the_eight_steps_stands_in_its_step(method: dict[str, list[str]]) -> None:
    """The method counts what the owner cares about: "focus 1 of 11". Each stands in its step, once, in its order."""
    for step, group in zip(
        STANDARDS["six-plus-two"].steps, ("S1", "S2", "S3", "S4", "S5", "S6", "P1", "P2"), strict=True
    ):
        focus = [
            rule for rule, cells in method.items() if rule.startswith(f"{group}-") and cells[2] == "Focus"
        ]
        count = re.match(r"focus 1 of (\d+)", method[focus[0]][5])
        assert count is not None
        assert int(count.group(1)) == len(focus)
        assert [line.rules[0] for line in step.focus] == focus
        named = {rule for part in parts(step) for rule in getattr(part, "rules", ())}
        owed = {rule for one in STANDARDS["six-plus-two"].obligations for rule in one.rules}
        assert [rule for rule in method if rule.startswith(f"{group}-") and rule not in named | owed] == []


@pytest.mark.parametrize("code", OPEN)
def test_what_a_standard_names_exists(code: str) -> None:
    one = STANDARDS[code]
    steps = {step.code for step in one.steps}
    obligations = {obligation.code for obligation in one.obligations}
    checklists = {checklist.code for checklist in one.checklists}
    scripts = {script.code for script in one.scripts}
    roles = {role.replace("_", "-") for role in ROLES}
    moments = [moment for step in one.steps for moment in step.begins]
    for obligation in one.obligations:
        assert obligation.step in steps, obligation.code
        assert obligation.checklist is None or obligation.checklist in checklists, obligation.code
        assert obligation.script is None or obligation.script in scripts, obligation.code
        assert obligation.responsible is None or obligation.responsible.replace("_", "-") in roles, (
            obligation.code
        )
        moments += [obligation.ends] if obligation.ends else []
    assert {moment.done for moment in moments if moment.done} <= obligations
    for codes in (one.steps, one.obligations, one.classes, one.checklists, one.scripts, one.settings):
        found = [item.code for item in codes]
        assert len(found) == len(set(found))


@pytest.mark.parametrize("code", OPEN)
def test_a_promise_is_given_in_three_languages(code: str) -> None:
    """With the same placeholders in each, out of the three that can be filled in."""
    one = STANDARDS[code]
    promises: list[tuple[str, Label]] = [
        (item.code, item.promise) for item in one.obligations if item.promise
    ]
    promises += [(item.code, item.promise) for item in one.clocks]
    for name, promise in promises:
        used = [
            {field for _, field, _, _ in Formatter().parse(text) if field is not None}
            for text in (promise.zh_cn, promise.zh_tw, promise.en)
        ]
        assert used[0] == used[1] == used[2] <= {"due", "role", "project"}, name
        assert "你" not in promise.zh_cn + promise.zh_tw, name
    for item in one.obligations:
        assert item.owner_sees == (item.promise is not None), item.code


@pytest.mark.parametrize("code", OPEN)
def test_what_the_method_leaves_open_is_listed(code: str) -> None:
    """GP-01 to GP-25: nothing is filled in, and nothing is forgotten."""
    gaps = {part.gap for part in parts(STANDARDS[code]) if isinstance(part, NotSet)}
    assert {gap for gap in gaps if gap is not None and gap.startswith("GP-")} == OPEN[code]


def codes_of(one: Standard) -> dict[str, set[str]]:
    """The codes in a standard, by what the map calls them."""
    return {
        "obligation": {item.code for item in one.obligations},
        "class": {item.code for item in one.classes},
        "checklist": {item.code for item in one.checklists},
        "script": {item.code for item in one.scripts},
        "disclosure": {item.code for item in one.disclosure},
        "setting": {item.code for item in one.settings},
        "closing reason": {item.code for item in one.closing_reasons},
        "retention": {item.code for item in one.retention},
        "chain": {item.code for item in one.chains},
        "warranty": {item.code for item in one.warranty.items} if one.warranty else set(),
    }


def test_the_map_points_at_what_is_there() -> None:
    theirs = codes_of(STANDARDS["six-plus-two"])
    companys = codes_of(STANDARDS["five-step-one-method"])
    for rule, place in mapped().items():
        for found in PLACE.finditer(place):
            there = companys if place[: found.start()].endswith("five-step ") else theirs
            assert set(re.findall(r"`([^`]+)`", found.group(2))) <= there[found.group(1)], rule
        for later in re.findall(r"later: ([^;.]+)", place):
            left = later
            for capability in CAPABILITIES:
                left = left.replace(capability, "")
            assert left.strip(", ") == "", rule
