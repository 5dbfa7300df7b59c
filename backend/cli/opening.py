"""What commands share: their settings, running to an end, and refusing in a sentence."""

import asyncio
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import typer
from pydantic import ValidationError

from backend.cli import until_the_end
from backend.cli.options import DATA
from backend.core.config import Settings
from backend.core.errors import Refusal
from backend.core.locale import DEFAULT, sentence
from backend.core.logging import configure_logging
from backend.platform.embedded import CannotStart, folder, servers_at_hand
from backend.prepare import prepare

Result = TypeVar("Result")


def settings_of(data: Path = DATA, *, service: str | None = None) -> Settings:
    """The settings of a command; ends it with a sentence where they cannot be read.

    A service needs its addresses. Any other command without them uses the servers of the folder `data`: those that
    `tongxing up` runs there, or its own for as long as the command lasts.
    """
    try:
        settings = Settings()
    except ValidationError as error:
        wrong = "; ".join(f"TONGXING_{str(e['loc'][0]).upper()}: {e['msg']}" for e in error.errors())
        refuse(f"Settings: {wrong}")
    missing = [name for name in ("database_url", "valkey_url") if not getattr(settings, name)]
    if missing and (service is not None or settings.production or len(missing) == 1):
        names = " and ".join(f"TONGXING_{name.upper()}" for name in missing)
        refuse(f"{names} must be set. To try everything in one folder: `tongxing up`.")
    if missing:
        settings = _at_hand(settings, data)
    if service is not None:
        configure_logging(settings.log_level, service=service)
    return settings


def _at_hand(settings: Settings, data: Path) -> Settings:
    known = folder.holds_a_database(data)
    try:
        servers = until_the_end.enter_context(servers_at_hand(data))
    except CannotStart as error:
        refuse(str(error))
    if servers.started:
        if not known:
            print(
                "There was no database here: a new, empty one is made. --data names another folder.",
                file=sys.stderr,
            )
        print(f"PostgreSQL and Valkey run in {data.resolve()} for this command.", file=sys.stderr)
        prepare(servers.database_url)
    return settings.model_copy(
        update={"database_url": servers.database_url, "valkey_url": servers.valkey_url}
    )


def run(coroutine: Coroutine[Any, Any, Result]) -> Result:
    """Run to the end; a refusal ends the command with its sentence."""
    try:
        return asyncio.run(coroutine)
    except Refusal as refusal:
        refuse(sentence(DEFAULT, refusal.code, refusal.params))


def refuse(says: str) -> NoReturn:
    """End the command with a sentence on standard error and exit code 1."""
    print(says, file=sys.stderr)
    raise typer.Exit(1)
