"""What these addresses have in common."""

from typing import Annotated

from fastapi import Depends, Request

from backend.features.chat.service import NobodyOnDuty


async def _nobody_on_duty(request: Request) -> NobodyOnDuty:
    handler: NobodyOnDuty = request.app.state.nobody_on_duty
    return handler


OnNobody = Annotated[NobodyOnDuty, Depends(_nobody_on_duty)]
"""What happens to a conversation that nobody is on duty for."""
