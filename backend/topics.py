"""What can be followed over the socket: one line a kind of topic."""

from backend.features.chat.topics import PlaceTopic, QueueTopic
from backend.platform.process import Process
from backend.platform.realtime.topics import Topic


def topics(process: Process) -> dict[str, Topic]:
    """Every kind of topic. A topic whose kind stands nowhere here is nobody's."""
    return {
        "queue": QueueTopic(process),
        "place": PlaceTopic(process),
    }
