"""The words of a home's warranty: names of components, what to look for before it ends."""

from dataclasses import dataclass
from typing import Final

from backend.core.locale import Locale
from backend.features.standard.document import Label, Standard

_SEARCH: Final = "warranty-notice"
"""The obligation whose checklist owners are given (WR-15)."""

_FITTED: Final = ("全装修", "全裝修", "精装", "精裝", "full")
_BARE: Final = ("毛坯", "清水", "bare")


@dataclass(frozen=True, slots=True)
class Names:
    """What something is called in each language."""

    zh_cn: str
    zh_tw: str
    en: str

    @classmethod
    def of(cls, standard: Standard, component: str, own: str | None) -> "Names":
        """A component's: the catalogue's, or as whoever entered the law's least term called it."""
        items = standard.warranty.items if standard.warranty is not None else ()
        label = next((item.name for item in items if item.code == component), None)
        if label is not None:
            return cls.labelled(label)
        told = own or component
        return cls(told, told, told)

    @classmethod
    def labelled(cls, label: Label) -> "Names":
        """Those of a document."""
        return cls(label.zh_cn, label.zh_tw, label.en)

    def told(self, locale: Locale) -> str:
        """In one language."""
        return {"zh-CN": self.zh_cn, "zh-TW": self.zh_tw, "en": self.en}[locale]


def checks(standard: Standard, fitout: str | None) -> list[Names]:
    """What owners are to look for before the end (WR-15), as far as it concerns a home of this fit-out."""
    code = next((one.checklist for one in standard.obligations if one.code == _SEARCH), None)
    items = next((one.items for one in standard.checklists if one.code == code), ())
    return [Names.labelled(item.text) for item in items if concerns(item.fitout, fitout)]


def concerns(wanted: str | None, fitout: str | None) -> bool:
    """Whether a line for homes of a fit-out concerns this one; where nobody wrote that, every line does."""
    told = (fitout or "").lower()
    is_full, is_bare = any(word in told for word in _FITTED), any(word in told for word in _BARE)
    if wanted is None or is_full == is_bare:
        return True
    return is_full if wanted == "full" else is_bare


def joined(locale: Locale, names: list[str]) -> str:
    """A list in a sentence."""
    return (", " if locale == "en" else "、").join(names)
