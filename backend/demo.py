"""x"""
from backend.core.config import Settings
async def load(settings: Settings) -> list[dict[str, str]]:
    return []
