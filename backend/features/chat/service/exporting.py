"""A conversation as a file: as text to read, or as lines of JSON. Sent as it is read, a page at a time."""

import json
from collections.abc import AsyncIterator
from typing import Any, Final, Literal
from uuid import UUID

from backend.core.caller import Caller
from backend.core.clock import SHANGHAI
from backend.core.locale import Locale, knows, say
from backend.db.direct import Direct
from backend.features.chat.repository import exporting
from backend.features.people.service import mask_name
from backend.platform.threads import Audience, seen_by

Form = Literal["text", "json"]

_PAGE: Final = 500


async def export(
    direct: Direct, caller: Caller, thread_id: UUID, form: Form, locale: Locale
) -> AsyncIterator[bytes]:
    """What the caller is shown of it: an owner no staff line, employees no owner's whole name.

    Whether they see the conversation is asked before.
    """
    sees: Audience = seen_by(caller, "staff")
    after = 0
    while True:
        rows = await exporting.lines(direct, thread_id, sees, after, _PAGE)
        if rows:
            if form == "json":
                told = [_as_json(row, caller) for row in rows]
            else:
                told = [_as_text(row, caller, locale) for row in rows]
            yield "".join(told).encode()
        if len(rows) < _PAGE:
            return
        after = rows[-1]["seq"]


def _who(row: Any, caller: Caller) -> str | None:
    """An owner reads an agent's whole name and their own; others of an owner's side are masked (S3-23)."""
    name: str | None = row["author_name"]
    if name is None or row["author_id"] == caller.account_id or row["author_kind"] == "staff":
        return name
    return mask_name(name)


def _as_json(row: Any, caller: Caller) -> str:
    line = {
        "seq": row["seq"],
        "at": row["at"].isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "kind": row["kind"],
        "author": _who(row, caller),
        "body": json.loads(row["body"]),
        "erased": row["erased"],
    }
    if caller.kind == "staff":
        line["audience"] = row["audience"]
    return json.dumps(line, ensure_ascii=False) + "\n"


def _as_text(row: Any, caller: Caller, locale: Locale) -> str:
    at = row["at"].astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S")
    who = _who(row, caller) or say(locale, "chat.system" if row["author_id"] is None else "chat.somebody")
    mark = say(locale, "chat.staff_line") if row["audience"] == "staff" else ""
    body = json.loads(row["body"])
    said = say(locale, "chat.erased") if row["erased"] else _said(row["kind"], body, locale)
    return f"{at}  {who}{mark}: {said}\n"


def _said(kind: str, body: dict[str, Any], locale: Locale) -> str:
    if kind == "text":
        text: str = body.get("text", "")
        return text.replace("\n", "\n    ")
    key = f"chat.did_{kind}"
    sentence = say(locale, key) if knows(key) else kind
    more = [str(body[name]) for name in _TELLING if body.get(name) is not None]
    return f"{sentence} {' · '.join(more)}" if more else sentence


_TELLING: Final = ("name", "caption", "stars", "text", "reason", "until")
