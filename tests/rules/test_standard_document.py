"""What is wrong in a document, what it leaves open, and how two differ: places named by code."""

import json
from pathlib import Path
from typing import Any

import pytest

from backend.core.locale import knows
from backend.features.people.rules import ROLES
from backend.features.standard.reading import read_document
from backend.features.standard.rules import Fault, differences, digest, faults, not_set, plain
from backend.features.standard.service import Standard
from backend.features.standard.shipped import library
from tests.fixtures.standards import Change, days, small_document, small_standard, words

LIBRARY = Path(__file__).parents[2] / "backend" / "features" / "standard" / "library"

# What is changed, and the one fault that follows.
WRONG: dict[str, tuple[Change, Fault]] = {
    "two items of one code": (
        lambda t: t["settings"].append(t["settings"][0]),
        Fault("settings", "standard_code_twice", {"name": "cooling-off"}),
    ),
    "a code twice further in": (
        lambda t: t["classes"][0]["choices"].append(t["classes"][0]["choices"][0]),
        Fault("classes[kinds].choices", "standard_code_twice", {"name": "quality"}),
    ),
    "a change-over in working days": (
        lambda t: t.update(changeover=days(10, "working_days")),
        Fault("changeover", "standard_changeover"),
    ),
    "a change-over before": (
        lambda t: t.update(changeover=days(-1)),
        Fault("changeover", "standard_changeover"),
    ),
    "no such step": (
        lambda t: t["obligations"][1].update(step="STEP-9"),
        Fault("obligations[handover].step", "standard_step_unknown", {"name": "STEP-9"}),
    ),
    "no such checklist": (
        lambda t: t["obligations"][0].update(checklist="none"),
        Fault("obligations[first-contact].checklist", "standard_checklist_unknown", {"name": "none"}),
    ),
    "no such script": (
        lambda t: t["obligations"][0].update(script="none"),
        Fault("obligations[first-contact].script", "standard_script_unknown", {"name": "none"}),
    ),
    "no such role": (
        lambda t: t["obligations"][0].update(responsible="astronaut"),
        Fault("obligations[first-contact].responsible", "standard_role_unknown", {"name": "astronaut"}),
    ),
    "begins with what is not there": (
        lambda t: t["steps"][1]["begins"][1].update(done="nothing"),
        Fault("steps[STEP-2].begins[1].done", "standard_obligation_unknown", {"name": "nothing"}),
    ),
    "ends with what is not there": (
        lambda t: t["obligations"][0].update(ends={"done": "nothing"}),
        Fault("obligations[first-contact].ends.done", "standard_obligation_unknown", {"name": "nothing"}),
    ),
    "a date of the project for each ownership": (
        lambda t: t["obligations"][3].update(of="ownership"),
        Fault("obligations[review].from", "standard_project_date", {"name": "first_delivery_on"}),
    ),
    "one date of several": (
        lambda t: t["obligations"][0].update({"from": ["keys_on", "sales_open_on"]}),
        Fault("obligations[first-contact].from", "standard_project_date", {"name": "sales_open_on"}),
    ),
    "a date of an ownership for the project": (
        lambda t: t["obligations"][3].update({"from": "keys_on"}),
        Fault("obligations[review].from", "standard_ownership_date", {"name": "keys_on"}),
    ),
    "a project's obligation ends with an ownership": (
        lambda t: t["obligations"][3].update(ends={"date": "moved_in_on"}),
        Fault("obligations[review].ends.date", "standard_ownership_date", {"name": "moved_in_on"}),
    ),
    "the project's step begins with an ownership": (
        lambda t: t["steps"][2].update(begins=[{"date": "keys_on"}]),
        Fault("steps[PLUS-2].begins[0].date", "standard_ownership_date", {"name": "keys_on"}),
    ),
    "the end of no warranty": (
        lambda t: (t.pop("warranty"), t["obligations"][0].update({"from": "warranty_ends_on"})),
        Fault("obligations[first-contact].from", "standard_warranty_missing"),
    ),
    "opens after it is due": (
        lambda t: t["obligations"][0].update(opens=days(8)),
        Fault("obligations[first-contact].opens", "standard_opens_after_due"),
    ),
    "no such clock": (
        lambda t: t["chains"][0].update(clocks=["C9"]),
        Fault("chains[hotline].clocks[0]", "standard_clock_unknown", {"name": "C9"}),
    ),
    "a chain's step calls nobody": (
        lambda t: t["chains"][0]["steps"][0].pop("role"),
        Fault("chains[hotline].steps[0]", "standard_one_value", {"of": "role, by_category"}),
    ),
    "a chain's step of no such role": (
        lambda t: t["chains"][0]["steps"][0].update(role="astronaut"),
        Fault("chains[hotline].steps[0].role", "standard_role_unknown", {"name": "astronaut"}),
    ),
    "no such category": (
        lambda t: t["chains"][0]["steps"][1]["by_category"].update(space="property-manager"),
        Fault("chains[hotline].steps[1].by_category.space", "standard_category_unknown", {"name": "space"}),
    ),
    "a category's role": (
        lambda t: t["chains"][0]["steps"][1]["by_category"].update(quality="astronaut"),
        Fault("chains[hotline].steps[1].by_category.quality", "standard_role_unknown", {"name": "astronaut"}),
    ),
    "a clock without a limit": (
        lambda t: t["clocks"][0].pop("due"),
        Fault("clocks[C2]", "standard_one_value", {"of": "due, per_case, not_set"}),
    ),
    "a setting without a value": (
        lambda t: t["settings"][0].pop("not_set"),
        Fault("settings[cooling-off]", "standard_one_value", {"of": "due, not_set"}),
    ),
    "an empty checklist": (
        lambda t: t["checklists"][0].update(items=[]),
        Fault("checklists[pack]", "standard_one_value", {"of": "items, not_set"}),
    ),
    "an empty script": (
        lambda t: t["scripts"][0].pop("not_set"),
        Fault("scripts[visit]", "standard_one_value", {"of": "questions, not_set"}),
    ),
    "a component without years": (
        lambda t: t["warranty"]["items"][0].pop("base_years"),
        Fault("warranty.items[roof]", "standard_one_value", {"of": "base_years, not_set"}),
    ),
    "kept at most less than at least": (
        lambda t: t["retention"][0].update(most=1),
        Fault("retention[long].most", "standard_most_below_least"),
    ),
    "CT-27: weights that make 150": (
        lambda t: t["assessment"]["weights"][2].update(percent=100),
        Fault("assessment.weights", "standard_weights", {"total": 150}),
    ),
}


def test_a_sound_document_has_no_fault() -> None:
    assert faults(small_standard(), ROLES) == []


@pytest.mark.parametrize("name", WRONG)
def test_what_does_not_fit_together_is_named_with_its_place(name: str) -> None:
    change, expected = WRONG[name]
    assert faults(small_standard(change), ROLES) == [expected]
    assert knows(f"problem.{expected.code}")


def test_steps_do_not_wait_for_one_another() -> None:
    def change(tree: dict[str, Any]) -> None:
        tree["steps"][0]["begins"] = [{"done": "letter"}]
        tree["steps"][1]["begins"] = [{"done": "first-contact"}]

    # `letter` is in STEP-2, `first-contact` in STEP-1. A step may begin with its own first act.
    assert [(one.path, one.code) for one in faults(small_standard(change), ROLES)] == [
        ("steps[STEP-1].begins", "standard_circle"),
        ("steps[STEP-2].begins", "standard_circle"),
    ]


def test_every_gap_is_listed_with_the_name_of_what_it_is_in() -> None:
    found = not_set(small_standard())
    assert [(gap.path, gap.name["en"], gap.gap, gap.suggestion) for gap in found] == [
        ("obligations[letter].not_set", "letter", "GP-01", None),
        ("chains[hotline].steps[0].not_set", "升级链", "GP-02", None),
        ("scripts[visit].not_set", "回访", "GP-03", None),
        ("settings[cooling-off].not_set", "cooling-off", "GP-25", days(2, "working_hours")),
    ]
    assert json.dumps(plain(small_standard())).count('"not_set"') == len(found)


def told(change: Change) -> list[tuple[str, str]]:
    found = differences(small_standard(), small_standard(change))
    assert differences(small_standard(change), small_standard(change)) == []
    back = differences(small_standard(change), small_standard())
    opposite = {"added": "removed", "removed": "added", "changed": "changed"}
    assert sorted((one.path, opposite[one.kind]) for one in back) == sorted((o.path, o.kind) for o in found)
    return [(one.path, one.kind) for one in found]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda _: None, []),
        (lambda t: t.update(version="A/1"), [("version", "changed")]),
        (
            lambda t: t["obligations"][0]["due"].update(value=5),
            [("obligations[first-contact].due.value", "changed")],
        ),
        (lambda t: t["obligations"].pop(0), [("obligations[first-contact]", "removed")]),
        (
            lambda t: t["settings"].insert(0, t["settings"][0] | {"code": "other"}),
            [("settings[other]", "added")],
        ),
        (lambda t: t["steps"].reverse(), [("steps", "changed")]),
        (
            lambda t: t["checklists"][0]["items"].insert(0, {"text": words("图纸"), "rules": ["DL-09"]}),
            [("checklists[pack].items[0]", "added")],
        ),
        (
            lambda t: t["obligations"][0].update(rules=["S2-26", "TM-03"]),
            [("obligations[first-contact].rules", "changed")],
        ),
        (lambda t: t.pop("warranty"), [("warranty", "removed")]),
        (
            lambda t: t["obligations"][4].update(not_set=None, due=days(3)),
            [("obligations[letter].not_set", "removed"), ("obligations[letter].due", "added")],
        ),
    ],
)
def test_differences_go_by_code(change: Change, expected: list[tuple[str, str]]) -> None:
    assert sorted(told(change)) == sorted(expected)


def test_differences_tell_what_stood_there_and_what_stands_there() -> None:
    (one,) = differences(
        small_standard(), small_standard(lambda t: t["obligations"][0].update(due=days(5, "working_days")))
    )[:1]
    assert (one.before, one.after) == ("calendar_days", "working_days")


def test_equal_documents_have_equal_digests_however_they_are_written() -> None:
    tree = small_document()
    written = [
        json.dumps(tree),
        json.dumps(dict(reversed(tree.items())), indent=3),
        json.dumps(tree | {"principles": []}),
        json.dumps(tree).replace("customer-manager", "customer_manager"),
    ]
    assert len({digest(read_document(one.encode(), "json").standard) for one in written}) == 1
    assert digest(small_standard()) != digest(small_standard(lambda t: t["steps"].reverse()))
    again = Standard.model_validate(json.loads(json.dumps(plain(small_standard()))))
    assert again == small_standard()


def test_every_shipped_standard_is_sound() -> None:
    assert LIBRARY.is_dir(), "the library is empty"
    assert library().keys() >= {("six-plus-two", "A/0"), ("five-step-one-method", "A/0")}
    assert len(library()) == len(list(LIBRARY.iterdir()))
    for (code, version), content in library().items():
        standard = read_document(content).standard
        assert (standard.code, standard.version) == (code, version)
        assert faults(standard, ROLES) == []
