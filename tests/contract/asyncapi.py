"""The socket's protocol as an AsyncAPI document, from the frames themselves: `python -m tests.contract.asyncapi`."""

from pathlib import Path
from typing import Any, get_args

import msgspec
import yaml

from backend.core.locale import knows, say
from backend.platform.realtime.frames import CLOSES, REFUSALS, Asked, Told

DOCUMENT = Path(__file__).parents[2] / "docs" / "asyncapi.yaml"

_DESCRIPTION = """One WebSocket a device: text frames, one JSON object each, `op` says which. The first frame is \
`hello`, within five seconds. docs/realtime.md says how an app lives with it. Fields may be added to what the server \
sends: pass over what you do not know, and frames of an unknown op."""


def document() -> dict[str, Any]:
    """The whole document."""
    asked, told = get_args(Asked), get_args(Told)
    _, schemas = msgspec.json.schema_components([*asked, *told], ref_template="#/components/schemas/{name}")
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "Tongxing 同行: the socket", "version": "1", "description": _DESCRIPTION},
        "servers": {"here": {"host": "127.0.0.1:8000", "protocol": "ws"}},
        "channels": {
            "socket": {
                "address": "/v1/socket",
                "messages": {
                    name: {"$ref": f"#/components/messages/{name}"} for name in map(_name, [*asked, *told])
                },
                "bindings": {"ws": {"method": "GET"}},
            }
        },
        "operations": {
            "fromClient": _operation("receive", asked),
            "fromServer": _operation("send", told),
        },
        "components": {
            "messages": {_name(kind): _message(kind) for kind in (*asked, *told)},
            "schemas": schemas,
        },
        "x-close-codes": CLOSES,
        "x-refusals": {code: _sentence(code) for code in REFUSALS},
    }


def _operation(action: str, kinds: tuple[type[msgspec.Struct], ...]) -> dict[str, Any]:
    return {
        "action": action,
        "channel": {"$ref": "#/channels/socket"},
        "messages": [{"$ref": f"#/channels/socket/messages/{_name(kind)}"} for kind in kinds],
    }


def _message(kind: type[msgspec.Struct]) -> dict[str, Any]:
    return {
        "name": str(kind.__struct_config__.tag),
        "summary": " ".join((kind.__doc__ or "").split()),
        "contentType": "application/json",
        "payload": {"$ref": f"#/components/schemas/{kind.__name__}"},
    }


def _name(kind: type[msgspec.Struct]) -> str:
    return kind.__name__


def _sentence(code: str) -> str:
    area = "socket" if knows(f"socket.{code}") else "problem"
    blanks = {"limit": "…", "field": "…", "why": "…", "known": "…", "retry_after": "…"}
    return say("en", f"{area}.{code}", **blanks)


def written() -> str:
    """The document as it stands in its file."""
    return yaml.safe_dump(document(), allow_unicode=True, sort_keys=False, width=110)


if __name__ == "__main__":
    DOCUMENT.write_text(written(), encoding="utf-8")
