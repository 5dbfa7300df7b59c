"""The audit's composition root: every check, one line each."""

import asyncio
import contextlib
import signal
from collections.abc import Sequence

from backend.core.config import Settings
from backend.core.logging import log
from backend.features.chat.checks import CHECKS as OF_CHAT
from backend.features.escalation.checks import CHECKS as OF_ESCALATION
from backend.features.hotline.checks import CHECKS as OF_CASES
from backend.features.journey.checks import CHECKS as OF_JOURNEYS
from backend.features.notices.checks import CHECKS as OF_NOTICES
from backend.features.progress.checks import CHECKS as OF_POSTS
from backend.features.repairs.checks import CHECKS as OF_REPAIRS
from backend.features.visits.checks import CHECKS as OF_VISITS
from backend.features.warranty.checks import CHECKS as OF_WARRANTIES
from backend.platform.audit import Audit, Check, Fault
from backend.platform.process import Process, following, open_process
from backend.platform.timers.checks import CHECKS as OF_TIMERS


def checks(_process: Process) -> list[Check]:
    """Everything that is looked at: the timers themselves, and what each feature needs them for."""
    return [
        *OF_TIMERS,
        *OF_CASES,
        *OF_JOURNEYS,
        *OF_CHAT,
        *OF_ESCALATION,
        *OF_NOTICES,
        *OF_POSTS,
        *OF_REPAIRS,
        *OF_VISITS,
        *OF_WARRANTIES,
    ]


async def look_once(settings: Settings) -> Sequence[Fault]:
    """Make every check once, and report as always."""
    async with open_process(settings) as process, following(process):
        return await Audit(process.works, checks(process), settings.heartbeat_url).look()


async def run_audit(settings: Settings) -> None:
    """Look again and again, until SIGTERM or SIGINT."""
    async with open_process(settings) as process, following(process):
        running = asyncio.create_task(Audit(process.works, checks(process), settings.heartbeat_url).run())
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, running.cancel)
        log.info("audit_ready")
        with contextlib.suppress(asyncio.CancelledError):
            await running
        log.info("audit_stopped")
