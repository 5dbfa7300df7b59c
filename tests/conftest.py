"""The fixtures, by what they stand on."""

import atexit
import gc
import sys
from pathlib import Path

import pytest

# Loading makes no garbage, and tests leave little; to look for it every few hundred objects is a tenth of the time of
# them all.
gc.disable()
gc.set_threshold(100_000, 50, 100)

# httpx looks for it before every request that goes to an app directly; to look in vain through every folder takes as
# long as the request.
sys.modules.setdefault("sniffio", None)  # type: ignore[arg-type]  # None is how Python says that there is none

pytest_plugins = ["tests.fixtures.servers", "tests.fixtures.forks"]

_USED_BY_TESTS = (
    "tests.fixtures.own_servers",
    "tests.fixtures.engines",
    "tests.fixtures.databases",
    "tests.fixtures.logs",
    "tests.fixtures.warped",
    "tests.fixtures.process",
    "tests.fixtures.application",
    "tests.fixtures.live",
    "tests.fixtures.started",
    "tests.fixtures.whole",
    "tests.fixtures.people",
    "tests.fixtures.timers",
    "tests.fixtures.estate",
    "tests.fixtures.journeys",
    "tests.fixtures.files",
    "tests.fixtures.field",
    "tests.fixtures.posts",
    "tests.fixtures.ways",
    "tests.fixtures.hotline",
    "tests.fixtures.repairs",
    "tests.fixtures.cases",
    "tests.fixtures.escalation",
    "tests.fixtures.sockets",
    "tests.fixtures.socket_world",
)

_TESTS = Path(__file__).parent
# By what one test takes: stories and harm take seconds, rules take milliseconds.
_LONGEST_FIRST = ("flows", "faults", "contract", "features", "rules")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes long begins early: the last seconds of a run are then shared out among all workers."""
    items.sort(key=lambda item: _LONGEST_FIRST.index(item.path.relative_to(_TESTS).parts[0]))


def pytest_configure(config: pytest.Config) -> None:
    """Load the product, where tests run. The controller of workers runs none, and would keep them waiting meanwhile."""
    if hasattr(config, "workerinput") or not config.getoption("numprocesses", None):
        for name in _USED_BY_TESTS:
            config.pluginmanager.import_plugin(name)


def pytest_collection_finish() -> None:
    """What was loaded stays: to look through it again and again, and once more at the end, takes seconds."""
    gc.freeze()
    gc.enable()


atexit.register(gc.freeze)
