"""Who decides who sees a file, as the composition root has registered them."""

from fastapi import Request

from backend.features.files.service import Deciders


def deciders(request: Request) -> Deciders:
    """Of the app that serves this request."""
    state = request.app.state
    return Deciders(state.sights, state.shows)
