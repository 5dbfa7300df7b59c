"""Questions that many ask at once, put to the database together: when thousands come back, this is most of the work."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Sequence
from typing import Generic, TypeVar

Question = TypeVar("Question", bound=Hashable)
Answer = TypeVar("Answer")


class Gathering(Generic[Question, Answer]):
    """One statement at a time. A question that finds none under way goes at once; those that come meanwhile make the
    next one together.
    """

    def __init__(
        self, ask: Callable[[Sequence[Question]], Awaitable[Sequence[Answer]]], *, at_once: int
    ) -> None:
        self._ask, self._at_once = ask, at_once
        self._waiting: dict[Question, asyncio.Future[Answer]] = {}
        self._asking: asyncio.Task[None] | None = None

    async def answer(self, question: Question) -> Answer:
        """The answer, as of a moment after this was asked. Raises what asking raises."""
        waiting = self._waiting.get(question)
        if waiting is None:
            waiting = self._waiting[question] = asyncio.get_running_loop().create_future()
            # Perhaps everybody who waits has gone when it fails.
            waiting.add_done_callback(lambda future: future.cancelled() or future.exception())
        if self._asking is None:
            self._asking = asyncio.create_task(self._run())
        return await asyncio.shield(waiting)

    async def _run(self) -> None:
        try:
            while self._waiting:
                questions = list(self._waiting)[: self._at_once]
                futures = [self._waiting.pop(question) for question in questions]
                try:
                    answers = await self._ask(questions)
                except Exception as error:
                    for future in futures:
                        future.set_exception(error)
                else:
                    for future, answer in zip(futures, answers, strict=True):
                        future.set_result(answer)
        finally:
            self._asking = None
            for future in self._waiting.values():
                future.cancel()
            self._waiting.clear()
