"""The ways out, as the settings have them; where none is set, the development mailbox."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from backend.core.config import Settings
from backend.features.notices.kinds import ChannelName
from backend.features.notices.mailbox import Mailbox
from backend.features.notices.sending.tally import Tally
from backend.platform.process import Process
from push.aliyun_sms import AliyunSms
from push.breaker import Breaker, Guarded
from push.channel import Channel, SmsChannel
from push.email import Email
from push.fcm import Fcm
from push.sms import SmsGateway


class ChannelMisset(Exception):
    """A setting of a channel is not what it must be; the text names it."""


@dataclass(frozen=True, slots=True)
class Channels:
    """Each behind a breaker; `texts` is the SMS channel itself, which can be asked after a message. `tally` counts."""

    guarded: dict[ChannelName, Guarded]
    texts: SmsChannel
    tally: Tally = field(default_factory=Tally)

    async def aclose(self) -> None:
        """Let go of connections."""
        for channel in self.guarded.values():
            await channel.aclose()


def open_channels(process: Process) -> Channels:
    """The channels of one worker.

    Raises:
        ChannelMisset: see there.
    """
    settings = process.settings
    texts: SmsChannel = _sms(settings) or Mailbox(process.works, "sms")
    ways: dict[ChannelName, Channel] = {
        "push": _push(settings) or Mailbox(process.works, "push"),
        "sms": texts,
        "email": _email(settings) or Mailbox(process.works, "email"),
    }
    return Channels({name: Guarded(channel, Breaker()) for name, channel in ways.items()}, texts)


def _push(settings: Settings) -> Fcm | None:
    if settings.fcm_service_account is None:
        return None
    account: dict[str, Any] = _read("FCM_SERVICE_ACCOUNT", settings.fcm_service_account)
    try:
        return Fcm(account, proxy=settings.fcm_proxy, url=settings.fcm_url)
    except ValueError as error:
        raise ChannelMisset(f"TONGXING_FCM_SERVICE_ACCOUNT is no service account: {error}") from None


def _sms(settings: Settings) -> SmsChannel | None:
    if settings.aliyun_sms_key_id:
        if settings.aliyun_sms_templates is None:
            raise ChannelMisset(
                "TONGXING_ALIYUN_SMS_TEMPLATES is not set: the service sends approved wordings only"
            )
        return AliyunSms(
            key_id=settings.aliyun_sms_key_id,
            secret=settings.aliyun_sms_secret.get_secret_value(),
            sign_name=settings.aliyun_sms_sign_name,
            templates=_read("ALIYUN_SMS_TEMPLATES", settings.aliyun_sms_templates),
        )
    if settings.sms_url:
        secret = settings.sms_secret.get_secret_value()
        return SmsGateway(settings.sms_url, key_id=settings.sms_key_id, secret=secret)
    return None


def _email(settings: Settings) -> Email | None:
    if not settings.smtp_host:
        return None
    return Email(
        settings.smtp_host,
        settings.smtp_port,
        sender=settings.smtp_sender,
        sender_name="同行",
        username=settings.smtp_username,
        password=settings.smtp_password.get_secret_value(),
        security=settings.smtp_security,
    )


def _read(name: str, path: Path) -> dict[str, Any]:
    try:
        read = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ChannelMisset(
            f"TONGXING_{name}: {path} cannot be read as JSON ({type(error).__name__})"
        ) from None
    if not isinstance(read, dict):
        raise ChannelMisset(f"TONGXING_{name}: {path} holds no JSON object")
    return read
