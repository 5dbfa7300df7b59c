"""What the worker starts: the deliveries and their channels.

The providers' libraries take a tenth of a start to load, and nobody but the worker sends.
"""

from backend.features.notices.sending.channels import ChannelMisset, Channels, open_channels
from backend.features.notices.sending.sender import Deliveries

__all__ = ["ChannelMisset", "Channels", "Deliveries", "open_channels"]
