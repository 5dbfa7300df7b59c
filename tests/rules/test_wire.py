"""What text may travel, and how moments do."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from pydantic import BaseModel, TypeAdapter, ValidationError

from backend.core.wire import Asked, Line, Moment, Page, Prose

LINE, PROSE = TypeAdapter(Line), TypeAdapter(Prose)

# NUL, other controls, lone surrogates, marks that turn the direction of writing.
FORBIDDEN = [
    "\x00", "\x01", "\x08", "\x0b", "\x1b", "\x7f", "\x80", "\x9f", "\ud800", "\udfff",
    "\u061c", "\u200e", "\u200f", "\u202a", "\u202e", "\u2066", "\u2069",
]  # fmt: skip


@pytest.mark.parametrize("text", ["孙建华", "iPhone 17", "👨‍👩‍👧", "é", "𠮷", "a" * 200])
def test_what_a_person_types_is_taken(text: str) -> None:
    assert LINE.validate_python(text) == text
    assert PROSE.validate_python(f"{text}\n\t{text}") == f"{text}\n\t{text}"


def test_text_is_trimmed_before_it_is_measured() -> None:
    assert LINE.validate_python("  孙建华 \u3000\n") == "孙建华"
    assert LINE.validate_python(" " * 300 + "a") == "a"


@pytest.mark.parametrize("adapter", [LINE, PROSE])
def test_forbidden_characters_are_refused_wherever_they_stand(adapter: TypeAdapter[str]) -> None:
    for sign in FORBIDDEN:
        with pytest.raises(ValidationError) as refused:
            adapter.validate_python(f"a{sign}b")
        assert refused.value.errors()[0]["type"] in {"control_character", "string_unicode"}, repr(sign)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "string_too_short"),
        (" \u3000\n", "string_too_short"),
        ("a" * 201, "string_too_long"),
        ("a\nb", "control_character"),
        ("a\rb", "control_character"),
        ("a\tb", "control_character"),
        ("a\u2028b", "control_character"),
        (5, "string_type"),
        (b"a", "string_type"),
    ],
)
def test_a_line_is_one_line_of_some_length(text: object, code: str) -> None:
    with pytest.raises(ValidationError) as refused:
        LINE.validate_python(text, strict=True)
    assert refused.value.errors()[0]["type"] == code


def test_the_documentation_says_how_long_text_may_be() -> None:
    assert LINE.json_schema() == {"type": "string", "minLength": 1, "maxLength": 200}
    assert PROSE.json_schema() == {"type": "string", "minLength": 1, "maxLength": 2000}


def test_a_moment_travels_in_utc_with_milliseconds() -> None:
    class Held(BaseModel):
        at: Moment

    shanghai = datetime(2026, 11, 22, 16, 30, 0, 123456, tzinfo=timezone(timedelta(hours=8)))
    assert Held(at=shanghai).model_dump(mode="json") == {"at": "2026-11-22T08:30:00.123Z"}
    assert Held(at=datetime(2026, 1, 1, tzinfo=UTC)).model_dump_json() == '{"at":"2026-01-01T00:00:00.000Z"}'


def test_unknown_fields_are_refused() -> None:
    class Small(Asked):
        name: Line

    with pytest.raises(ValidationError) as refused:
        Small.model_validate({"name": "a", "nmae": "b"})
    assert refused.value.errors()[0]["type"] == "extra_forbidden"


def test_the_last_page_has_no_next() -> None:
    assert Page[int](items=[1]).model_dump() == {"items": [1], "next": None}
