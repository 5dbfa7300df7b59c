"""Where the bytes of files lie: a folder, or any store that speaks S3. The rows about them are the features' own."""

from backend.platform.storage.folder import Folder
from backend.platform.storage.opening import open_store
from backend.platform.storage.s3 import Bucket
from backend.platform.storage.store import Missing, Store, StoreAway

__all__ = [
    "Bucket",
    "Folder",
    "Missing",
    "Store",
    "StoreAway",
    "open_store",
]
