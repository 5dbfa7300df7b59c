"""From the settings to the store."""

from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from backend.core.config import Settings
from backend.platform.storage.folder import Folder
from backend.platform.storage.s3 import Bucket
from backend.platform.storage.store import Store


def open_store(settings: Settings) -> Store:
    """The store that the settings name. It is not asked for anything yet: one that is away keeps nobody waiting."""
    address = urlsplit(settings.files_url)
    if address.scheme == "file":
        return Folder(Path(unquote(address.path)))
    asked = {name: values[-1] for name, values in parse_qs(address.query).items()}
    return Bucket(
        address.netloc,
        prefix=address.path.strip("/"),
        endpoint=asked.get("endpoint", ""),
        # A store of one's own has no regions; its signatures want one named all the same.
        region=asked.get("region", "us-east-1"),
        key_id=settings.files_key_id,
        secret=settings.files_secret.get_secret_value(),
        virtual_hosted=asked.get("virtual_hosted") == "true",
    )
