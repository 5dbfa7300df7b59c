"""The normalisers on any text at all, and the sentences of every code."""

import re
import tomllib
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import backend
from backend.features.estate.workbook import ALL_CODES, HomeSpelling, spell_home
from backend.features.estate.workbook.dates import read_date
from backend.features.estate.workbook.header import meaning
from backend.features.estate.workbook.identity import read_identities
from backend.features.estate.workbook.names import read_names
from backend.features.estate.workbook.phones import read_phones
from backend.features.estate.workbook.places import (
    building_key,
    read_building,
    read_room,
    read_unit,
    room_key,
    unit_key,
)
from backend.features.estate.workbook.plain_cells import read_area, read_contract, read_text
from backend.features.estate.workbook.text import plain, visible

TODAY = date(2026, 11, 22)
ANY = st.one_of(
    st.text(max_size=40),
    st.text(
        st.sampled_from("0123456789１２年月日.-/ ,、号楼栋单元室张三\u200b\u202e\n（）+%㎡*eE"), max_size=30
    ),
    st.text(st.characters(codec=None), max_size=20),
    st.floats(),
    st.integers(),
    st.booleans(),
    st.none(),
    st.dates(),
    st.datetimes(),
    st.times(),
    st.timedeltas(),
)


@given(ANY)
def test_no_cell_makes_a_reader_raise(cell: str | float | None) -> None:
    read_area(cell)
    read_contract(cell)
    read_text(cell, limit=20)
    read_phones(cell)
    read_identities(cell, today=TODAY)
    for phones in (0, 1, 2):
        read_names(cell, phones=phones)
    read_date(cell, mac_epoch=False, from_csv=True)
    for reader in (read_building, read_unit, read_room):
        reader(cell)
    if isinstance(cell, str):
        spell_home(cell)
        meaning(cell)


@given(st.text(max_size=40))
def test_reading_again_changes_nothing(text: str) -> None:
    assert visible(visible(text)) == visible(text)
    assert plain(plain(text)) == plain(text)
    contract = read_contract(text).value
    assert read_contract(contract).value == contract
    names = read_names(text, phones=1)
    if len(names.value) == 1:
        assert read_names(names.value[0], phones=1).value == names.value


@given(
    st.integers(1, 99),
    st.sampled_from(["{}号楼", "{}#", "{}栋", "0{}幢", "{}座", "No.{}", " {} 号 楼", "{}#楼", "第{}栋"]),
)
def test_a_building_has_one_key(number: int, spelling: str) -> None:
    assert building_key(spelling.format(number)).key == str(number)


@given(st.integers(1, 9999), st.sampled_from(["{}", "{:04}", "{}室", "{:05}房", " {}"]))
def test_a_room_has_one_key(number: int, spelling: str) -> None:
    assert room_key(spelling.format(number)).key == str(number)
    assert unit_key(f"{number % 100}单元").key == str(number % 100)


@given(
    st.integers(13_000_000_000, 19_999_999_999).map(str),
    st.sampled_from(["", "+86", "0086", "86", "+86 ", "(+86)", "86-"]),
    st.sampled_from(["", " ", "-", ".", "\u3000"]),
    st.booleans(),
)
def test_a_phone_has_one_spelling(digits: str, country: str, gap: str, wide: bool) -> None:
    text = country + gap.join((digits[:3], digits[3:7], digits[7:]))
    if wide:
        text = text.translate({ord(str(n)): chr(0xFF10 + n) for n in range(10)})
    assert read_phones(text).value == (f"+86{digits}",)
    assert read_phones(float(digits)).value == (f"+86{digits}",)


@given(st.dates(date(1990, 1, 1), date(2100, 12, 31)))
def test_a_date_is_read_in_every_spelling(day: date) -> None:
    serial = float((day - date(1899, 12, 30)).days)
    texts = [
        day.isoformat(),
        f"{day.year}年{day.month}月{day.day}日",
        f"{day.year}.{day.month}.{day.day}",
        f"{day:%Y%m%d}",
    ]
    cells: list[date | float | str] = [day, serial, str(int(serial)), *texts]
    for cell in cells:
        assert read_date(cell, mac_epoch=False, from_csv=False).value == day
    assert read_date(serial - 1462, mac_epoch=True, from_csv=False).value == day or serial < 1462 + 2101


@pytest.mark.parametrize(
    ("text", "building", "unit", "room"),
    [
        ("1-1-0101", "1", "1", "101"),
        ("1号楼1单元101", "1", "1", "101"),
        ("1#101", "1", None, "101"),
        ("1栋 2单元 301室", "1", "2", "301"),
        ("0101", None, None, "101"),
        ("1-0101", "1", None, "101"),
        ("12号楼", "12", None, None),
        ("2单元301", None, "2", "301"),
        ("一号楼二单元0301", "1", "2", "301"),
        ("1#1-101", "1", "1", "101"),
        ("1-2单元-301", "1", "2", "301"),
        ("A座1201", "A", None, "1201"),
        ("１号楼　１单元　１０１", "1", "1", "101"),
        ("1 2 301", "1", "2", "301"),
        ("", None, None, None),
    ],
)
def test_a_home_in_any_spelling(text: str, building: str | None, unit: str | None, room: str | None) -> None:
    assert spell_home(text) == HomeSpelling(building, unit, room)


LOCALES = Path(backend.__file__).parent / "locales"


def sentences(locale: str) -> dict[str, str]:
    return tomllib.loads((LOCALES / f"import.{locale}.toml").read_text(encoding="utf-8"))


def test_every_code_has_its_sentence_in_every_language() -> None:
    chinese = sentences("zh-CN")
    for locale in ("zh-CN", "zh-TW", "en"):
        texts = sentences(locale)
        assert set(texts) >= ALL_CODES
        for code, text in texts.items():
            assert set(re.findall(r"{(\w+)}", text)) == set(re.findall(r"{(\w+)}", chinese[code])), code
        assert not any(
            "{value}" in text for code, text in texts.items() if code.startswith(("id_", "phone_"))
        )


@pytest.mark.parametrize("cell", [float("nan"), float("inf"), -1.0, 0, 100_001])
def test_an_area_that_no_home_has_is_refused(cell: float) -> None:
    assert read_area(cell).fault == "area_out_of_range"
