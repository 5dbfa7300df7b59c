"""The words of a standard in one person's language."""

from backend.core.locale import Locale
from backend.features.standard.document import Label


def words(label: Label, locale: Locale) -> str:
    """The label in this language."""
    match locale:
        case "zh-CN":
            return label.zh_cn
        case "zh-TW":
            return label.zh_tw
        case "en":
            return label.en
