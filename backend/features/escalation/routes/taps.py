"""The one-tap link of a page: a plain page with one button, for whoever holds the phone that was called."""

from datetime import datetime
from html import escape
from typing import Any, Final

from fastapi.responses import HTMLResponse

from backend.core.clock import SHANGHAI
from backend.core.errors import Conflict
from backend.core.locale import Locale, say
from backend.db.present import present
from backend.features.escalation.service import tapping
from backend.features.escalation.words import clock_words
from backend.platform.http.problems import problems
from backend.platform.http.route import Here, Lang, Uow, router

# The link itself is the key: an answer kept for a repeated request would outlive it.
taps = router(tag="pages", keyed=False)

_OVER: Final[dict[int | str, dict[str, Any]]] = {
    410: {
        "description": "The link was used, or nothing of it rings any more; a page that says so",
        "content": {"text/html": {}},
    }
}
_HEADERS: Final = {
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "x-robots-tag": "noindex, nofollow",
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'",
}
_PAGE: Final = (
    '<!doctype html><html lang="{locale}"><meta charset="utf-8"><title>同行 Tongxing</title>'
    '<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="robots" content="noindex">'
    '<body style="font:18px/1.7 system-ui,sans-serif;color:#1d2b36;max-width:36rem;margin:0 auto;padding:1.5rem">'
    "<p>{sentence}</p>{more}</html>"
)
_BUTTON: Final = (
    '<form method="post"><button style="font:inherit;width:100%;padding:.8rem;border:0;border-radius:.5rem;'
    'background:#0b6bcb;color:#fff">{words}</button></form>'
)


@taps.get("/taps/{token}", response_class=HTMLResponse, responses=problems(404) | _OVER)
async def show_tap(token: str, work: Uow, process: Here, locale: Lang) -> HTMLResponse:
    """What I am called about, with one button. Looking at it changes nothing: mail programs look at every link.

    It names cases and clocks, and nobody. A link that was used, or that nothing rings for any more, says so.
    """
    try:
        found = await tapping.tapped(work, process.sealer, token)
    except Conflict as over:
        return _page(locale, say(locale, f"problem.{over.code}"), status=410)
    lines = "".join(
        f"<li>{escape(_line(locale, one.number, one.clock, one.promised_at))}</li>" for one in found
    )
    button = _BUTTON.format(words=escape(say(locale, "paging.button")))
    note = f'<p style="font-size:.85em;color:#567">{escape(say(locale, "paging.note"))}</p>'
    return _page(locale, say(locale, "paging.question"), f"<ul>{lines}</ul>{button}{note}")


@taps.post("/taps/{token}", response_class=HTMLResponse, responses=problems(404) | _OVER)
async def acknowledge_by_tap(token: str, work: Uow, process: Here, locale: Lang) -> HTMLResponse:
    """I have it, all that rang together and rings still, without signing in. A link works once."""
    try:
        await tapping.tap(work, process.waker, await present(work), process.sealer, token)
    except Conflict as over:
        # What was locked for it is let go of as it was.
        await work.rollback()
        return _page(locale, say(locale, f"problem.{over.code}"), status=410)
    return _page(locale, say(locale, "paging.done"))


def _line(locale: Locale, number: str, clock: str, due_at: datetime) -> str:
    due = f"{due_at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"
    return say(locale, "paging.line", number=number, clock=clock_words(clock, locale), due=due)


def _page(locale: Locale, sentence: str, more: str = "", status: int = 200) -> HTMLResponse:
    return HTMLResponse(
        _PAGE.format(locale=locale, sentence=escape(sentence), more=more),
        status_code=status,
        headers=_HEADERS,
    )
