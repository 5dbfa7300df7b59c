"""The door of the journey's feature: what the others may call."""

from backend.features.journey.repository.board import Which
from backend.features.journey.service.auditing import milestones_without_timer
from backend.features.journey.service.board import HomeOnBoard, board_of, journeys_page
from backend.features.journey.service.following import (
    JOURNEYS_FOLLOWED,
    Told,
    follow_ownerships,
    follow_project,
    relay,
)
from backend.features.journey.service.fulfilling import (
    Deed,
    fulfil,
    fulfil_milestone,
    fulfil_promises,
    reopen,
)
from backend.features.journey.service.moving import MOVE_DATES, Asked, ask_to_move, find_move, move_batch
from backend.features.journey.service.news import addressees
from backend.features.journey.service.tasks import Done, Filters, TaskView, do_task, find_task, tasks_page
from backend.features.journey.service.timeline import timeline_of
from backend.features.journey.service.turning import RELAY, enter_steps, turn_milestones
from backend.features.journey.service.words import words
from backend.features.journey.service.writing import MILESTONE, STEP, TALKS_TURNED

__all__ = [
    "JOURNEYS_FOLLOWED",
    "MILESTONE",
    "MOVE_DATES",
    "RELAY",
    "STEP",
    "TALKS_TURNED",
    "Asked",
    "Deed",
    "Done",
    "Filters",
    "HomeOnBoard",
    "TaskView",
    "Told",
    "Which",
    "addressees",
    "ask_to_move",
    "board_of",
    "do_task",
    "enter_steps",
    "find_move",
    "find_task",
    "follow_ownerships",
    "follow_project",
    "fulfil",
    "fulfil_milestone",
    "fulfil_promises",
    "journeys_page",
    "milestones_without_timer",
    "move_batch",
    "relay",
    "reopen",
    "tasks_page",
    "timeline_of",
    "turn_milestones",
    "words",
]
