"""The door of posts: writing, publishing, reading them; open days."""

from backend.features.progress.models import Post
from backend.features.progress.repository.feed import Row as FeedRow
from backend.features.progress.repository.receipts import Standing
from backend.features.progress.service.booking import Wanted, book, cancel, visitors
from backend.features.progress.service.finding import post_for
from backend.features.progress.service.naming import Named
from backend.features.progress.service.publishing import (
    PUBLISH,
    posts_without_timer,
    publish,
    set_time,
    take_back,
    unset_time,
)
from backend.features.progress.service.reading import (
    PostView,
    feed,
    feed_for_staff,
    find,
    of_project,
    posts_said,
    series,
    views,
)
from backend.features.progress.service.receiving import Reader, audience_now, confirm, mark_read, readers
from backend.features.progress.service.reviewing import review
from backend.features.progress.service.withdrawing import consent_withdrawn
from backend.features.progress.service.writing import NewPost, discard, edit, post_to_edit, write

__all__ = [
    "PUBLISH",
    "FeedRow",
    "Named",
    "NewPost",
    "Post",
    "PostView",
    "Reader",
    "Standing",
    "Wanted",
    "audience_now",
    "book",
    "cancel",
    "confirm",
    "consent_withdrawn",
    "discard",
    "edit",
    "feed",
    "feed_for_staff",
    "find",
    "mark_read",
    "of_project",
    "post_for",
    "post_to_edit",
    "posts_said",
    "posts_without_timer",
    "publish",
    "readers",
    "review",
    "series",
    "set_time",
    "take_back",
    "unset_time",
    "views",
    "visitors",
    "write",
]
