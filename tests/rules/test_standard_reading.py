"""Reading a document: everything that is refused, with its place; and never anything but a refusal."""

import json
import time
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.core.locale import LOCALES, knows, say
from backend.features.standard.reading import LONGEST, Unreadable, read_document
from tests.fixtures.standards import Change, small_document, small_standard

# A line of YAML for each line of the document: what comes first is where the reader looks.
SMALL = "\n".join(
    f"{key}: {json.dumps(value, ensure_ascii=False)}" for key, value in small_document().items()
)

REFUSED: dict[str, tuple[str | bytes, str, str]] = {
    "nothing": ("", "", "standard_no_mapping"),
    "a list": ("[1, 2]", "", "standard_no_mapping"),
    "text": ("hello", "", "standard_no_mapping"),
    "not YAML": ("a: [1", "", "standard_not_yaml"),
    "a tab": ("a:\n\t- b", "", "standard_not_yaml"),
    "a raw NUL": ("code: a\0b", "", "standard_not_yaml"),
    "a raw control character": ("code: a\x1bb", "", "standard_not_yaml"),
    "half a character": (b"code: \xff\xfe", "", "standard_not_utf8"),
    "UTF-16": (SMALL.encode("utf-16"), "", "standard_not_utf8"),
    "two documents": (f"{SMALL}\n---\n{SMALL}", "", "standard_two_documents"),
    "a key twice": (f"{SMALL}\ncode: other", "code", "standard_key_twice"),
    "a key twice further in": (
        "steps:\n- code: STEP-1\n  name: {en: a, en: b}",
        "steps[STEP-1].name.en",
        "standard_key_twice",
    ),
    "an anchor": ("a: &here [1]", "a", "standard_alias"),
    "an alias": ("a: *here", "a", "standard_alias"),
    "laughs": ("a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]", "a", "standard_alias"),
    "itself": ("&me [*me]", "", "standard_alias"),
    "a program": ("a: !!python/object/apply:os.system [true]", "a", "standard_tag"),
    "a tag": ("a: !!int 3", "a", "standard_tag"),
    "a mapping for a key": ("{a: 1}: 2", "", "standard_key"),
    "too deep": ("[" * 40, "[0]" * 30, "standard_too_deep"),
    "very deep": ("[" * 500_000, "[0]" * 30, "standard_too_deep"),
    "too long": ("#" * (LONGEST + 1), "", "standard_too_long"),
    "too many values": ("rules: [" + "1," * 100_000 + "]", "", "standard_too_many_values"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_document_is_refused_at_once(name: str) -> None:
    written, path, code = REFUSED[name]
    began = time.monotonic()
    with pytest.raises(Unreadable) as refused:
        read_document(written if isinstance(written, bytes) else written.encode())
    assert [(fault.path, fault.code) for fault in refused.value.faults] == [(path, code)]
    assert time.monotonic() - began < 5
    (fault,) = refused.value.faults
    assert all("{" not in say(locale, f"problem.{code}", **fault.params) for locale in LOCALES)


# What is changed in a sound document, and the one fault that follows.
WRONG: dict[str, tuple[Change, str, str]] = {
    "a limit in words": (
        lambda t: t["obligations"][0]["due"].update(value="seven"),
        "obligations[first-contact].due.value",
        "field_int_type",
    ),
    "a number in quotes": (
        lambda t: t["obligations"][0]["due"].update(value="7"),
        "obligations[first-contact].due.value",
        "field_int_type",
    ),
    "a fraction": (
        lambda t: t["obligations"][0]["due"].update(value=1.5),
        "obligations[first-contact].due.value",
        "field_int_type",
    ),
    "a limit of ages": (
        lambda t: t["obligations"][0]["due"].update(value=10**17),
        "obligations[first-contact].due.value",
        "field_less_than_equal",
    ),
    "an unknown unit": (
        lambda t: t["changeover"].update(kind="fortnights"),
        "changeover.kind",
        "field_literal_error",
    ),
    "a date for text": (lambda t: t.update(rules="2007-05-10"), "rules", "field_tuple_type"),
    "yes for true": (
        lambda t: t["obligations"][0].update(owner_sees="yes"),
        "obligations[first-contact].owner_sees",
        "field_bool_type",
    ),
    "text for a mapping": (lambda t: t.update(name="六加二"), "name", "field_model_type"),
    "a mapping for text": (lambda t: t["name"].update(en={"a": "b"}), "name.en", "field_string_type"),
    "a language missing": (lambda t: t["name"].pop("zh-TW"), "name.zh-TW", "field_missing"),
    "an unknown field": (
        lambda t: t["steps"][0].update(colour="red"),
        "steps[STEP-1].colour",
        "field_extra_forbidden",
    ),
    "a rule of no kind": (
        lambda t: t["clocks"][0].update(rules=["XX-01"]),
        "clocks[C2].rules[0]",
        "field_string_pattern_mismatch",
    ),
    "no rule at all": (lambda t: t["clocks"][0].update(rules=[]), "clocks[C2].rules", "field_too_short"),
    "a version of another kind": (
        lambda t: t.update(version="1.0"),
        "version",
        "field_string_pattern_mismatch",
    ),
    "NUL in words": (lambda t: t["name"].update(en="a\0b"), "name.en", "field_control_character"),
    "text turned round": (lambda t: t["name"].update(en="a\u202eb"), "name.en", "field_control_character"),
    "NUL in a number": (
        lambda t: t["steps"][0].update(number="1\0"),
        "steps[STEP-1].number",
        "field_control_character",
    ),
    "NUL in a category": (
        lambda t: t["chains"][0]["steps"][1].update(by_category={"a\0": "property-manager"}),
        "chains[hotline].steps[1].by_category.a\0",
        "field_string_pattern_mismatch",
    ),
    "a promise missing": (
        lambda t: t["obligations"][0].pop("promise"),
        "obligations[first-contact]",
        "standard_promise_missing",
    ),
    "a limit and a gap": (
        lambda t: t["obligations"][0].update(not_set=t["obligations"][4]["not_set"]),
        "obligations[first-contact]",
        "standard_one_value",
    ),
    "until without every": (
        lambda t: t["obligations"][0].update(until="keys_on"),
        "obligations[first-contact]",
        "standard_until_alone",
    ),
    "a date of no kind": (
        lambda t: t["obligations"][0].update({"from": "noon"}),
        "obligations[first-contact].from",
        "field_literal_error",
    ),
    "a moment of nothing": (
        lambda t: t["steps"][0]["begins"].append({}),
        "steps[STEP-1].begins[1]",
        "standard_moment",
    ),
    "an item without its code": (
        lambda t: t["obligations"][0].pop("code"),
        "obligations[0].code",
        "field_missing",
    ),
}


@pytest.mark.parametrize("name", WRONG)
@pytest.mark.parametrize("kind", ["yaml", "json"])
def test_what_is_wrong_is_named_with_its_place(name: str, kind: Any) -> None:
    change, path, code = WRONG[name]
    tree = small_document()
    change(tree)
    with pytest.raises(Unreadable) as refused:
        read_document(json.dumps(tree).encode(), kind)
    assert [(fault.path, fault.code) for fault in refused.value.faults] == [(path, code)]
    assert knows(f"problem.{code}")


def test_every_fault_is_named_at_once() -> None:
    tree = small_document()
    del tree["name"], tree["steps"][0]["core"]
    tree["settings"][0]["due"] = {"kind": "calendar_days"}
    with pytest.raises(Unreadable) as refused:
        read_document(json.dumps(tree).encode())
    assert {fault.path for fault in refused.value.faults} == {
        "name",
        "steps[STEP-1].core",
        "settings[cooling-off].due.value",
    }


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ('{"a": 1, "a": 2}', "standard_key_twice"),
        ('{"a": {"\\ud800": 1, "\\ud800": 2}}', "standard_key_twice"),
        ("{", "standard_not_json"),
        ("[" * 100_000, "standard_too_deep"),
        ("1" * 5000, "standard_not_json"),
        ("[]", "standard_no_mapping"),
        ("NaN", "standard_no_mapping"),
        ('{"code": "\\ud800"}', "field_string_unicode"),
        ('{"steps": [{"code": "\\ud800"}]}', "field_missing"),
    ],
)
def test_json_is_refused_as_well(written: str, code: str) -> None:
    with pytest.raises(Unreadable) as refused:
        read_document(written.encode(), "json")
    assert code in {fault.code for fault in refused.value.faults}
    assert all(fault.path.encode() is not None for fault in refused.value.faults)


def test_the_line_is_told() -> None:
    written = "code: small\n# a comment\nsteps:\n- code: STEP-1\n  number: '1'\n  begins:\n  - date: noon\n"
    with pytest.raises(Unreadable) as refused:
        read_document(written.encode())
    lines = {fault.path: refused.value.lines.of(fault.path) for fault in refused.value.faults}
    assert lines["steps[STEP-1].begins[0].date"] == 7
    assert lines["steps[STEP-1].core"] == 4
    assert lines["version"] == 1
    with pytest.raises(Unreadable) as refused:
        read_document(b"code: a\nname:\n  en: [")
    assert refused.value.lines.of("") == 3
    read = read_document(SMALL.encode())
    assert read.lines.of("obligations[handover].due.value") == list(small_document()).index("obligations") + 1


def test_nothing_is_guessed() -> None:
    """What YAML 1.1 reads as a date, a truth or a number in base sixty stays what was written."""
    for text in ("2007-05-10", "no", "on", "0x10", "12:30", "1_000", ".inf"):
        written = SMALL.replace('"zh-CN": "小标准"', f'"zh-CN": {text}', 1)
        assert read_document(written.encode()).standard.name.zh_cn == text


def test_yaml_and_json_are_the_same_document() -> None:
    assert read_document(SMALL.encode()).standard == small_standard()
    assert read_document(b"\xef\xbb\xbf" + SMALL.encode()).standard == small_standard()


def test_roles_are_read_in_either_spelling() -> None:
    standard = small_standard(lambda t: t["obligations"][0].update(responsible="project_engineer"))
    assert standard.obligations[0].responsible == "project_engineer"
    assert small_standard().obligations[0].responsible == "customer_manager"


@given(st.one_of(st.text(alphabet="{}[]:,-&*!|>'\"#?%@ \nab0\\", max_size=60), st.text(max_size=40)))
def test_any_text_is_refused_and_nothing_worse(text: str) -> None:
    kinds: tuple[Literal["yaml", "json"], ...] = ("yaml", "json")
    for kind in kinds:
        with pytest.raises(Unreadable) as refused:
            read_document(text.encode(errors="surrogatepass"), kind)
        assert refused.value.faults
        refused.value.lines.of(refused.value.faults[0].path)
