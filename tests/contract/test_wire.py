"""What we put on the wire ourselves is what the library that reads the rest would have put there."""

import pytest
from websockets.frames import Frame, Opcode

from backend.platform.realtime.frames import text_frame


@pytest.mark.parametrize("size", [0, 1, 125, 126, 127, (1 << 16) - 1, 1 << 16, 1 << 20])
def test_a_text_frame_is_that_of_websockets(size: int) -> None:
    text = b"a" * size
    assert text_frame(text) == Frame(Opcode.TEXT, text).serialize(mask=False, extensions=[])


def test_a_frame_counts_bytes_not_characters() -> None:
    assert text_frame("您".encode() * 42)[:4] == b"\x81\x7e\x00\x7e"
