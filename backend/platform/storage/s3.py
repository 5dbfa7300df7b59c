"""A store in a bucket of anything that speaks S3."""

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import obstore
from obstore.exceptions import BaseError, NotFoundError
from obstore.store import S3Store

from backend.platform.storage.store import PIECE_BYTES, Missing, StoreAway

# A phone waits for the answer: a store that is away is said to be away soon.
_RETRIES: Final = 3
_RETRY_WITHIN: Final = timedelta(seconds=10)
_CONNECT_WITHIN: Final = timedelta(seconds=5)
_ANSWER_WITHIN: Final = timedelta(seconds=60)


class Bucket:
    """Objects in a bucket, below `prefix` when one is given. What S3 has acknowledged it keeps."""

    def __init__(
        self,
        bucket: str,
        *,
        prefix: str,
        endpoint: str,
        region: str,
        key_id: str,
        secret: str,
        virtual_hosted: bool,
    ) -> None:
        config: dict[str, Any] = {"endpoint": endpoint} if endpoint else {}
        self._name = f"s3://{bucket}"
        self._store = S3Store(
            bucket,
            prefix=prefix or None,
            region=region,
            access_key_id=key_id,
            secret_access_key=secret,
            virtual_hosted_style_request=virtual_hosted,
            client_options={
                "allow_http": endpoint.startswith("http://"),
                "connect_timeout": _CONNECT_WITHIN,
                "timeout": _ANSWER_WITHIN,
            },
            retry_config={"max_retries": _RETRIES, "retry_timeout": _RETRY_WITHIN},
            **config,
        )

    async def put(self, key: str, content: bytes | Path) -> None:
        with self._asked(key):
            await obstore.put_async(self._store, key, content)

    async def size(self, key: str) -> int:
        with self._asked(key):
            return (await obstore.head_async(self._store, key))["size"]

    async def read(self, key: str, start: int, end: int) -> AsyncIterator[bytes]:
        if start >= end:
            return
        with self._asked(key):
            found = await obstore.get_async(self._store, key, options={"range": (start, end)})
            async for piece in found.stream(min_chunk_size=PIECE_BYTES):
                yield bytes(piece)

    async def delete_under(self, prefix: str) -> None:
        with self._asked(prefix):
            async for some in obstore.list(self._store, prefix, chunk_size=1000):
                await obstore.delete_async(self._store, [one["path"] for one in some])

    async def aclose(self) -> None:
        """Its lines close with it."""

    @contextmanager
    def _asked(self, key: str) -> Iterator[None]:
        try:
            yield
        except (NotFoundError, FileNotFoundError):
            raise Missing(key) from None
        except (BaseError, OSError) as error:
            raise StoreAway(f"{self._name}: {type(error).__name__}") from error
