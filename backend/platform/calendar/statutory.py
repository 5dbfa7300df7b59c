"""The mainland's statutory days: as published, from `chinesecalendar`; for later years what is fixed beforehand."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from chinese_calendar import get_solar_terms
from chinese_calendar.constants import Holiday, holidays, workdays


@dataclass(frozen=True, slots=True)
class Name:
    """What a day is called."""

    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class StatutoryDay:
    """A day the State Council names: off, or a weekend day on which the country works to make up for another."""

    off: bool
    name: Name


_NAMES: Final = {holiday.value: Name(holiday.chinese, holiday.value) for holiday in Holiday}

_NEW_YEAR = Name("元旦", "New Year's Day")
_LABOUR = Name("劳动节", "Labour Day")
_NATIONAL = Name("国庆节", "National Day")
_QINGMING = Name("清明", "Tomb-sweeping Day")

# 全国年节及纪念日放假办法, State Council order 795 of 10 November 2024, article 2. Qingming is the day of that solar
# term, which is astronomy. Spring Festival, Dragon Boat and Mid-autumn go by the lunar calendar and are in no table of
# ours, and which weekends are worked, only each year's notice says: hence *provisional*.
_FIXED: Final[Mapping[tuple[int, int], Name]] = {
    (1, 1): _NEW_YEAR,
    (5, 1): _LABOUR,
    (5, 2): _LABOUR,
    (10, 1): _NATIONAL,
    (10, 2): _NATIONAL,
    (10, 3): _NATIONAL,
}


def _foreseen(day: date) -> Name | None:
    if day.month == 4 and 4 <= day.day <= 6:
        return _QINGMING if ("清明" in (term for _, term in get_solar_terms(day, day))) else None
    return _FIXED.get((day.month, day.day))


@dataclass(frozen=True, slots=True)
class Statutory:
    """The statutory days of every year: published up to and with `last_year`, foreseen afterwards."""

    published: Mapping[date, StatutoryDay]
    last_year: int

    @property
    def firm_until(self) -> date:
        """The last day that no later notice can change.

        The notice for a year has reached back as far as 29 December before it (as that for 2019 did).
        """
        return date(self.last_year, 12, 28)

    def day(self, day: date) -> StatutoryDay | None:
        """What is known of this day; None: it is what its weekday is."""
        if day.year <= self.last_year:
            return self.published.get(day)
        name = _foreseen(day)
        return None if name is None else StatutoryDay(True, name)

    def provisional(self, day: date) -> bool:
        """Whether a notice still to come may change this day."""
        return day > self.firm_until


MAINLAND: Final = Statutory(
    published={
        **{day: StatutoryDay(True, _NAMES[name]) for day, name in holidays.items()},
        **{day: StatutoryDay(False, _NAMES[name]) for day, name in workdays.items()},
    },
    last_year=max(holidays).year,
)
"""What the installed `chinesecalendar` knows."""


def coming_year_missing(today: date, known: Statutory = MAINLAND) -> bool:
    """Whether the first year without a notice begins within two months of `today`, or has begun."""
    return (known.last_year - today.year) * 12 + 12 - today.month < 2
