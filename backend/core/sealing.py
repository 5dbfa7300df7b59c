"""Secrets at rest: AES-256-GCM with key ids (so that keys can be rotated), and keyed digests for blind indexes.

A sealed value names the key that sealed it and is bound to its purpose, so one column's value cannot be put into
another. Form: 1 byte length of the key id, the key id, 12 bytes nonce, ciphertext with its tag.
"""

import base64
import binascii
import hashlib
import hmac
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM


class SealBroken(Exception):
    """The value was not sealed by a key we hold, or not for this purpose, or was changed."""


class Sealer:
    """Seals with the first key, opens with any."""

    def __init__(self, keys: str, index_key: str) -> None:
        """`keys`: `id:base64` of 32 bytes each, comma-separated. `index_key`: base64 of 32 bytes.

        Raises:
            ValueError: a key is not 32 bytes of base64, or two have one id.
        """
        self._keys: dict[str, AESGCM] = {}
        for part in keys.split(","):
            key_id, _, encoded = part.strip().partition(":")
            if key_id in self._keys:
                raise ValueError(f"the key {key_id!r} is given twice")
            self._keys[key_id] = AESGCM(_key(encoded))
        self.current = next(iter(self._keys))
        self._index_key = _key(index_key)

    def seal(self, text: str, *, purpose: str) -> bytes:
        """`text`, sealed by the current key for `purpose`."""
        key_id = self.current.encode()
        nonce = os.urandom(12)
        body = self._keys[self.current].encrypt(nonce, text.encode(), purpose.encode())
        return bytes([len(key_id)]) + key_id + nonce + body

    def open(self, sealed: bytes, *, purpose: str) -> str:
        """The text in `sealed`.

        Raises:
            SealBroken: see there.
        """
        key_id, rest = self.key_id(sealed), sealed[1 + sealed[0] :]
        key = self._keys.get(key_id)
        if key is None:
            raise SealBroken(f"no key {key_id!r}")
        try:
            return key.decrypt(rest[:12], rest[12:], purpose.encode()).decode()
        except (InvalidTag, ValueError):
            raise SealBroken("changed, cut off, or sealed for another purpose") from None

    @staticmethod
    def key_id(sealed: bytes) -> str:
        """The id of the key that sealed this value.

        Raises:
            SealBroken: it is nothing that was ever sealed.
        """
        try:
            return sealed[1 : 1 + sealed[0]].decode()
        except (IndexError, UnicodeDecodeError):
            raise SealBroken("not a sealed value") from None

    def digest(self, text: str, *, purpose: str) -> bytes:
        """A keyed SHA-256 of `text`: equal texts give equal digests, and without the key nothing can be tried."""
        return hmac.new(self._index_key, f"{purpose}\0{text}".encode(), hashlib.sha256).digest()


def _key(encoded: str) -> bytes:
    try:
        key = base64.b64decode(encoded, validate=True)
    except binascii.Error:
        raise ValueError("a key must be base64") from None
    if len(key) != 32:
        raise ValueError(f"a key must be 32 bytes, this one is {len(key)}")
    return key
