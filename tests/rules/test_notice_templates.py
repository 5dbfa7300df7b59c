"""What is said of every kind of notice: in each language, for each channel, with the words that it is given."""

from typing import Any

import pytest

from backend.core.locale import LOCALES, Locale, keys
from backend.features.notices.kinds import KINDS, policies_of
from backend.features.notices.templates import FRAMES, as_page, faults, render, require_sound, sayings
from backend.features.standard.service import Policies, shipped_policies

WORDS: dict[str, Any] = {
    "code": "012345",
    "promise": dict.fromkeys(LOCALES, "首次联系"),
    "due": "2026-12-01",
    "count": 3,
    "field": dict.fromkeys(LOCALES, "手机号码"),
    "project": "朗润园",
    "stage": "主体封顶",
    "title": "规划变更",
    "day": "2026-12-05",
    "what": dict.fromkeys(LOCALES, "维修已完成，请查看"),
    "number": "G2026-000123",
    "home": "1号楼 1单元 0101",
    "parts": dict.fromkeys(LOCALES, "装修工程、土建部分"),
    "cases": dict.fromkeys(LOCALES, "G2026-000123、G2026-000124 等 12 件"),
    "left": dict.fromkeys(LOCALES, "已超时 119 分钟"),
    "all": dict.fromkeys(LOCALES, "G2026-000123 · 首次联系 · 还剩 30 分钟"),
    "link": "https://api.tongxing.example/t/AZqt6YmOdWKNXy4oUVXX3hJhUi3yPvQm0A",
    "checks": dict.fromkeys(LOCALES, "· 电器管线\n· 给排水管道"),
}
EVERY = [
    pytest.param(code, words, locale, channel, id=f"{code} {locale} {channel}")
    for code, channel, words in sayings()
    for locale in LOCALES
]


def test_the_list_is_whole() -> None:
    """Forty-nine kinds by three channels, and two sorts of codes by one each; in three languages."""
    assert len(EVERY) == (49 * 3 + 2) * 3
    assert set(KINDS) == set(shipped_policies()), "each kind has a policy in the shipped standard"
    assert set(policies_of(Policies(None, shipped_policies()))) == set(KINDS)


@pytest.mark.parametrize(("code", "words", "locale", "channel"), EVERY)
def test_every_kind_is_said_in_every_language_by_every_channel(
    code: str, words: frozenset[str], locale: Locale, channel: Any
) -> None:
    title, body = render(code, channel, locale, {name: WORDS[name] for name in words})
    assert body
    assert "{" not in title + body
    assert (title == "") == (channel == "sms")
    if channel == "sms":
        # Every mainland gateway wants the signature first, and cuts what is longer into two.
        assert body.startswith("[Tongxing]" if locale == "en" else "【同行】")
        # A link is half of one by itself: with it there are two.
        assert len(body) <= (160 if locale == "en" else 70) * (2 if "link" in words else 1)
    if channel == "push":
        assert len(title) <= 40
        assert len(body) <= 120


def test_nothing_personal_shows_on_a_lock_screen() -> None:
    """No word that a push is given names a person, a phone, a home or what was said."""
    given = {name for kind in KINDS.values() for name in kind.said_by("push")}
    assert given == {
        "promise",
        "due",
        "count",
        "field",
        "project",
        "stage",
        "title",
        "day",
        "what",
        "cases",
        "number",
        "left",
    }


def texts() -> dict[Locale, dict[str, str]]:
    return {locale: dict(keys(locale)) for locale in LOCALES}


def test_the_shipped_templates_are_sound() -> None:
    require_sound()
    assert faults(texts()) == []


def test_a_broken_template_is_named_with_what_is_wrong() -> None:
    broken = texts()
    broken["en"]["notice.code_sms"] = "Your code"
    broken["zh-CN"]["notice.thread_lines_push_body"] = "{count} {name}"
    broken["zh-TW"]["notice.open_day_push_body"] = "{title"
    del broken["en"]["notice.reveal_push_title"]
    del broken["zh-TW"]["notice.progress_notice_to_confirm_email_body"]
    broken["zh-TW"]["notice.sms"] = "{title}"
    found = faults(broken)
    assert found == [
        "notice.zh-CN.toml, thread_lines_push_body: {name} is a placeholder that nobody fills",
        "notice.zh-TW.toml, the frame sms: the placeholder {body} is missing",
        "notice.zh-TW.toml, progress_notice_to_confirm_email_body: is missing",
        "notice.zh-TW.toml, open_day_push_body: expected '}' before end of string",
        "notice.en.toml, reveal_push_title: is missing",
        "notice.en.toml, code by sms: the placeholder {code} is missing",
    ]


def test_no_template_is_left_over() -> None:
    parts = {"push": ("push_title", "push_body"), "sms": ("sms",), "email": ("email_subject", "email_body")}
    known = {f"notice.{code}_{part}" for code, channel, _ in sayings() for part in parts[channel]}
    known |= {f"notice.{frame}" for frame in FRAMES}
    beside = {"always_on", "field_name", "field_phone", "field_identity"}
    beside |= {"unsubscribe_link", "unsubscribe_question", "unsubscribe_yes", "unsubscribe_done"}
    shown = {key.removeprefix("notice.") for key, _ in keys("zh-CN") if key.startswith("notice.")}
    assert shown - beside <= {key.removeprefix("notice.") for key in known}
    assert beside <= shown


def test_an_email_says_as_html_what_it_says_as_text() -> None:
    page = as_page("zh-CN", "a<b", "一\n二\n\n<script>")
    assert "<h1" in page
    assert "a&lt;b" in page
    assert "<p>一<br>二</p><p>&lt;script&gt;</p>" in page
