"""The fixtures, by what they stand on."""

pytest_plugins = [
    "tests.fixtures.servers",
    "tests.fixtures.process",
    "tests.fixtures.application",
    "tests.fixtures.live",
    "tests.fixtures.people",
    "tests.fixtures.estate",
]
