"""One's e-mail address, and the way out that every e-mail of a kind that may be switched off carries."""

from html import escape

from fastapi.responses import HTMLResponse

from backend.core.errors import NotFound
from backend.core.locale import say
from backend.features.notices import schemas
from backend.features.notices.service import addresses, choosing
from backend.features.notices.unsubscribing import read_token
from backend.platform.http.caller import SignedIn
from backend.platform.http.problems import problems
from backend.platform.http.route import Here, Lang, Uow, router

addresses_of_mine = router(tag="me")
unsubscribing = router(tag="notices")


@addresses_of_mine.put("/me/email", status_code=202, responses=problems(401))
async def set_email(
    asked: schemas.EmailAsked, process: Here, work: Uow, caller: SignedIn, locale: Lang
) -> schemas.EmailChecked:
    """Have my e-mail sent to this address: a code goes there, and nothing else until I have confirmed it by that."""
    await addresses.ask_for_email(process, work, caller, process.clock.now(), asked.email, locale)
    return schemas.EmailChecked(email=asked.email, confirmed=False)


@addresses_of_mine.post("/me/email/confirmation", status_code=204, responses=problems(401))
async def confirm_email(asked: schemas.EmailCode, process: Here, work: Uow, caller: SignedIn) -> None:
    """The code from that e-mail: the address is mine."""
    await addresses.confirm_email(process, work, caller, process.clock.now(), asked.code)


@addresses_of_mine.delete("/me/email", status_code=204, responses=problems(401))
async def delete_email(process: Here, work: Uow, caller: SignedIn) -> None:
    """Send me no e-mail any more."""
    await addresses.give_email_up(work, caller, process.clock.now())


@unsubscribing.get("/unsubscribe/{token}", response_class=HTMLResponse, responses=problems(404))
async def show_unsubscribe(token: str, process: Here, locale: Lang) -> HTMLResponse:
    """A page that asks whether this kind of notice shall be switched off. Looking at it changes nothing.

    Programs that look at every link of a mail open it as well.
    """
    if read_token(process.sealer, token) is None:
        raise NotFound()
    return _page(locale, say(locale, "notice.unsubscribe_question"), say(locale, "notice.unsubscribe_yes"))


@unsubscribing.post("/unsubscribe/{token}", response_class=HTMLResponse, responses=problems(404))
async def unsubscribe_by_mail(token: str, process: Here, work: Uow, locale: Lang) -> HTMLResponse:
    """Switch this kind of notice off for whom the mail was for, as a mail program asks for it (RFC 8058).

    It stands in the inbox all the same, and can be switched on again among one's preferences.
    """
    found = read_token(process.sealer, token)
    if found is None:
        raise NotFound()
    await choosing.switch_off(work, *found)
    return _page(locale, say(locale, "notice.unsubscribe_done"))


def _page(locale: str, sentence: str, button: str | None = None) -> HTMLResponse:
    form = "" if button is None else f'<form method="post"><button>{escape(button)}</button></form>'
    return HTMLResponse(_PAGE.format(locale=locale, sentence=escape(sentence), form=form))


_PAGE = (
    '<!doctype html><html lang="{locale}"><meta charset="utf-8"><title>同行 Tongxing</title>'
    '<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="robots" content="noindex">'
    '<body style="font:16px/1.7 system-ui,sans-serif;color:#1d2b36;max-width:36rem;margin:0 auto;padding:1.5rem">'
    "<p>{sentence}</p>{form}</html>"
)
