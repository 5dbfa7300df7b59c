"""Settings, from the environment (`TONGXING_...`) or a file `.env`.

The defaults are for development. In production mode start-up refuses them by name (`production_faults`).
"""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

# Development secrets: public on purpose, so that a fresh clone runs, and refused in production.
_DEVELOPMENT_KEY = "ZGV2ZWxvcG1lbnQta2V5LW5vdC1mb3ItcHJvZHVjdGk="
_DEVELOPMENT_FILES = "file:.tongxing/files"


class Settings(BaseSettings):
    """What one process needs to know of its surroundings."""

    model_config = SettingsConfigDict(env_prefix="TONGXING_", env_file=".env", extra="ignore", frozen=True)

    mode: Literal["development", "production"] = Field(
        default="development", description="production refuses development secrets and has no /dev pages"
    )
    database_url: str = Field(
        default="", description="postgresql+asyncpg://user:password@host/name; empty only under `tongxing up`"
    )
    valkey_url: str = Field(default="", description="redis://host:6379/0 or unix:///path?db=0")
    database_connections: int = Field(
        default=10, ge=1, le=200, description="connections of the ORM's pool, each process"
    )
    direct_connections: int = Field(
        default=10, ge=1, le=200, description="connections for hot reads, each process"
    )

    sealing_keys: SecretStr = Field(
        default=SecretStr(f"dev:{_DEVELOPMENT_KEY}"),
        description="id:base64 of 32 bytes, comma-separated; the first seals, all open (identity cards, codes)",
    )
    index_key: SecretStr = Field(
        default=SecretStr(_DEVELOPMENT_KEY),
        description="base64 of 32 bytes; blind indexes and one-time codes",
    )

    sms_url: str = Field(
        default="", description="signed HTTP gateway for SMS; empty: the development mailbox"
    )
    sms_key_id: str = Field(default="", description="the key id we present to the SMS gateway")
    sms_secret: SecretStr = Field(
        default=SecretStr(""), description="the secret that signs requests to the SMS gateway"
    )

    aliyun_sms_key_id: str = Field(
        default="", description="access key id for Alibaba Cloud's SMS, used instead of the signed gateway"
    )
    aliyun_sms_secret: SecretStr = Field(default=SecretStr(""), description="the access key's secret")
    aliyun_sms_sign_name: str = Field(default="", description="the approved signature of our SMS")
    aliyun_sms_templates: Path | None = Field(
        default=None, description="JSON file: kind of notice to approved template code (SMS_…)"
    )
    numbers_url: str = Field(
        default="",
        description="signed HTTP address of a number service: calls that show neither side's number; empty: none",
    )
    numbers_key_id: str = Field(default="", description="the key id we present to the number service")
    numbers_secret: SecretStr = Field(
        default=SecretStr(""), description="the secret that signs requests to the number service"
    )
    fcm_service_account: Path | None = Field(
        default=None,
        description="JSON file of a Firebase service account; none: pushes go to the development mailbox",
    )
    fcm_proxy: str = Field(
        default="", description="http:// address of a forward proxy to FCM, where one is needed"
    )
    fcm_url: str = Field(
        default="https://fcm.googleapis.com",
        description="FCM's address; another only to try against a stand-in",
    )
    smtp_host: str = Field(
        default="", description="the server that takes our mail; none: the development mailbox"
    )
    smtp_port: int = Field(default=587, ge=1, le=65535, description="its port")
    smtp_username: str = Field(default="", description="who we are there; empty: it asks for nobody")
    smtp_password: SecretStr = Field(default=SecretStr(""), description="the password there")
    smtp_security: Literal["tls", "starttls", "none"] = Field(
        default="starttls",
        description="tls from the first byte (465), starttls (587), none on a network of our own",
    )
    smtp_sender: str = Field(default="", description="the address our mail comes from")
    public_url: str = Field(
        default="",
        pattern=r"^(https?://[^\s<>]+)?$",
        description="https:// address at which the world reaches the API: mails and pages lead there",
    )

    heartbeat_url: str = Field(
        default="", description="posted to by the audit when all is well, and only then; empty: nowhere"
    )

    cors_origins: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(), description="origins that browsers may call from, as a JSON list"
    )
    forwarded_allow_ips: str = Field(
        default="127.0.0.1",
        description="proxies whose X-Forwarded-For is believed (rate limits go by address)",
    )
    requests_per_minute_account: int = Field(default=600, ge=1, description="rate limit per account")
    requests_per_minute_address: int = Field(default=3000, ge=1, description="rate limit per address")
    request_seconds: float = Field(default=30, gt=0, description="an answer must begin within this time")
    body_bytes: int = Field(default=1 << 20, ge=1 << 10, description="limit of an ordinary request's body")
    import_bytes: int = Field(default=20 << 20, ge=1 << 20, description="limit of an uploaded workbook")
    bus_urls: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(),
        description="Valkeys over which nodes tell one another what is new, as a JSON list; empty: valkey_url's",
    )
    tick_seconds: float = Field(
        default=5, gt=0, description="how often sockets' threads are compared with PostgreSQL"
    )
    socket_hello_seconds: float = Field(
        default=5, gt=0, description="a socket's first frame must come within this"
    )
    socket_frames_per_second: float = Field(
        default=40, gt=0, description="frames that a socket may send; what is above is refused"
    )
    socket_frames_at_once: int = Field(
        default=200,
        ge=1,
        description="frames that a socket may send at once after a pause; as many refused close it",
    )
    socket_watches: int = Field(default=500, ge=1, description="threads that a socket may watch at a time")
    socket_queue_frames: int = Field(
        default=1000, ge=1, description="frames that may wait for a slow reader before its socket is closed"
    )
    socket_queue_bytes: int = Field(default=1 << 20, ge=1 << 16, description="and how much text")
    drain_seconds: float = Field(default=8, gt=0, description="on SIGTERM open requests get this long")
    session_days: int = Field(
        default=90, ge=1, description="an owner's session ends this long after its last use"
    )
    staff_session_hours: int = Field(
        default=12, ge=1, description="a staff session ends this long after its last use"
    )
    import_folder: Path = Field(
        default=Path(".tongxing/imports"), description="where uploaded workbooks wait"
    )
    files_url: str = Field(
        default=_DEVELOPMENT_FILES,
        pattern=r"^(file:[^?#]+|s3://[A-Za-z0-9._-]+(/[^?#]*)?\?[^#]*\b(endpoint=https?://|region=)[^#]+)$",
        description="photos, voice and documents: file:///path, or s3://bucket/prefix?endpoint=https://…&region=…"
        " (&virtual_hosted=true); API and workers share it",
    )
    files_key_id: str = Field(default="", description="the access key id of the bucket")
    files_secret: SecretStr = Field(default=SecretStr(""), description="the secret access key of the bucket")
    files_per_hour: int = Field(default=120, ge=1, description="files an account may begin within an hour")
    files_bytes_per_day: int = Field(
        default=1 << 30, ge=1, description="bytes an account may announce within 24 hours"
    )
    files_unused_hours: int = Field(
        default=24, ge=1, description="a finished file that no line names is deleted after this"
    )
    transfer_seconds: float = Field(
        default=600, gt=0, description="one upload or download of a file's bytes may take this long"
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"

    @property
    def production(self) -> bool:
        return self.mode == "production"


def production_faults(settings: Settings) -> list[str]:
    """The settings that must not stand as they are in production, by their environment names."""
    faults = []
    for name in ("sealing_keys", "index_key"):
        key: SecretStr = getattr(settings, name)
        if not key.get_secret_value():
            faults.append(f"TONGXING_{name.upper()} is not set")
        elif _DEVELOPMENT_KEY in key.get_secret_value():
            faults.append(f"TONGXING_{name.upper()} is the development key")
    if not settings.database_url:
        faults.append("TONGXING_DATABASE_URL is not set")
    if not settings.valkey_url:
        faults.append("TONGXING_VALKEY_URL is not set")
    faults += _channel_faults(settings)
    if settings.files_url == _DEVELOPMENT_FILES:
        faults.append("TONGXING_FILES_URL is not set: files would lie where the process was started")
    if settings.files_url.startswith("s3:"):
        if not settings.files_key_id:
            faults.append("TONGXING_FILES_KEY_ID is not set: the bucket would refuse us")
        if not settings.files_secret.get_secret_value():
            faults.append("TONGXING_FILES_SECRET is not set: the bucket would refuse us")
    if "*" in settings.cors_origins:
        faults.append("TONGXING_CORS_ORIGINS allows every origin")
    return faults


def _channel_faults(settings: Settings) -> list[str]:
    faults = []
    if settings.aliyun_sms_key_id:
        faults += [
            f"TONGXING_{name.upper()} is not set: Alibaba Cloud would refuse us"
            for name in ("aliyun_sms_secret", "aliyun_sms_sign_name", "aliyun_sms_templates")
            if not str(getattr(settings, name) or "")
        ]
    elif not settings.sms_url:
        faults.append("TONGXING_SMS_URL is not set: one-time codes could not leave")
    elif not settings.sms_secret.get_secret_value():
        faults.append("TONGXING_SMS_SECRET is not set")
    if settings.numbers_url and not settings.numbers_secret.get_secret_value():
        faults.append("TONGXING_NUMBERS_SECRET is not set: the number service would refuse us")
    if settings.fcm_service_account is None:
        faults.append("TONGXING_FCM_SERVICE_ACCOUNT is not set: no phone would be pushed to")
    if not settings.smtp_host:
        faults.append("TONGXING_SMTP_HOST is not set: what must reach by e-mail could not leave")
    elif not settings.smtp_sender:
        faults.append("TONGXING_SMTP_SENDER is not set")
    if settings.public_url.startswith("http://"):
        faults.append("TONGXING_PUBLIC_URL is no https:// address")
    if settings.smtp_host and not settings.public_url:
        faults.append("TONGXING_PUBLIC_URL is not set: mails and pages could not say where to answer")
    return faults
