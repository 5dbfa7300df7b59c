"""The demo estate: two small projects, read by the same import as any other, and people of every kind to sign in as."""

from importlib import resources

from sqlalchemy import select

from backend.core.config import Settings
from backend.db.work import Work
from backend.duty import nobody_on_duty
from backend.features.chat import demo as chat
from backend.features.estate.service import import_file
from backend.features.notices import demo as notices
from backend.features.people import demo as people
from backend.features.progress import demo as progress
from backend.features.roster import demo as roster
from backend.platform.process import Process, open_process
from backend.platform.tree import Node

_PROJECTS = {"tongxing-garden.csv": "同行花园", "riverside.csv": "望江府"}
_REGION = "上海"

SignIn = dict[str, str]


class DemoBroken(Exception):
    """The demo estate that we ship cannot be imported: a fault of ours."""


async def load(settings: Settings) -> list[SignIn]:
    """Load the demo estate where there is no estate at all. Returns whom one may sign in as; none in a real estate."""
    async with open_process(settings) as process:
        async with process.works.begin() as work:
            projects = await _projects(work)
        if not projects:
            await _import(process)
            async with process.works.begin() as work:
                projects = await _projects(work)
        if not set(_PROJECTS.values()) <= set(projects):
            return []
        async with process.works.begin() as work:
            now = process.clock.now()
            sign_ins = await people.settle(work, now, projects["同行花园"])
            await roster.set_roster(work, now)
            await notices.give_addresses(work, list(people.EMPLOYEES))
        async with process.works.begin() as work:
            await chat.open_one(work, now, nobody_on_duty(process))
        async with process.works.begin() as work:
            await progress.tell_owners(process, work, now, projects["同行花园"].id)
        return sign_ins


async def _import(process: Process) -> None:
    for file, project in _PROJECTS.items():
        with resources.as_file(resources.files("backend.demo") / file) as path:
            report = await import_file(
                process,
                path,
                dry_run=False,
                accept_good_rows=False,
                region=_REGION,
                project=project,
                on_progress=lambda _: None,
            )
        if not report.written:
            raise DemoBroken(f"{file}: {report.refusal or report.sums}")


async def _projects(work: Work) -> dict[str, Node]:
    return {node.name: node for node in await work.scalars(select(Node).where(Node.kind == "project"))}
