"""The standards that come with the product, and putting them into a database that does not know them."""

from datetime import date, datetime
from importlib.resources import files
from typing import Any, Final

from sqlalchemy import insert

from backend.core.ids import new_id
from backend.db.work import Work
from backend.features.standard import repository
from backend.features.standard.document import Standard
from backend.features.standard.models import StandardVersion
from backend.features.standard.reading import read_document
from backend.features.standard.rules import digest, plain

EFFECTIVE_FROM: Final = date(1990, 1, 1)
"""From when a shipped standard holds: no date of an estate lies before it."""

_REASON = "随产品提供 shipped with the product"


def library() -> dict[tuple[str, str], bytes]:
    """The shipped files by code and version: `six-plus-two.A-0.yaml` is version A/0 of six-plus-two.

    Where there is a folder of none, nothing is shipped.
    """
    folder = files("backend.features.standard") / "library"
    if not folder.is_dir():
        return {}
    found = {}
    for file in folder.iterdir():
        code, _, rest = file.name.partition(".")
        version, _, kind = rest.partition(".")
        if kind == "yaml":
            found[code, version.replace("-", "/")] = file.read_bytes()
    return dict(sorted(found.items()))


def shipped(code: str, version: str | None = None) -> Standard | None:
    """A shipped document; without a version the newest. None when there is no such file."""
    found = [content for (one, of), content in library().items() if one == code and version in (None, of)]
    return read_document(found[-1]).standard if found else None


async def install(work: Work, now: datetime) -> list[str]:
    """Give the database every shipped standard it does not know, in the newest version; returns their codes.

    A standard it knows is left alone, whatever its versions: from then on it is the company's own, and a newer shipped
    text is proposed and approved like any other. So this may run again and at the same time.
    """
    installed = []
    for code in dict.fromkeys(code for code, _ in library()):
        if await repository.add_if_new(work, code):
            standard = shipped(code)
            assert standard is not None
            # Not an object of the unit of work: to write one, SQLAlchemy wants the models of everything it refers to.
            await work.execute(insert(StandardVersion).values(_version_of(standard, now)))
            installed.append(code)
    return installed


def _version_of(standard: Standard, now: datetime) -> dict[str, Any]:
    return {
        "id": new_id(),
        "code": standard.code,
        "version": standard.version,
        "state": "approved",
        "document": plain(standard),
        "digest": digest(standard),
        "proposed_at": now,
        "approved_at": now,
        "effective_from": EFFECTIVE_FROM,
        "reason": _REASON,
    }
