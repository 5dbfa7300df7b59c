"""The fixtures, by what they stand on."""

pytest_plugins = [
    "tests.fixtures.servers",
    "tests.fixtures.process",
    "tests.fixtures.live",
]
