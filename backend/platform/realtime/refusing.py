"""What is wrong with a frame, by name, and the refusal that says so in the client's language."""

import re
from typing import Any, Final, get_args

import msgspec

from backend.core.errors import Refusal
from backend.core.locale import Locale, knows, say, sentence
from backend.platform.realtime.frames import ASKED, FRAME_BYTES, Asked

_OPS: Final = frozenset(kind.__struct_config__.tag for kind in get_args(Asked))
_PLACE: Final = re.compile(r"(?:at `\$\.?|field `)([^`]*)`")

_ANYTHING: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])
_TEXT: Final = msgspec.json.Decoder(str)


class Wrong(Exception):
    """A frame that cannot be meant. `frame` is what could be read of it: its op, cid, thread and topic."""

    def __init__(self, code: str, frame: dict[str, str] | None = None, **params: Any) -> None:
        super().__init__(code)
        self.code, self.frame, self.params = code, frame or {}, params


def decoded(text: bytes | None) -> Asked:
    """The frame in a message, which is UTF-8; None stands for a binary one.

    Raises:
        Wrong: `not_text`, `too_large`, `not_json`, `not_an_object`, `unknown_op`, `wrong_shape`.
    """
    if text is None:
        raise Wrong("not_text")
    if len(text) > FRAME_BYTES:
        raise Wrong("too_large", limit=FRAME_BYTES)
    try:
        frame: Asked = ASKED.decode(text)
    except msgspec.ValidationError as error:
        raise _misshapen(text, str(error)) from None
    except (msgspec.DecodeError, RecursionError, UnicodeError):
        raise Wrong("not_json") from None
    return frame


def _misshapen(text: bytes, fault: str) -> Wrong:
    try:
        raw = _ANYTHING.decode(text)
    except (msgspec.DecodeError, RecursionError, UnicodeError) as error:
        return Wrong("not_an_object" if isinstance(error, msgspec.ValidationError) else "not_json")
    frame = {}
    for name in ("op", "cid", "thread", "topic"):
        try:
            frame[name] = _TEXT.decode(raw[name])
        except (KeyError, msgspec.DecodeError):
            continue
    op = frame.get("op")
    if op not in _OPS:
        frame.pop("op", None)
        return Wrong("unknown_op", frame, known=", ".join(sorted(map(str, _OPS))))
    place = _PLACE.search(fault)
    return Wrong("wrong_shape", frame, field=place[1][:80] if place else "op")


def refusal_detail(locale: Locale, refusal: Refusal) -> tuple[str, str | None]:
    """The sentence for what the domain refuses, and the field it is about."""
    if refusal.faults:
        fault = refusal.faults[0]
        why = sentence(locale, fault.code, fault.params)
        return say(locale, "socket.fields_invalid", field=fault.field, why=why), fault.field
    return detail(locale, refusal.code, refusal.params), refusal.field


def detail(locale: Locale, code: str, params: dict[str, Any]) -> str:
    """The sentence for a code: the socket's own, or the one REST has."""
    key = f"socket.{code}"
    return say(locale, key, **params) if knows(key) else sentence(locale, code, params)
