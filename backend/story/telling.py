"""Telling: what is printed, in whose language, how fast; and how a story ends that goes wrong."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Any, Literal
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.markup import escape

Lang = Literal["zh", "en"]

ZONE = ZoneInfo("Asia/Shanghai")

_MOST = 2000
"""Characters of what was found instead of the right thing: a whole answer may be very long."""


class Wrong(Exception):
    """The story is not what it should be: `expected` and `found` say in which way."""

    def __init__(self, expected: str, found: object) -> None:
        super().__init__(expected)
        self.expected, self.found = expected, found


class Teller:
    """Prints the story as it happens. Every sentence comes in both languages; one of them is told.

    `pause`: seconds that a reader is given for each line.
    """

    def __init__(self, lang: Lang, pause: float, now: Callable[[], datetime]) -> None:
        self.lang: Lang = lang
        self.checked = 0
        self._pause, self._now, self._acts = pause, now, 0
        self._screen = Console(emoji=False, highlight=False, soft_wrap=True)

    def pick(self, zh: str, en: str) -> str:
        """The sentence in the language of this telling."""
        return zh if self.lang == "zh" else en

    def act(self, zh: str, en: str) -> None:
        """A new act begins."""
        self._acts += 1
        self._screen.print(f"\n[bold]{self._acts}  {escape(self.pick(zh, en))}[/]")

    async def say(self, zh: str, en: str) -> None:
        """Something happens."""
        told = escape(self.pick(zh, en))
        self._screen.print(f"[dim]{at(self._now())}[/]  {told}")
        await asyncio.sleep(self._pause)

    async def quote(self, who: str, words: str) -> None:
        """Somebody, or something, speaks."""
        lines = "\n".join(f"               {line}" for line in escape(words).splitlines())
        self._screen.print(f"             [cyan]{escape(who)}[/]\n{lines}")
        await asyncio.sleep(self._pause)

    def check(self, holds: object, zh: str, en: str, found: object = None) -> None:
        """What must be so now.

        Raises:
            Wrong: it is not.
        """
        told = self.pick(zh, en)
        if not holds:
            raise Wrong(told, found)
        self.checked += 1
        self._screen.print(f"             [green]✓[/] {escape(told)}")

    def same(self, found: Any, expected: Any, zh: str, en: str) -> None:
        """What must be exactly this now.

        Raises:
            Wrong: it is something else.
        """
        told = f"{self.pick(zh, en)} [{expected}]"
        self.check(found == expected, told, told, found)

    def went_wrong(self, wrong: Wrong) -> None:
        """The first thing that is not as it should be, and the last that is told."""
        self._screen.print(f"             [red]✗ {escape(wrong.expected)}[/]")
        self._screen.print(
            f"               {self.pick('实际是：', 'but found:')} {escape(str(wrong.found)[:_MOST])}"
        )


def at(moment: datetime) -> str:
    """A moment as people of the story read it off a clock on the wall."""
    return f"{moment.astimezone(ZONE):%m-%d %H:%M}"


def moment(text: str) -> datetime:
    """A moment out of an answer."""
    return datetime.fromisoformat(text)
