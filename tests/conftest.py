"""The fixtures, by what they stand on."""

import gc

# Tests leave little garbage; to look for it every few hundred objects is a tenth of the time of them all.
gc.set_threshold(100_000, 50, 100)

pytest_plugins = [
    "tests.fixtures.own_servers",
    "tests.fixtures.servers",
    "tests.fixtures.logs",
    "tests.fixtures.warped",
    "tests.fixtures.process",
    "tests.fixtures.application",
    "tests.fixtures.forks",
    "tests.fixtures.live",
    "tests.fixtures.started",
    "tests.fixtures.whole",
    "tests.fixtures.people",
    "tests.fixtures.timers",
    "tests.fixtures.estate",
    "tests.fixtures.journeys",
]
