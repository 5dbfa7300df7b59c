"""Canned replies: placeholders, and no hole where a value is missing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.features.replies.rules import PLACEHOLDERS, BraceAlone, Filled, fill, placeholders_of

VALUES = {"owner": "孙建华", "home": "1号楼 101", "project": "朗润园", "hotline": "96809999", "agent": "何静"}


def test_placeholders_in_their_order_each_once() -> None:
    assert placeholders_of("{agent}致{owner}：{home}、{agent}，{nobody}") == (
        "agent",
        "owner",
        "home",
        "nobody",
    )
    assert placeholders_of("您好") == ()
    assert placeholders_of("{}{ owner}") == ("", " owner")


@pytest.mark.parametrize("text", ["{", "}", "{owner", "owner}", "{{owner}}", "{ow{agent}ner}", "}{"])
def test_a_brace_alone_is_refused(text: str) -> None:
    with pytest.raises(BraceAlone):
        placeholders_of(text)


def test_filled_or_with_what_is_missing() -> None:
    assert fill("{owner}您好，{project}热线{hotline}，{owner}。", VALUES) == Filled(
        "孙建华您好，朗润园热线96809999，孙建华。"
    )
    without = VALUES | {"home": None, "agent": " "}
    assert fill("{agent}：{home}、{owner}", without) == Filled(None, ("agent", "home"))
    assert fill("{agent}", {}) == Filled(None, ("agent",))
    assert fill("您好", {}) == Filled("您好")


def test_a_value_is_not_filled_in_again() -> None:
    assert fill("{owner}", VALUES | {"owner": "{agent}\\1{"}) == Filled("{agent}\\1{")


@given(st.lists(st.sampled_from(PLACEHOLDERS) | st.text(st.characters(exclude_characters="{}"))))
def test_nothing_else_is_touched(parts: list[str]) -> None:
    text = "".join(f"{{{part}}}" if part in VALUES else part for part in parts)
    assert fill(text, VALUES).text == "".join(VALUES.get(part, part) for part in parts)
