"""The fixtures, by what they stand on."""

pytest_plugins = [
    "tests.fixtures.servers",
    "tests.fixtures.logs",
    "tests.fixtures.warped",
    "tests.fixtures.process",
    "tests.fixtures.application",
    "tests.fixtures.live",
    "tests.fixtures.whole",
    "tests.fixtures.people",
    "tests.fixtures.timers",
    "tests.fixtures.estate",
    "tests.fixtures.journeys",
]
