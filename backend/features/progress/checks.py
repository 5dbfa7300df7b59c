"""What must hold of posts, looked at from outside the workers."""

from collections.abc import Sequence
from typing import Final

from backend.db.work import Work
from backend.features.progress.service import posts_without_timer
from backend.platform.audit import Check, Fault


async def _timers(work: Work) -> Sequence[Fault]:
    return [
        Fault(f"post {row.id}", f"is scheduled for {row.publish_at.isoformat()} and nothing will publish it")
        for row in await posts_without_timer(work)
    ]


CHECKS: Final = (Check("every scheduled post has its timer", _timers),)
