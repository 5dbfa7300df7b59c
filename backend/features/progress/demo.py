"""The posts of the demo estate: one published as soon as a worker runs, an open day to book, a draft to review."""

from datetime import datetime, time, timedelta
from typing import Final
from uuid import UUID, uuid5

from backend.core.caller import Caller
from backend.core.clock import SHANGHAI, local_date
from backend.core.ids import new_id
from backend.db.work import Work
from backend.features.people.service import staff_by_number
from backend.features.progress import service
from backend.features.progress.repository import posts
from backend.features.progress.rules import Content, Kind, Slot
from backend.platform.process import Process

_IDS: Final = UUID("6f1f7a52-6c1f-4f0e-9d53-6c6a2f6b1f10")
_WRITER, _REVIEWER = "T0005", "T0003"
_SOON: Final = timedelta(seconds=30)


async def tell_owners(process: Process, work: Work, now: datetime, project_id: UUID) -> None:
    """Write the demo's posts for a project, once."""
    writer, reviewer = await _employee(work, _WRITER), await _employee(work, _REVIEWER)
    if writer is None or reviewer is None:
        return
    day = datetime.combine(local_date(now) + timedelta(days=14), time(9, 30), SHANGHAI)
    slots = [
        Slot("小区东门集合", start, start + timedelta(hours=2), 20)
        for start in (day, day + timedelta(hours=4, minutes=30))
    ]
    said: list[tuple[Kind, Content, bool]] = [
        (
            "progress",
            Content(
                title="二期工程进展",
                text="二期主体结构已封顶，砌筑完成六成，外立面样板段通过验收。下月开始室内抹灰。",
                stage="主体施工",
                milestone="topped-out",
                steps=(),
            ),
            True,
        ),
        (
            "open_day",
            Content(
                title="二期工地开放日",
                text="欢迎来看看二期建到了哪一步。请穿平底鞋，现场提供安全帽。",
                steps=(),
                slots=slots,
            ),
            True,
        ),
        ("letter_home", Content(title="家书：门口的地铁站", text="地铁站已完成主体施工。", steps=()), False),
    ]
    for kind, content, published in said:
        post_id = uuid5(_IDS, f"{project_id} {kind}")
        if await posts.find(work, post_id) is not None:
            continue
        wanted = service.NewPost(post_id, kind, None, content)
        post = await service.write(process, work, writer, now, project_id, wanted)
        if published:
            await service.review(work, reviewer, now, post, approved=True, opinion=None)
            await service.set_time(process, work, reviewer, now, post, now + _SOON)


async def _employee(work: Work, number: str) -> Caller | None:
    account = await staff_by_number(work, number)
    return None if account is None else Caller(account.id, new_id(), "staff")
