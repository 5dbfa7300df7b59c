"""The queue tells itself while people write: what was said last in what waits, and who is writing there."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from backend.db.work import Work
from backend.features.chat.repository import conversations, views
from backend.platform.process import Process
from backend.platform.realtime.typists import who_types


@dataclass(frozen=True, slots=True)
class Writer:
    """Somebody who is writing: an employee by name, or somebody of the owner's side without one."""

    account_id: UUID | None = None
    name: str | None = None


async def writers(process: Process, work: Work, thread_ids: Sequence[UUID]) -> dict[UUID, list[Writer]]:
    """Who is writing on these threads; those without anybody are left out."""
    found = await who_types(process.valkey, thread_ids)
    staff = {one.account_id for typists in found.values() for one in typists if one.staff}
    names = await conversations.names_of(work, staff) if staff else {}
    told: dict[UUID, list[Writer]] = {}
    for thread_id, typists in found.items():
        owners = [] if all(one.staff for one in typists) else [Writer()]
        told[thread_id] = owners + [
            Writer(one.account_id, names.get(one.account_id)) for one in typists if one.staff
        ]
    return told


class Stirred:
    """Told by every node on which threads something stirs: those who follow the queue in which one waits are told."""

    def __init__(self, process: Process) -> None:
        self._process = process

    async def __call__(self, thread_ids: Collection[UUID]) -> None:
        """Threads of anything; those of conversations that wait count."""
        projects = await views.waited_in(self._process.direct, thread_ids)
        self._process.bus.poke([f"queue:{project_id}" for project_id in projects])
