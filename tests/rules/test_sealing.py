"""Secrets at rest."""

import base64

import pytest

from backend.core.sealing import SealBroken, Sealer

OLD, NEW, INDEX = (base64.b64encode(bytes([number]) * 32).decode() for number in range(3))
SEALER = Sealer(f"old:{OLD}", INDEX)


def test_a_sealed_value_opens_for_its_purpose_only() -> None:
    sealed = SEALER.seal("120101198101279668 孙", purpose="identity")
    assert SEALER.open(sealed, purpose="identity") == "120101198101279668 孙"
    assert b"120101198101279668" not in sealed
    with pytest.raises(SealBroken):
        SEALER.open(sealed, purpose="code")


def test_the_same_text_is_never_sealed_alike_twice() -> None:
    assert SEALER.seal("x", purpose="p") != SEALER.seal("x", purpose="p")


def test_a_rotated_key_opens_the_old_and_seals_with_the_new() -> None:
    sealed = SEALER.seal("x", purpose="p")
    rotated = Sealer(f"new:{NEW}, old:{OLD}", INDEX)
    assert rotated.open(sealed, purpose="p") == "x"
    assert rotated.key_id(rotated.seal("x", purpose="p")) == "new"
    with pytest.raises(SealBroken):
        Sealer(f"new:{NEW}", INDEX).open(sealed, purpose="p")


def test_whatever_was_changed_or_cut_off_does_not_open() -> None:
    sealed = SEALER.seal("120101198101279668", purpose="p")
    for place in range(len(sealed)):
        changed = bytearray(sealed)
        changed[place] ^= 0x81
        with pytest.raises(SealBroken):
            SEALER.open(bytes(changed), purpose="p")
    for length in range(len(sealed)):
        with pytest.raises(SealBroken):
            SEALER.open(sealed[:length], purpose="p")


def test_equal_texts_have_equal_digests_for_one_purpose_and_one_key() -> None:
    digest = SEALER.digest("x", purpose="p")
    assert digest == Sealer(f"new:{NEW}", INDEX).digest("x", purpose="p")
    others = [
        SEALER.digest("y", purpose="p"),
        SEALER.digest("x", purpose="q"),
        Sealer(f"old:{OLD}", NEW).digest("x", purpose="p"),
    ]
    assert len({digest, *others}) == 4


@pytest.mark.parametrize(
    "key", ["", "x", "old", "old:", "old:not base64", "old:c2hvcnQ=", f"old:{OLD},new:c2hvcnQ="]
)
def test_a_key_that_is_none_is_refused_at_the_start(key: str) -> None:
    with pytest.raises(ValueError, match="a key must be"):
        Sealer(key, INDEX)


def test_two_keys_of_one_name_are_refused() -> None:
    with pytest.raises(ValueError, match="twice"):
        Sealer(f"old:{OLD},old:{NEW}", INDEX)
