"""Devices on a bad day, and the record of what they did and were told: see test_chat_killed."""

import asyncio
import json
import random
from collections import Counter
from typing import Any, Final

from tests.fakes.realtime_client import Frame, RealtimeClient

INTERNAL: Final = "只有员工看"
"""In every line for staff, so that it is found wherever it turns up."""
NEVER: Final = "永远不会"
"""In every line that must be refused."""
_TOO_LONG: Final = NEVER * 2000


class BadDay(RealtimeClient):
    """A client that loses answers, sends twice, drops its line, and comes back when it likes."""

    patience_seconds = 1.0

    def __init__(
        self, addresses: list[str], token: str, chance: random.Random, is_staff: bool, longest_pause: float
    ) -> None:
        super().__init__(addresses, token, chance=chance)
        self.is_staff = is_staff
        self.is_calm = False
        # Some lose lines too. At the end they must come back, for nobody tells them that one was the last.
        self.loses_lines = chance.random() < 0.2
        self.asked: dict[str, str] = {}
        """What was to be said, by cid, in order; lines that must be refused among it."""
        self.leaked: list[Frame] = []
        self.counts: Counter[str] = Counter()
        self._longest_pause = longest_pause

    def heard(self, frame: Frame) -> None:
        """What arrives; some of it is lost on the way."""
        self.counts[frame["op"]] += 1
        if frame["op"] == "refused":
            self.counts[f"refused: {frame['code']}"] += 1
        if not self.is_staff and INTERNAL in json.dumps(frame, ensure_ascii=False):
            self.leaked.append(frame)
        if not self.is_calm and frame["op"] == "said" and self._chance.random() < 0.1:
            self.counts["answers lost"] += 1
        elif (
            not self.is_calm and frame["op"] == "entry" and self.loses_lines and self._chance.random() < 0.05
        ):
            self.counts["lines lost"] += 1
        else:
            super().heard(frame)

    def _send(self, frame: Frame) -> None:
        super()._send(frame)
        if frame["op"] == "say" and self._chance.random() < 0.1:
            self.counts["sent twice"] += 1
            super()._send(frame)

    def pause(self, failures: int) -> float:
        """From 50 ms to the longest, the short ones as likely as the long ones."""
        self.counts["came back"] += 1
        if self.is_calm:
            return min(0.3, super().pause(failures))
        return float(0.05 * (self._longest_pause / 0.05) ** self._chance.random())

    async def talk(self, thread: str, pause_seconds: float) -> None:
        """Say something every now and then, until cancelled."""
        while True:
            await asyncio.sleep(self._chance.expovariate(1 / pause_seconds))
            self._act(thread, self._chance.random())

    def _act(self, thread: str, draw: float) -> None:
        number = len(self.asked) + 1
        if draw < 0.05:
            self.counts["cut"] += 1
            self.cut()
        elif draw < 0.10:
            self._ask(thread, _TOO_LONG)
        elif draw < 0.15 and not self.is_staff:
            self._ask(thread, f"{NEVER} {INTERNAL} {number}", audience="staff")
        elif draw < 0.35 and self.is_staff:
            self._ask(thread, f"{INTERNAL} {number}", audience="staff")
        elif draw < 0.45:
            self.mark_read(thread, self.transcripts[thread].cursor)
        elif draw < 0.5:
            self.typing(thread, True)
        else:
            self._ask(thread, f"第{number}句")

    def _ask(self, thread: str, text: str, **more: Any) -> None:
        self.asked[self.say(thread, text, **more)] = text

    def calm_down(self) -> None:
        """Lose nothing from now on."""
        self.is_calm = True
        if self.loses_lines:
            self.cut()
