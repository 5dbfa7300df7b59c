"""Service hours as a sales department writes them: `周一至周日 9:00-18:00`, `Mon-Fri 8:30-12:00, 13:30-17:30`.

Every word of the text must be understood, or nothing is: hours are never guessed.
"""

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

from backend.core.errors import Invalid
from backend.platform.calendar.hours import DAY, Shift, Week, make_week


@dataclass(frozen=True, slots=True)
class Spoken:
    """What the words say. Round the clock every day has no closed day: holidays neither."""

    week: Week
    observes_holidays: bool


_CHINESE: Final = {"一": 0, "二": 1, "三": 2, "四": 3, "五": 4, "六": 5, "日": 6, "天": 6}
_ENGLISH: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

_TO = r"\s*(?:-|至|到|to|through)\s*"
_CN = r"每?(?:周|星期|礼拜)[一二三四五六日天]"
_EN = r"(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:days?)?\b"
_TIME = r"(上午|早上|早|中午|下午|晚上|晚)?\s*(\d{1,2})(?::(\d{2})|[点时](\d{2}分?|半)?)?\s*(am\b|pm\b)?"

# Tried in this order at every place of the text.
_TOKENS: Final = tuple(
    (kind, re.compile(pattern))
    for kind, pattern in (
        ("range", rf"({_CN}){_TO}((?:周|星期|礼拜)?[一二三四五六日天])|({_EN}){_TO}({_EN})"),
        ("days", rf"{_CN}(?:[、和及]?(?:周|星期|礼拜)?[一二三四五六日天])*|{_EN}"),
        (
            "always",
            r"全年无休|节假日(?:不休息?|照常)|[含包]括?(?:法定)?节假日|including (?:public )?holidays",
        ),
        ("no holidays", r"(?:法定)?节假日(?:除外|休息|不上班)"),
        ("no holidays", r"(?:except|excluding|closed on) (?:public )?holidays"),
        ("round", r"7x24(?:小时|h\b)?|24/7|24(?:小时|h\b|\s*hours?\b)|全天(?:候)?|round the clock"),
        ("weekdays", r"工作日|weekdays|working days"),
        ("weekend", r"周末|weekends?\b"),
        ("every", r"每[天日]|daily|every ?day"),
        ("closed", r"休息|除外|closed"),
        ("time", _TIME + _TO + _TIME),
        (
            "filler",
            r"[\s,;.、:()]+|(?:服务|营业|办公|工作|上班|接待)(?:时间)?|(?:and|from|open|a day)\b|和|及",
        ),
    )
)
_DAYS: Final = {"weekdays": set(range(5)), "weekend": {5, 6}, "every": set(range(7))}


def read_hours(words: str) -> Spoken | None:
    """The hours that these words say; None when they say none, or anything that is not understood."""
    reader = _Reader()
    text = unicodedata.normalize("NFKC", words).strip().lower()
    text = re.sub(r"[‐‑‒–—―~∼〜]+", "-", text).replace("×", "x").replace("。", ".")
    while text:
        kind, found = next(((kind, f) for kind, token in _TOKENS if (f := token.match(text))), (None, None))
        if kind is None or found is None or not reader.take(kind, found):
            return None
        text = text[found.end() :]
    return reader.spoken()


class _Reader:
    """Takes one token after another. Times belong to the days named before them; without any, to every day."""

    def __init__(self) -> None:
        self._days: list[list[Shift]] = [[] for _ in range(7)]
        self._named: set[int] = set()
        self._waiting = False  # days are named, and nothing is said of them yet
        self._observes = True

    def take(self, kind: str, found: re.Match[str]) -> bool:
        """Read a token; False when it makes no sense."""
        match kind:
            case "time" | "round":
                shift = Shift(0, DAY) if kind == "round" else _shift(found)
                if shift is None:
                    return False
                if kind == "round" and len(self._named) in {0, 7}:
                    self._observes = False
                for day in self._named or range(7):
                    self._days[day].append(shift)
                self._waiting = False
            case "closed":
                if not self._waiting:
                    return False
                self._close()
            case "always" | "no holidays":
                self._observes = kind == "no holidays"
                if self._waiting and kind == "no holidays":
                    self._close()  # `周六日及节假日休息`
            case "filler":
                pass
            case _:
                named = _DAYS.get(kind) or (_range(found) if kind == "range" else _listed(found))
                self._named = (self._named if self._waiting else set()) | named
                self._waiting = True
        return True

    def spoken(self) -> Spoken | None:
        """What was read."""
        if self._waiting:
            return None
        try:
            return Spoken(make_week(self._days, "hours"), self._observes)
        except Invalid:
            return None

    def _close(self) -> None:
        for day in self._named:
            self._days[day] = []
        self._waiting = False


def _range(found: re.Match[str]) -> set[int]:
    if found[1]:
        first, last = _CHINESE[found[1][-1]], _CHINESE[found[2][-1]]
    else:
        first, last = _ENGLISH.index(found[3][:3]), _ENGLISH.index(found[4][:3])
    return {(first + n) % 7 for n in range((last - first) % 7 + 1)}


def _listed(found: re.Match[str]) -> set[int]:
    if found[0][:3] in _ENGLISH:
        return {_ENGLISH.index(found[0][:3])}
    return {_CHINESE[sign] for sign in found[0] if sign in _CHINESE}


def _shift(found: re.Match[str]) -> Shift | None:
    """The shift of a time range; a bare `9-18` could be anything and is none."""
    if not any(found[n] for n in (1, 3, 4, 5, 6, 8, 9, 10)) and not re.search("[点时]", found[0]):
        return None
    opens = _minute(found[1] or found[5], found[2], found[3], found[4])
    closes = _minute(found[6] or found[10], found[7], found[8], found[9])
    if opens is None or closes is None or opens in {closes, DAY}:
        return None
    if closes <= opens and not (found[6] or found[10]):
        # `下午1:30-5:30`: the half of the day is said once.
        afternoon = _minute(found[1] or found[5], found[7], found[8], found[9])
        closes = afternoon if afternoon is not None and afternoon > opens else closes
    return Shift(opens, closes if closes > opens else closes + DAY)


def _minute(half: str | None, hour: str, minutes: str | None, past: str | None) -> int | None:
    told = 30 if past == "半" else int((minutes or past or "0").removesuffix("分"))
    hours = int(hour)
    if half in {"下午", "晚上", "晚", "pm"} or (half == "中午" and hours < 3):
        hours = hours + 12 if hours < 12 else hours
    elif half in {"早上", "am"} and hours == 12:
        hours = 0
    total = hours * 60 + told
    return total if told < 60 and total <= DAY else None
