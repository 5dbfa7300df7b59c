"""What is said of a notice, by kind, language and channel: `backend/locales/notice.*.toml`, filled in."""

import html
from collections.abc import Iterator, Mapping
from string import Formatter
from typing import Any, Final

from backend.core.locale import LOCALES, Locale, keys, say
from backend.features.notices.kinds import KINDS, ChannelName, Kind, parts, told_by


class TemplatesBroken(Exception):
    """Templates that must not go out: each line names one and what is wrong with it."""


def faults(texts: Mapping[Locale, Mapping[str, str]] | None = None) -> list[str]:
    """What is wrong with the templates: one is missing, one leaves a word out, one asks for a word nobody gives."""
    told = texts if texts is not None else {locale: dict(keys(locale)) for locale in LOCALES}
    return [
        fault
        for locale in LOCALES
        for kind in KINDS.values()
        for channel in told_by(kind)
        for fault in _faults(kind, channel, locale, told[locale])
    ]


def require_sound() -> None:
    """Refuse to start with broken templates.

    Raises:
        TemplatesBroken: see there.
    """
    if found := faults():
        raise TemplatesBroken("\n".join(found))


def _faults(kind: Kind, channel: ChannelName, locale: Locale, texts: Mapping[str, str]) -> Iterator[str]:
    used: set[str] = set()
    room = kind.words if channel == "email" else kind.words - kind.letter
    for part in parts(channel):
        key = f"notice.{kind.code}_{part}"
        where = f"notice.{locale}.toml, {key.removeprefix('notice.')}"
        if key not in texts:
            yield f"{where}: is missing"
            return
        try:
            names = {name for _, name, _, _ in Formatter().parse(texts[key]) if name is not None}
        except ValueError as error:
            yield f"{where}: {error}"
            return
        used |= names
        for name in sorted(names - room):
            yield f"{where}: {{{name}}} is a placeholder that nobody fills"
    for name in sorted(room - used):
        yield f"notice.{locale}.toml, {kind.code} by {channel}: the placeholder {{{name}}} is missing"


def render(kind: str, channel: ChannelName, locale: Locale, data: Mapping[str, Any]) -> tuple[str, str]:
    """Title and body in one language. The title of an SMS is empty."""
    words = {name: _in(locale, value) for name, value in data.items()}
    told = [say(locale, f"notice.{kind}_{part}", **words) for part in parts(channel)]
    return (told[0], told[1]) if len(told) == 2 else ("", told[0])


def _in(locale: Locale, value: Any) -> Any:
    return value[locale] if isinstance(value, dict) else value


def in_words(data: Mapping[str, Any], locale: Locale) -> dict[str, str]:
    """The placeholders of one language as text: what gateways with approved wordings are given."""
    return {name: str(_in(locale, value)) for name, value in data.items()}


_PAGE: Final = (
    '<!doctype html><html lang="{locale}"><meta charset="utf-8"><title>{title}</title>'
    '<body style="font:16px/1.7 system-ui,sans-serif;color:#1d2b36;max-width:36rem;margin:0 auto;padding:1.5rem">'
    '<h1 style="font-size:1.2rem">{title}</h1>{body}</body></html>'
)


def as_page(locale: Locale, title: str, body: str) -> str:
    """An e-mail's text as HTML, a paragraph a blank line."""
    paragraphs = "".join(
        f"<p>{html.escape(one).replace(chr(10), '<br>')}</p>" for one in body.split("\n\n") if one
    )
    return _PAGE.format(locale=locale, title=html.escape(title), body=paragraphs)
