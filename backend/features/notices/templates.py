"""What is said of a notice, by kind, language and channel: `backend/locales/notice.*.toml`, filled in."""

import html
from collections.abc import Iterator, Mapping
from string import Formatter
from typing import Any, Final

from backend.core.locale import LOCALES, Locale, keys, knows, say
from backend.features.notices.kinds import CHANNELS, CODES, KINDS, LINK, ChannelName

Parts = tuple[str, ...]

_PARTS: Final[dict[ChannelName, Parts]] = {
    "push": ("push_title", "push_body"),
    "sms": ("sms",),
    "email": ("email_subject", "email_body"),
}
FRAMES: Final = ("sms", "email_subject", "email_body")
"""What goes round the words of the push where a kind has none of its own for a channel: `{title}` and `{body}`."""


class TemplatesBroken(Exception):
    """Templates that must not go out: each line names one and what is wrong with it."""


def sayings() -> Iterator[tuple[str, ChannelName, frozenset[str]]]:
    """Everything that can be sent: each kind by each channel, with its placeholders; each code by its own."""
    for kind in KINDS.values():
        for channel in CHANNELS:
            yield kind.code, channel, kind.said_by(channel)
    for code, (channel, one) in CODES.items():
        yield code, channel, one.words


def faults(texts: Mapping[Locale, Mapping[str, str]] | None = None) -> list[str]:
    """What is wrong with the templates: one is missing, one leaves a word out, one asks for a word nobody gives."""
    told = texts if texts is not None else {locale: dict(keys(locale)) for locale in LOCALES}
    found: list[str] = []
    for locale in LOCALES:
        for name in FRAMES:
            wanted = frozenset({"title"} if name == "email_subject" else {"title", "body"})
            found += _faults(f"the frame {name}", (name,), wanted, locale, told[locale])
        for code, channel, words in sayings():
            # By the others a kind may be said in the words of its push, which were looked at; but they hold no link.
            if channel == "push" or code in CODES or LINK in words or _own(code, channel, told[locale]):
                parts = tuple(f"{code}_{part}" for part in _PARTS[channel])
                found += _faults(f"{code} by {channel}", parts, words, locale, told[locale])
    return found


def require_sound() -> None:
    """Refuse to start with broken templates.

    Raises:
        TemplatesBroken: see there.
    """
    if found := faults():
        raise TemplatesBroken("\n".join(found))


def _own(code: str, channel: ChannelName, texts: Mapping[str, str]) -> bool:
    return any(f"notice.{code}_{part}" in texts for part in _PARTS[channel])


def _faults(
    what: str, names: Parts, words: frozenset[str], locale: Locale, texts: Mapping[str, str]
) -> Iterator[str]:
    used: set[str] = set()
    for name in names:
        where = f"notice.{locale}.toml, {name}"
        if f"notice.{name}" not in texts:
            yield f"{where}: is missing"
            return
        try:
            found = {word for _, word, _, _ in Formatter().parse(texts[f"notice.{name}"]) if word is not None}
        except ValueError as error:
            yield f"{where}: {error}"
            return
        used |= found
        for word in sorted(found - words):
            yield f"{where}: {{{word}}} is a placeholder that nobody fills"
    for word in sorted(words - used):
        yield f"notice.{locale}.toml, {what}: the placeholder {{{word}}} is missing"


def render(kind: str, channel: ChannelName, locale: Locale, data: Mapping[str, Any]) -> tuple[str, str]:
    """Title and body in one language. The title of an SMS is empty."""
    words = {name: _in(locale, value) for name, value in data.items()}
    if knows(f"notice.{kind}_{_PARTS[channel][0]}"):
        told = [say(locale, f"notice.{kind}_{part}", **words) for part in _PARTS[channel]]
    else:
        title, body = render(kind, "push", locale, data)
        told = [say(locale, f"notice.{part}", title=title, body=body) for part in _PARTS[channel]]
    return (told[0], told[1]) if len(told) == 2 else ("", told[0])


def _in(locale: Locale, value: Any) -> Any:
    return value[locale] if isinstance(value, dict) else value


def in_words(data: Mapping[str, Any], locale: Locale) -> dict[str, str]:
    """The placeholders of one language as text: what gateways with approved wordings are given."""
    return {name: str(_in(locale, value)) for name, value in data.items()}


_PAGE: Final = (
    '<!doctype html><html lang="{locale}"><meta charset="utf-8"><title>{title}</title>'
    '<body style="font:16px/1.7 system-ui,sans-serif;color:#1d2b36;max-width:36rem;margin:0 auto;padding:1.5rem">'
    '<h1 style="font-size:1.2rem">{title}</h1>{body}{foot}</body></html>'
)
_FOOT: Final = '<p style="font-size:.85rem;color:#567"><a href="{link}">{words}</a></p>'


def as_page(locale: Locale, title: str, body: str, way_out: str | None = None) -> str:
    """An e-mail's text as HTML, a paragraph a blank line; `way_out`: where one says that one wants no more of these."""
    paragraphs = "".join(
        f"<p>{html.escape(one).replace(chr(10), '<br>')}</p>" for one in body.split("\n\n") if one
    )
    foot = ""
    if way_out is not None:
        words = say(locale, "notice.unsubscribe_link")
        foot = _FOOT.format(link=html.escape(way_out), words=html.escape(words))
    return _PAGE.format(locale=locale, title=html.escape(title), body=paragraphs, foot=foot)
