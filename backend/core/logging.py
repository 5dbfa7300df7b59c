"""Logs: one JSON object a line, with the request's or job's id in each. Values that identify a person never go in."""

import json
import logging
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from datetime import UTC, datetime
from types import MappingProxyType, TracebackType
from typing import Any, TextIO

import structlog
from pydantic_core import to_json

log: Any = structlog.get_logger()

_carried: ContextVar[Mapping[str, Any]] = ContextVar("carried", default=MappingProxyType({}))

# Of a database's error: names that we gave, never values.
_TELLING = ("sqlstate", "table_name", "constraint_name")
_CHAIN = 8


def carried() -> Mapping[str, Any]:
    """What every line carries that is logged here: the request's or the job's id, and who asked."""
    return _carried.get()


def carry(values: Mapping[str, Any]) -> None:
    """Have every line carry these from here on, and nothing else."""
    _carried.set(values)


@contextmanager
def carrying(**values: Any) -> Iterator[None]:
    """Have every line within the block carry these too."""
    before = _carried.set({**_carried.get(), **values})
    try:
        yield
    finally:
        _carried.reset(before)


def _stack(exc_info: tuple[type[BaseException], BaseException, TracebackType | None]) -> str:
    """Where it went wrong, without the errors' own words: a database quotes what it refuses, others what they read."""
    told: list[str] = []
    error: BaseException | None = exc_info[1]
    while error is not None and len(told) < _CHAIN:
        known = [f"{name}={value}" for name in _TELLING if (value := getattr(error, name, None))]
        told.append(
            "".join([*traceback.format_tb(error.__traceback__), " ".join([type(error).__qualname__, *known])])
        )
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return "\n-- which came of --\n".join(told)


def _timestamp() -> str:
    """The operating system's time, whatever the system's clock has been moved to."""
    return datetime.now(UTC).replace(tzinfo=None).isoformat() + "Z"


def _stamped(_: object, __: str, event: dict[str, Any]) -> dict[str, Any]:
    return {**_carried.get(), **event, "timestamp": _timestamp()}


def _json(event: dict[str, Any], default: Callable[[Any], Any]) -> str:
    try:
        return to_json(event, fallback=default).decode()
    except ValueError:  # what is no text in UTF-8
        return json.dumps(event, default=default, ensure_ascii=False)


class _Stdout:
    """Lines to stdout. One that cannot be written (a full disk, a reader that is gone) fails nothing else."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stdout

    def msg(self, line: str) -> None:
        """Write one line at once; what is no text in UTF-8 is escaped."""
        with suppress(OSError, ValueError):
            self._stream.write(line.encode(errors="backslashreplace").decode() + "\n")
            self._stream.flush()

    debug = info = warning = error = critical = exception = msg


class RequestLog:
    """The line that each request leaves. It goes no way but this: structlog's costs a tenth of what a hot read does."""

    def __init__(self) -> None:
        self._write: Callable[[str], None] | None = None
        self._service = ""

    def configure(self, write: Callable[[str], None] | None, *, service: str) -> None:
        """Write lines of this service; None: write none."""
        self._write, self._service = write, service

    def __call__(self, *, method: str, route: str, status: int, ms: float) -> None:
        """Write one line, with what it carries."""
        if self._write is None:
            return
        line = {
            "service": self._service,
            **_carried.get(),
            "method": method,
            "route": route,
            "status": status,
            "ms": ms,
            "level": "info",
            "timestamp": _timestamp(),
            "message": "request",
        }
        self._write(_json(line, str))


log_request = RequestLog()


def configure_logging(level: str, *, service: str) -> None:
    """Send structlog and the libraries' standard logging through one JSON renderer to stdout."""
    context: list[Any] = [
        structlog.stdlib.add_log_level,
        _stamped,
        structlog.processors.ExceptionRenderer(_stack),
    ]
    rendering: list[Any] = [
        structlog.processors.EventRenamer("message"),
        lambda _, __, event: {"service": service, **event},
        structlog.processors.JSONRenderer(_json),
    ]
    # Our own lines do not pass through standard logging, which takes twice as long: there is one a request.
    stdout = _Stdout()
    structlog.configure(
        processors=[*context, *rendering],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=lambda *_: stdout,
        cache_logger_on_first_use=True,
    )
    told = logging.getLevelNamesMapping()[level] <= logging.INFO
    log_request.configure(stdout.msg if told else None, service=service)
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=context,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *rendering],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    # Our own access line carries the request id; uvicorn's and httpx's would repeat it, the latter with addresses.
    # arq would tell each wake-up twice.
    for noisy in ("uvicorn.access", "httpx", "httpcore", "arq"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
