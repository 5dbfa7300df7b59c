"""Every sentence stands in every language, with the same blanks; and a caller gets the language they ask for."""

import re
from string import Formatter

import pytest

from backend.core.locale import DEFAULT, LOCALES, Locale, choose, keys, knows, say

OTHERS = [locale for locale in LOCALES if locale != DEFAULT]


def blanks(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name is not None}


def test_there_are_sentences() -> None:
    assert knows("problem.not_found")
    assert not knows("problem.never_heard_of")


@pytest.mark.parametrize("locale", OTHERS)
def test_every_key_stands_in_every_locale(locale: Locale) -> None:
    assert dict(keys(locale)).keys() == dict(keys(DEFAULT)).keys()


@pytest.mark.parametrize("locale", OTHERS)
def test_the_blanks_are_the_same(locale: Locale) -> None:
    ours = dict(keys(locale))
    differing = {key for key, sentence in keys(DEFAULT) if blanks(sentence) != blanks(ours[key])}
    assert differing == set()


@pytest.mark.parametrize("locale", LOCALES)
def test_every_blank_has_a_name(locale: Locale) -> None:
    assert [key for key, sentence in keys(locale) if not all(map(str.isidentifier, blanks(sentence)))] == []


@pytest.mark.parametrize("locale", LOCALES)
def test_no_sentence_is_empty(locale: Locale) -> None:
    assert [key for key, sentence in keys(locale) if not sentence.strip()] == []


def test_english_is_not_left_in_chinese() -> None:
    han = re.compile(r"[\u4e00-\u9fff]")
    assert [key for key, sentence in keys("en") if key.startswith("problem.") and han.search(sentence)] == []


def test_a_blank_is_filled() -> None:
    key, sentence = next((key, sentence) for key, sentence in keys("en") if blanks(sentence))
    assert "{" not in say("en", key, **dict.fromkeys(blanks(sentence), 7))


@pytest.mark.parametrize(
    ("header", "locale"),
    [
        (None, "zh-CN"),
        ("", "zh-CN"),
        ("*", "zh-CN"),
        ("en", "en"),
        ("EN-gb", "en"),
        ("zh", "zh-CN"),
        ("zh-Hans-HK", "zh-CN"),
        ("zh-SG", "zh-CN"),
        ("zh-TW", "zh-TW"),
        ("zh-hk", "zh-TW"),
        ("zh-Hant-MO", "zh-TW"),
        ("fr", "zh-CN"),
        ("fr, en;q=0.8", "en"),
        ("en;q=0.2, zh-TW;q=0.9", "zh-TW"),
        ("en;q=0, zh-TW;q=0.1", "zh-TW"),
        ("en;q=0", "zh-CN"),
        ("en;q=much, zh-TW", "zh-TW"),
        ("en;q=nan", "zh-CN"),
        ("english", "zh-CN"),
        ("zh-TW;q=0.5, en;q=0.5", "zh-TW"),
        (",;=,,", "zh-CN"),
        ("en" * 5000, "zh-CN"),
    ],
)
def test_the_callers_language(header: str | None, locale: Locale) -> None:
    assert choose(header) == locale
