"""What Prometheus reads of how people's lines are written."""

from prometheus_client import Gauge, Histogram

BATCH_LINES = Histogram(
    "tongxing_speaker_batch_lines",
    "Lines that were written by one statement",
    buckets=(1, 2, 5, 10, 20, 50, 100, 200, 500),
)
COMMIT_SECONDS = Histogram(
    "tongxing_speaker_commit_seconds",
    "From sending a batch of lines until it is committed",
    buckets=(0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5),
)
WAITING_LINES = Gauge("tongxing_speaker_waiting_lines", "Lines that have been said and are not committed yet")
