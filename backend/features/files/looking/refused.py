"""Why a file is not taken."""

from typing import Any


class FileRefused(Exception):
    """`code` and `params` fill a sentence of `backend/locales/problem.*.toml`."""

    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(code)
        self.code, self.params = code, params
