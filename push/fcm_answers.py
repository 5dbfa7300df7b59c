"""What an answer of the FCM HTTP v1 API means.

The codes are those of the reference of `google.firebase.fcm.v1.ErrorCode`; Google's guide asks for at least ten
seconds before a 500 or 503 is repeated and for a minute after a 429, growing and spread, where `Retry-After` is silent.
"""

import json
from datetime import UTC, datetime
from typing import Any

from push.message import Accepted, Ambiguous, DeadAddress, Message, Outcome, Refused, RetryAfter, Stopped
from push.pauses import growing, told

_FCM_ERROR = "type.googleapis.com/google.firebase.fcm.v1.FcmError"
_BAD_REQUEST = "type.googleapis.com/google.rpc.BadRequest"
_AWAY_SECONDS = 10.0
_QUOTA_SECONDS = 60.0
_THIRD_PARTY = ("THIRD_PARTY_AUTH_ERROR", "APNS_AUTH_ERROR")


def refuses_our_token(status: int, body: bytes) -> bool:
    """Whether it is our access token that is not believed, so that a fresh one is worth a try."""
    return status == 401 and _code(_error(body)) not in _THIRD_PARTY


def outcome(status: int, retry_after: str | None, body: bytes, message: Message) -> Outcome:
    """The outcome of one message."""
    if status == 200:
        return _taken(body, message)
    error = _error(body)
    code = _code(error)
    reason = f"HTTP {status} {code or error.get('status') or ''}".rstrip()
    if code == "UNREGISTERED" or (status == 400 and _blames_the_token(error)):
        return DeadAddress(reason)
    if code == "SENDER_ID_MISMATCH":
        return DeadAddress(reason, warn=True)
    if code in _THIRD_PARTY:
        # Apple or a browser's push service does not believe the key that is stored at Firebase.
        return Stopped(reason, everybody=False)
    pause = told(retry_after, datetime.now(UTC))
    if status == 429:
        return RetryAfter(growing(message, first=_QUOTA_SECONDS) if pause is None else pause, reason)
    if status >= 500:
        seconds = growing(message, first=_AWAY_SECONDS) if pause is None else pause
        return RetryAfter(seconds, reason, everybody=True)
    if status == 413 or (status == 400 and error.get("status") == "INVALID_ARGUMENT"):
        return Refused(f"{reason}: {error.get('message', '')}"[:200])
    # Also a 404 that does not say UNREGISTERED: the project is not there, or it is not FCM that answers.
    return Stopped(reason)


def _taken(body: bytes, message: Message) -> Outcome:
    try:
        return Accepted(str(json.loads(body)["name"]))
    except (ValueError, KeyError, TypeError):
        return Ambiguous("HTTP 200 without a name", growing(message, first=_AWAY_SECONDS))


def _error(body: bytes) -> dict[str, Any]:
    try:
        error = json.loads(body)["error"]
    except (ValueError, KeyError, TypeError):
        return {}
    return error if isinstance(error, dict) else {}


def _details(error: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    details = error.get("details")
    if not isinstance(details, list):
        return []
    return [detail for detail in details if isinstance(detail, dict) and detail.get("@type") == kind]


def _code(error: dict[str, Any]) -> str:
    return next((str(detail.get("errorCode", "")) for detail in _details(error, _FCM_ERROR)), "")


def _blames_the_token(error: dict[str, Any]) -> bool:
    """INVALID_ARGUMENT has many reasons. Of a token it is said by the field's name, or only in words."""
    fields = [
        violation.get("field")
        for detail in _details(error, _BAD_REQUEST)
        for violation in detail.get("fieldViolations") or ()
        if isinstance(violation, dict)
    ]
    if fields:
        return fields == ["message.token"]
    return "registration token is not a valid" in str(error.get("message", ""))
