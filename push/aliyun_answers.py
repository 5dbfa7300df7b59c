"""What an answer of Alibaba Cloud's `SendSms` means, by its documented codes."""

import json

from push.message import Accepted, Ambiguous, DeadAddress, Message, Outcome, Refused, RetryAfter, Stopped
from push.pauses import growing

# Balance, rights, the signature that all our messages bear, the ceilings set in the console.
_STOPPED = frozenset(
    {
        "isp.RAM_PERMISSION_DENY",
        "isv.ACCOUNT_ABNORMAL",
        "isv.ACCOUNT_NOT_EXISTS",
        "isv.AMOUNT_NOT_ENOUGH",
        "isv.DAY_LIMIT_CONTROL",
        "isv.DENY_IP_RANGE",
        "isv.MONTH_LIMIT_CONTROL",
        "isv.OUT_OF_SERVICE",
        "isv.PRODUCT_UNSUBSCRIBE",
        "isv.PRODUCT_UN_SUBSCRIPT",
        "isv.SIGN_STATE_ILLEGAL",
        "isv.SMS_SIGNATURE_ILLEGAL",
        "isv.SMS_SIGN_ILLEGAL",
    }
)
# Common to all of Alibaba Cloud's services; some bear a suffix, as in `InvalidAccessKeyId.NotFound`.
_STOPPED_FAMILIES = (
    "Forbidden",
    "IncompleteSignature",
    "InvalidAccessKeyId",
    "InvalidSecurityToken",
    "InvalidTimeStamp",
    "NoPermission",
    "SignatureDoesNotMatch",
)
# One template is not in order; the others are.
_STOPPED_TEMPLATE = frozenset({"isv.SMS_SIGNATURE_SCENE_ILLEGAL", "isv.SMS_TEMPLATE_ILLEGAL"})
_NEITHER_YES_NOR_NO = frozenset({"isp.SYSTEM_ERROR", "isp.UNKNOWN", "isp.GATEWAY_ERROR"})
_MINUTE, _HOUR = 60.0, 3600.0


def outcome(status: int, body: bytes, message: Message) -> Outcome:
    """The outcome of one message."""
    try:
        said = json.loads(body)
        code, words = str(said["Code"]), str(said.get("Message", ""))
    except (ValueError, KeyError, TypeError, AttributeError):
        return Ambiguous(f"HTTP {status} without a code")
    reason = f"{code} {words}"[:200]
    if code == "OK":
        return Accepted(str(said.get("BizId", "")))
    if code in _STOPPED or code.partition(".")[0] in _STOPPED_FAMILIES:
        return Stopped(reason)
    if code in _STOPPED_TEMPLATE:
        return Stopped(reason, everybody=False)
    if code == "isv.MOBILE_NUMBER_ILLEGAL":
        return DeadAddress(reason)
    if code == "isv.BUSINESS_LIMIT_CONTROL":
        # So many a minute, an hour, a day to one number; which of them stands in the words.
        return RetryAfter(_MINUTE if "分钟" in words else _HOUR, reason)
    if code == "SignatureNonceUsed":
        return RetryAfter(growing(message), reason)
    if code.startswith("Throttling"):
        return RetryAfter(growing(message), reason, everybody=True)
    if status >= 500 or code in _NEITHER_YES_NOR_NO:
        return Ambiguous(reason)
    return Refused(reason)
