"""What becomes of posts when somebody whom they name withdraws their consent."""

from uuid import UUID

from backend.db.work import Work
from backend.features.privacy.service import without_consent
from backend.features.progress.repository import names
from backend.features.progress.service.naming import USE
from backend.features.progress.service.publishing import hold_back
from backend.features.progress.service.telling import authors, tell_consent


async def consent_withdrawn(work: Work, account_id: UUID, use: str, number: int) -> None:
    """Hold back the posts that were to name somebody; what was published stands, and its authors are told.

    Whoever has consented again meanwhile is named as before.
    """
    if use != USE or account_id not in await without_consent(work, USE, [account_id]):
        return
    missing = {account_id: number}
    for post in await names.posts_that_name(work, account_id):
        if post.state == "published":
            await tell_consent(work, post, "post_consent_withdrawn", authors(post), missing)
        else:
            await hold_back(work, post, missing)
