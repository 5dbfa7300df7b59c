"""`tongxing doctor`: looks at everything an installation stands on, and says what is wrong and what to do."""

import asyncio
import shutil
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import text

from backend.core.clock import local_date
from backend.core.config import Settings, production_faults
from backend.core.ids import new_id
from backend.db import migrations
from backend.platform.calendar import MAINLAND, coming_year_missing
from backend.platform.process import Process, open_process
from backend.platform.storage import StoreAway
from backend.platform.timers import operating

_TESTED_POSTGRES, _TESTED_VALKEY = 18, 9
_DRIFT_SECONDS = 5.0
_MIN_FREE_GIB = 2.0


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at."""

    what: str
    state: Literal["ok", "warning", "wrong"]
    says: str


Check = Callable[[Process], Awaitable[Finding]]


async def examine(settings: Settings) -> list[Finding]:
    """Every finding, in the order one would mend them."""
    findings = [_settings(settings)]
    async with open_process(settings) as process:
        for name, check in (
            ("PostgreSQL", _postgres),
            ("locale", _locale),
            ("migration", _migration),
            ("clock", _clock),
            ("clock shift", _shift),
            ("Valkey", _valkey),
            ("SMS", _codes_leave),
            ("push", _pushes_leave),
            ("e-mail", _letters_leave),
            ("calls", _calls_connect),
            ("files", _files),
            ("timers", _timers),
            ("calendar", _calendar),
            ("disk", _disk),
        ):
            findings.append(await _guarded(name, check, process))
    return findings


async def _guarded(name: str, check: Check, process: Process) -> Finding:
    try:
        async with asyncio.timeout(10):
            return await check(process)
    except Exception as error:
        reason = str(error).splitlines()[0][:200] if str(error) else type(error).__name__
        return Finding(name, "wrong", f"could not be looked at: {reason}")


def _settings(settings: Settings) -> Finding:
    faults = production_faults(settings)
    if not faults:
        return Finding("settings", "ok", f"mode {settings.mode}; no development secret stands")
    state: Literal["warning", "wrong"] = "wrong" if settings.production else "warning"
    return Finding("settings", state, f"mode {settings.mode}; before production: " + "; ".join(faults))


async def _postgres(process: Process) -> Finding:
    async with process.works.begin() as work:
        version = str(await work.scalar(text("SHOW server_version")))
    return _version("PostgreSQL", version, _TESTED_POSTGRES)


async def _locale(process: Process) -> Finding:
    async with process.works.begin() as work:
        provider, encoding = (
            await work.execute(
                text(
                    "SELECT datlocprovider::text, pg_encoding_to_char(encoding) FROM pg_database"
                    " WHERE datname = current_database()"
                )
            )
        ).one()
        finds_chinese = await work.scalar(text("SELECT cardinality(show_trgm('朗润园')) > 0"))
    if encoding != "UTF8" or not finds_chinese:
        return Finding(
            "locale",
            "wrong",
            f"encoding {encoding}, trigram search {'finds' if finds_chinese else 'does not find'} Chinese: create the"
            " cluster with --encoding=UTF8 --locale-provider=builtin --builtin-locale=C.UTF-8 --lc-ctype=C.UTF-8",
        )
    name = {"b": "builtin", "i": "icu", "c": "libc"}.get(provider, provider)
    return Finding("locale", "ok", f"UTF8, provider {name}; trigram search finds Chinese")


async def _migration(process: Process) -> Finding:
    head, current = migrations.head(), await migrations.current(process.engine)
    if current != head:
        return Finding(
            "migration", "wrong", f"at {current or 'none'}, this code wants {head}: run `tongxing migrate`"
        )
    return Finding("migration", "ok", head)


async def _clock(process: Process) -> Finding:
    async with process.works.begin() as work:
        ahead = await work.scalar(
            text("SELECT extract(epoch FROM clock_timestamp() - CAST(:here AS timestamptz))"),
            {"here": process.clock.now()},
        )
    drift = float(ahead or 0)
    state: Literal["ok", "wrong"] = "ok" if abs(drift) < _DRIFT_SECONDS else "wrong"
    return Finding("clock", state, f"the database's clock is {drift:+.2f} s from this machine's")


async def _shift(process: Process) -> Finding:
    async with process.works.begin() as work:
        shift = await work.scalar(text("SELECT max(shift) FROM clock_shift"))
    if not shift:
        return Finding("clock shift", "ok", "none")
    if process.settings.production:
        return Finding(
            "clock shift", "wrong", f"the database is {shift} ahead: it was used for tests or a demo"
        )
    return Finding("clock shift", "warning", f"the system was moved {shift} ahead")


async def _valkey(process: Process) -> Finding:
    info = await process.valkey.info("server")
    version = str(info.get("valkey_version") or info.get("redis_version"))
    return _version("Valkey", version, _TESTED_VALKEY)


def _version(what: str, version: str, tested: int) -> Finding:
    if int(version.split(".", maxsplit=1)[0]) < tested:
        return Finding(what, "warning", f"{version}: Tongxing is tested with {tested}")
    return Finding(what, "ok", version)


async def _codes_leave(process: Process) -> Finding:
    if process.settings.aliyun_sms_key_id:
        return Finding("SMS", "ok", "Alibaba Cloud")
    if process.settings.sms_url:
        return Finding("SMS", "ok", f"signed gateway at {process.settings.sms_url}")
    return Finding("SMS", "warning", "no gateway: texts go to the development mailbox page")


async def _pushes_leave(process: Process) -> Finding:
    if process.settings.fcm_service_account is None:
        return Finding("push", "warning", "no service account: pushes go to the development mailbox page")
    if not process.settings.fcm_service_account.is_file():
        return Finding("push", "wrong", f"{process.settings.fcm_service_account} is no file")
    return Finding("push", "ok", f"FCM by {process.settings.fcm_service_account}")


async def _letters_leave(process: Process) -> Finding:
    if not process.settings.smtp_host:
        return Finding("e-mail", "warning", "no server: e-mails go to the development mailbox page")
    return Finding("e-mail", "ok", f"{process.settings.smtp_host}:{process.settings.smtp_port}")


async def _calls_connect(process: Process) -> Finding:
    if process.settings.numbers_url:
        return Finding("calls", "ok", f"number service at {process.settings.numbers_url}")
    return Finding("calls", "ok", "no number service: owners and engineers are given the project's hotline")


async def _files(process: Process) -> Finding:
    """Put something there, read it and take it away again: a folder may be read-only, a key may only read."""
    under = f"doctor/{new_id()}/"
    try:
        await process.store.put(f"{under}written", b"doctor")
        size = await process.store.size(f"{under}written")
        await process.store.delete_under(under)
    except StoreAway as away:
        return Finding("files", "wrong", f"photos and files cannot be kept: {away}")
    if size != len(b"doctor"):
        return Finding("files", "wrong", f"what was written has {size} bytes: it is no store of ours alone")
    return Finding("files", "ok", f"written and read at {process.settings.files_url.partition('?')[0]}")


async def _timers(process: Process) -> Finding:
    async with process.works.begin() as work:
        counts, pending = await operating.count(work), await operating.count_pending(work)
    says = f"{pending} pending, {counts.due} due, {counts.parked} parked; {counts.workers} workers alive"
    if counts.held:
        return Finding("timers", "wrong", f"firing is held: the database's clock jumped; {says}")
    warns = counts.parked or not counts.workers
    return Finding("timers", "warning" if warns else "ok", says)


async def _calendar(process: Process) -> Finding:
    missing = coming_year_missing(local_date(process.clock.now()))
    return Finding(
        "calendar",
        "warning" if missing else "ok",
        f"holidays are published up to {MAINLAND.last_year}, firm until {MAINLAND.firm_until}; later days are"
        " provisional until chinesecalendar is upgraded",
    )


async def _disk(process: Process) -> Finding:
    folder = process.settings.import_folder.absolute()
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free / (1 << 30)
    state: Literal["ok", "warning"] = "ok" if free >= _MIN_FREE_GIB else "warning"
    return Finding("disk", state, f"{free:.1f} GiB free at {folder}")
