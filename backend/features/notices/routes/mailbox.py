"""The mailbox page of the development server. Production has no such address."""

from html import escape
from typing import Annotated

from fastapi import Query
from fastapi.responses import HTMLResponse

from backend.core.wire import Answer, Moment
from backend.features.notices.mailbox import newest
from backend.platform.http.route import Here, Uow, router

mailbox = router(tag="development", prefix="/dev")


class KeptMessage(Answer):
    """A message that would have gone out."""

    channel: str
    address: str
    title: str
    body: str
    created_at: Moment


class KeptMessages(Answer):
    """The newest first."""

    items: list[KeptMessage]


@mailbox.get("/mailbox/messages")
async def list_mailbox(
    work: Uow, address: Annotated[str | None, Query(max_length=200, pattern=r"^[\x20-\x7e]+$")] = None
) -> KeptMessages:
    """What would have gone out, newest first; to one address or to all."""
    return KeptMessages(
        items=[KeptMessage.model_validate(message) for message in await newest(work, 100, address)]
    )


@mailbox.get("/mailbox", response_class=HTMLResponse, include_in_schema=False)
async def show_mailbox(work: Uow, process: Here) -> HTMLResponse:
    """The same as a page that keeps itself fresh."""
    rows = "".join(
        f"<tr><td><time>{message.created_at:%Y-%m-%d %H:%M:%S}</time><td>{message.channel}<td class='to'>{escape(message.address)}"
        f"<td><b>{escape(message.title)}</b><br>{escape(message.body)}"
        for message in await newest(work, 100)
    )
    empty = "<p>还没有消息。获取一次验证码，它会出现在这里。<br>Nothing yet. Ask for a code and it appears here.</p>"
    table = f"<table><tr><th>时间 UTC<th>渠道 By<th>发往 To<th>内容 Message{rows}</table>" if rows else empty
    return HTMLResponse(
        _PAGE.replace("{content}", table).replace("{now}", f"{process.clock.now():%Y-%m-%d %H:%M:%S}")
    )


_PAGE = """<!doctype html><html lang="zh-CN"><meta charset="utf-8"><meta http-equiv="refresh" content="3">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>同行 · 开发邮箱 Mailbox</title>
<style>
body{font:16px/1.6 system-ui,"PingFang SC","Noto Sans CJK SC",sans-serif;max-width:52rem;margin:2rem auto;padding:0 1rem;color:#1d2b36}
h1{font-size:1.3rem;margin:0} p{color:#567}
table{border-collapse:collapse;width:100%;margin-top:1rem} th{text-align:left;color:#567;font-weight:500}
td,th{padding:.55rem .8rem;border-bottom:1px solid #e3e9ee;vertical-align:top} time{white-space:nowrap;color:#456} .to{max-width:14rem;overflow-wrap:anywhere;color:#456}
b{font-weight:600}
</style>
<h1>开发邮箱 · Mailbox</h1>
<p>开发模式下，短信、推送和邮件不会真的发出，而是显示在这里。Texts, pushes and e-mails are not sent in development; they appear here. 系统时间 {now} UTC</p>
{content}</html>"""
