"""Cursors."""

import base64
from datetime import UTC, datetime
from uuid import UUID

import pytest

from backend.core.errors import Invalid
from backend.core.ids import new_id
from backend.core.paging import decode_cursor, encode_cursor


def test_a_cursor_gives_back_the_key_it_was_made_of() -> None:
    moment, some_id = datetime(2026, 11, 22, 8, 30, tzinfo=UTC), new_id()
    assert decode_cursor(encode_cursor("1号楼", 3, some_id), tuple[str, int, UUID]) == ("1号楼", 3, some_id)
    assert decode_cursor(encode_cursor(moment), tuple[datetime]) == (moment,)
    assert decode_cursor(None, tuple[str]) is None


def packed(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode("utf-8", "surrogatepass")).rstrip(b"=").decode()


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "x",
        "!!!!",
        "号",
        "\ud800",
        "\x00",
        "=" * 9,
        packed(""),
        packed("{}"),
        packed("[]"),
        packed('["a"]'),
        packed('["a","not an id"]'),
        packed('["a","0199d6a0-7c2e-7000-8000-6d1c5e0f4b11",1]'),
        packed('["a\\u0000","0199d6a0-7c2e-7000-8000-6d1c5e0f4b11"]'),
        packed('["\ud800","0199d6a0-7c2e-7000-8000-6d1c5e0f4b11"]'),
        packed('["\\ud800","0199d6a0-7c2e-7000-8000-6d1c5e0f4b11"]'),
        packed("[" * 700),
        packed('[null,"0199d6a0-7c2e-7000-8000-6d1c5e0f4b11"]'),
        encode_cursor("a", "0199d6a0-7c2e-7000-8000-6d1c5e0f4b11")[:-3],
    ],
)
def test_a_cursor_that_is_none_of_ours_is_refused(cursor: str) -> None:
    with pytest.raises(Invalid) as refused:
        decode_cursor(cursor, tuple[str, UUID])
    assert (refused.value.code, refused.value.field) == ("cursor_invalid", "cursor")
