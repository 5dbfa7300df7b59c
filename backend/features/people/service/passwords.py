"""Passwords and second factors: argon2 in a thread, TOTP (RFC 6238), recovery codes."""

import asyncio
import secrets
from datetime import datetime
from functools import cache

import pyotp
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.low_level import Type

from backend.core.errors import Invalid

HASHER = PasswordHasher(time_cost=3, memory_cost=64 * 1024, parallelism=1, type=Type.ID)
"""RFC 9106's second recommendation but with one lane: a fifth of a second on one core, and 64 MiB, a hash."""


@cache
def _nobody() -> str:
    """Verified against when there is no such employee, so that the answer takes as long."""
    return HASHER.hash(secrets.token_hex(16))


# 64 MiB each: more at once would let strangers fill the memory.
_AT_ONCE = asyncio.Semaphore(4)

_STEP_SECONDS = 30
_COMMON = {"password12", "1234567890", "0123456789", "qwertyuiop", "password123", "12345678910", "1111111111"}


async def hash_password(password: str) -> str:
    """The argon2id hash of `password`."""
    async with _AT_ONCE:
        return await asyncio.to_thread(HASHER.hash, password)


async def password_fits(password_hash: str | None, password: str) -> bool:
    """Whether `password` is the one. With no hash the time is spent all the same."""

    def verify() -> bool:
        try:
            HASHER.verify(password_hash or _nobody(), password)
            return password_hash is not None
        except (VerificationError, InvalidHashError):
            return False

    async with _AT_ONCE:
        return await asyncio.to_thread(verify)


def check_strength(password: str, employee_no: str) -> None:
    """Let only passwords pass that are not the first to be guessed.

    Raises:
        Invalid: `password_weak`.
    """
    folded = password.casefold()
    if len(password) < 10 or folded in _COMMON or employee_no.casefold() in folded or len(set(folded)) < 4:
        raise Invalid("password_weak", field="password")


def new_totp_secret() -> str:
    """A fresh TOTP secret, base32."""
    return pyotp.random_base32()


def totp_address(secret: str, employee_no: str) -> str:
    """The otpauth:// address an authenticator app reads."""
    return pyotp.TOTP(secret).provisioning_uri(name=employee_no, issuer_name="Tongxing")


def totp_step(secret: str, code: str, now: datetime, *, after: int | None) -> int | None:
    """The time step `code` belongs to, one step of drift either way; None when it is wrong or not newer than
    `after`.
    """
    totp = pyotp.TOTP(secret)
    present = int(now.timestamp()) // _STEP_SECONDS
    for step in (present, present - 1, present + 1):
        if totp.verify(code, for_time=step * _STEP_SECONDS) and (after is None or step > after):
            return step
    return None


def new_recovery_codes() -> list[str]:
    """Ten codes of the form `XXXXX-XXXXX`."""
    alphabet = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
    return [
        "-".join("".join(secrets.choice(alphabet) for _ in range(5)) for _ in range(2)) for _ in range(10)
    ]
