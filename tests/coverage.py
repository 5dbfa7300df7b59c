"""Branch coverage of the product, measured when a run is told `-p tests.coverage`; `[tool.slipcover]` says of what.

SlipCover writes its probes into our modules as they are imported, so nobody else's code runs slower for it: coverage.py
is told of every call, and most calls of a request are made inside the libraries. Processes that tests start are not
measured. With pytest-xdist every worker measures, and the controller adds up.
"""

import io
import json
import os
import tomllib
from pathlib import Path
from typing import Any

import pytest
from slipcover import FileMatcher, ImportManager, Slipcover, merge_coverage, print_coverage

_NAMED = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text())["tool"]["slipcover"]
# Probes are left where they are: taking them out while the code runs costs more than they do.
_NEVER_REMOVED = -1


class Measured:
    """What this process has measured, or what the workers have."""

    def __init__(self) -> None:
        self.probes: Slipcover | None = None
        self.found: dict[str, Any] | None = None

    def begin(self) -> None:
        """Whatever of ours is imported from now on is measured; once is enough."""
        if self.probes is not None:
            return
        self.probes = Slipcover(
            branch=True,
            source=_NAMED["source"],
            exclude_also=_NAMED["exclude-also"],
            d_miss_threshold=_NEVER_REMOVED,
        )
        ImportManager(self.probes, FileMatcher(sources=_NAMED["source"])).__enter__()

    def add(self, found: dict[str, Any]) -> None:
        self.found = found if self.found is None else merge_coverage(self.found, found)


measured = Measured()


def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """Before anything of ours is imported. The controller of workers runs no test."""
    if "PYTEST_XDIST_WORKER" in os.environ or not early_config.known_args_namespace.numprocesses:
        measured.begin()


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """In the controller: a worker has ended. One that crashed brings nothing, and has failed the run."""
    if found := getattr(node, "workeroutput", {}).get("coverage"):
        measured.add(json.loads(found))


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Too little coverage fails a run that passed."""
    if measured.probes is not None:
        measured.add(measured.probes.get_coverage())
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["coverage"] = json.dumps(measured.found)
    elif session.exitstatus == pytest.ExitCode.OK and _percent() < _NAMED["fail-under"]:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Every file with lines or branches that did not run, and the total."""
    table = io.StringIO()
    print_coverage(measured.found, outfile=table, skip_covered=True)
    terminalreporter.write(table.getvalue())
    wanted = _NAMED["fail-under"]
    colour = {"green": True} if _percent() >= wanted else {"red": True}
    terminalreporter.write_line(
        f"Coverage, with branches: {_percent():.2f} %, at least {wanted} % is asked for.", **colour
    )


def _percent() -> float:
    assert measured.found is not None
    percent: float = measured.found["summary"]["percent_covered"]
    return percent
