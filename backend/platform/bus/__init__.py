"""How nodes tell one another that something is new, over Valkey or within one process."""

from backend.platform.bus.protocol import Bus, Heard, InProcessBus
from backend.platform.bus.valkey_bus import ShardedBus, ValkeyBus, make_bus
from backend.platform.bus.valkey_line import ValkeyAway, ValkeyLine

__all__ = ["Bus", "Heard", "InProcessBus", "ShardedBus", "ValkeyAway", "ValkeyBus", "ValkeyLine", "make_bus"]
