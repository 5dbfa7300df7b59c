"""One limit of time for all that runs at once. asyncio's own sets a timer for each: a twentieth of a hot read."""

import asyncio


class TimeLimit:
    """Cancels each task that takes longer than `seconds`. All have as long, so they are due in the order they began."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._due: dict[asyncio.Task[object], float] = {}
        self._late: set[asyncio.Task[object]] = set()
        self._timer: asyncio.TimerHandle | None = None

    def begin(self) -> asyncio.Task[object]:
        """Count the present task's time from now on."""
        loop, task = asyncio.get_running_loop(), asyncio.current_task()
        assert task is not None
        now = loop.time()
        if not self._due:
            if self._timer is not None:
                self._timer.cancel()
            self._timer = loop.call_at(now + self._seconds, self._end, loop)
        self._due[task] = now + self._seconds
        return task

    def end(self, task: asyncio.Task[object]) -> None:
        """Its time counts no more."""
        self._due.pop(task, None)

    def exceeded(self, task: asyncio.Task[object]) -> bool:
        """Whether it is because of its time that the task was cancelled; it goes on as one that was not."""
        if task not in self._late:
            return False
        self._late.remove(task)
        return task.uncancel() == 0

    def _end(self, loop: asyncio.AbstractEventLoop) -> None:
        now = loop.time()
        for task, due in list(self._due.items()):
            if due > now:
                self._timer = loop.call_at(due, self._end, loop)
                return
            del self._due[task]
            self._late.add(task)
            task.cancel()
