"""Visits: talks and checks after a promise, a repair or a complaint, by somebody who did not handle it."""
