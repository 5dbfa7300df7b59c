"""Sentences in the caller's language.

The catalogues are `backend/locales/<area>.<locale>.toml`; a key is `<area>.<name>`. Every key stands in every
locale with the same placeholders (`tests/rules/test_locale.py` holds that).
"""

import tomllib
from collections.abc import Iterable
from functools import lru_cache
from importlib import resources
from typing import Any, Final, Literal, get_args

Locale = Literal["zh-CN", "zh-TW", "en"]
LOCALES: Final[tuple[Locale, ...]] = get_args(Locale)
DEFAULT: Final[Locale] = "zh-CN"

# What browsers and phones send for traditional script; every other "zh" reads simplified.
_TRADITIONAL = ("zh-tw", "zh-hk", "zh-mo", "zh-hant")


def _load() -> dict[Locale, dict[str, str]]:
    catalogue: dict[Locale, dict[str, str]] = {locale: {} for locale in LOCALES}
    for file in resources.files("backend.locales").iterdir():
        area, _, rest = file.name.partition(".")
        locale = rest.removesuffix(".toml")
        if locale in LOCALES and rest.endswith(".toml"):
            texts = tomllib.loads(file.read_text(encoding="utf-8"))
            catalogue[locale].update({f"{area}.{name}": text for name, text in texts.items()})
    return catalogue


_CATALOGUE = _load()


def say(locale: Locale, key: str, **params: Any) -> str:
    """The sentence `key` in `locale`, its placeholders filled from `params`. KeyError when there is none."""
    return _CATALOGUE[locale][key].format(**params)


def knows(key: str) -> bool:
    """Whether a sentence stands under `key`."""
    return key in _CATALOGUE[DEFAULT]


def sentence(locale: Locale, code: str, params: dict[str, Any]) -> str:
    """The sentence of a problem code; a validation code nobody wrote one for reads as a wrong value."""
    key = f"problem.{code}"
    return say(locale, key if knows(key) else "problem.value_invalid", **params)


def keys(locale: Locale) -> Iterable[tuple[str, str]]:
    """Every key of a locale with its unfilled sentence."""
    return _CATALOGUE[locale].items()


@lru_cache(maxsize=1_000)
def choose(accept_language: str | None) -> Locale:
    """The best of ours for an `Accept-Language` header (RFC 9110, 12.5.4); zh-CN when it names none of them."""
    if not accept_language:
        return DEFAULT
    wishes: list[tuple[float, int, str]] = []
    for position, part in enumerate(accept_language[:500].split(",")):
        tag, _, weight = part.strip().lower().partition(";")
        try:
            quality = float(weight.strip().removeprefix("q=")) if weight else 1.0
        except ValueError:
            continue
        if quality > 0:
            wishes.append((-quality, position, tag.strip()))
    for _, _, tag in sorted(wishes):
        if tag.startswith(_TRADITIONAL):
            return "zh-TW"
        if tag.split("-")[0] == "zh":
            return "zh-CN"
        if tag.split("-")[0] == "en":
            return "en"
    return DEFAULT
