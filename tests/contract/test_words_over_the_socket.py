"""Words that are said over the socket go on record as those that are said over REST: one schema says what they are."""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import ValidationError

from backend.core.errors import Invalid
from backend.core.ids import new_id
from backend.features.records import schemas
from backend.platform.realtime.frames import Say
from backend.sockets import body_of

TEXTS = st.text(st.characters(exclude_categories=()), max_size=30) | st.text(
    " a您\u3000\n\x1f\u200d", max_size=6
)
BODIES = st.one_of(
    TEXTS.map(lambda text: {"text": text}),
    st.dictionaries(st.sampled_from(["text", "more"]), st.none() | st.integers() | TEXTS),
    st.none() | st.lists(TEXTS, max_size=2),
)


def said(raw: bytes) -> Any:
    """What the socket puts on record; None: it is refused."""
    try:
        body = body_of(Say(new_id(), "cid", "text", msgspec.Raw(raw)))
    except Invalid:
        return None
    return json.loads(body)


def by_the_schema(raw: bytes) -> Any:
    try:
        return schemas.Text.model_validate_json(raw).model_dump()
    except ValidationError:
        return None


@given(BODIES, st.booleans())
@example({"text": "a" * 4000}, True)
@example({"text": "a" * 4001}, True)
@example({"text": ""}, True)
@example({"text": "您好 \U0001f44b"}, True)
def test_the_schema_decides(body: Any, escaped: bool) -> None:
    raw = json.dumps(body, ensure_ascii=escaped).encode(errors="surrogatepass")
    assert said(raw) == by_the_schema(raw)


@pytest.mark.parametrize(
    "raw",
    [
        b'{"text":"a","text":"b"}', b'{"text":"a"', b'{"text":"a"} ', b'{"text":"\xff"}', b'{"text":"\\ud83d\\udc4b"}',
        b'{"text":"\\ud83d"}', b'{"text":"a\nb"}', b'{"text":"a/\\/\\"b"}', b"[" * 5000, b'{"te\\u0078t":"a"}',
    ],
)  # fmt: skip
def test_whatever_json_they_are_in(raw: bytes) -> None:
    assert said(raw) == by_the_schema(raw)
