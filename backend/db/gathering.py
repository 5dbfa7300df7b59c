"""Questions that many ask at once, put to the database together: who asks while a statement runs is answered by its
next run.

A statement's own price, here and in the database, is several times that of one more row of its answer. Nobody waits for
company: the first to ask is answered at once, with all who ask in the same turn of the loop.
"""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Sequence
from typing import Generic, TypeVar

Question = TypeVar("Question", bound=Hashable)
Answer = TypeVar("Answer")


class Gathering(Generic[Question, Answer]):
    """Has `ask` asked for many: `together` at most by one statement, and `at_once` statements side by side.

    A question that several ask is asked once. `together` is 2 or more.
    """

    def __init__(
        self,
        ask: Callable[[Sequence[Question]], Awaitable[Sequence[Answer]]],
        *,
        together: int,
        at_once: int = 1,
    ) -> None:
        self._ask, self._together, self._at_once = ask, together, at_once
        self._waiting: dict[Question, list[asyncio.Future[Answer]]] = {}
        self._running: set[asyncio.Task[None]] = set()

    @property
    def idle(self) -> bool:
        """Whether nobody waits for anything."""
        return not self._running and not self._waiting

    async def answer(self, question: Question) -> Answer:
        """The answer, as of a moment after this was asked. Raises what asking raises."""
        answered: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        same = self._waiting.get(question)
        if same is not None:
            same.append(answered)
        else:
            self._waiting[question] = [answered]
            # The others are taken by the run that their first began, or by one under way.
            if len(self._waiting) % self._together == 1 and len(self._running) < self._at_once:
                self._running.add(asyncio.create_task(self._run()))
        return await answered

    async def _run(self) -> None:
        waiting = self._waiting
        try:
            while waiting:
                questions = [question for question, _ in zip(waiting, range(self._together), strict=False)]
                await self._answer(questions, [waiting.pop(question) for question in questions])
        finally:
            running = asyncio.current_task()
            assert running is not None
            self._running.remove(running)

    async def _answer(
        self, questions: Sequence[Question], askers: Sequence[list["asyncio.Future[Answer]"]]
    ) -> None:
        try:
            answers = await self._ask(questions)
        except Exception as error:
            for same in askers:
                for answered in same:
                    if not answered.done():
                        answered.set_exception(error)
        else:
            for same, answer in zip(askers, answers, strict=True):
                for answered in same:
                    if not answered.done():  # else its asker has gone meanwhile
                        answered.set_result(answer)
