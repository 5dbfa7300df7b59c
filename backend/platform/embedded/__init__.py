"""PostgreSQL and Valkey from wheels, in one folder, on unix sockets: for `tongxing up` and the tests."""

from backend.platform.embedded.errors import CannotStart, FolderInUse
from backend.platform.embedded.servers import Servers, servers, servers_at_hand

__all__ = ["CannotStart", "FolderInUse", "Servers", "servers", "servers_at_hand"]
