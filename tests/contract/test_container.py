"""What the image and the compose file say about our settings is true."""

import re
from pathlib import Path

from backend.core.config import Settings, production_faults

DOCKER = Path(__file__).parents[2] / "docker"
EXAMPLE = (DOCKER / "env.example").read_text(encoding="utf-8")


def test_the_example_names_every_setting() -> None:
    named = {name.lower() for name in re.findall(r"^(?:# )?TONGXING_(\w+)=", EXAMPLE, flags=re.MULTILINE)}
    # Which image and which port: asked by compose.yaml, not by the program.
    assert named - {"version", "publish"} == set(Settings.model_fields)


def test_the_example_is_refused_until_it_is_filled_in() -> None:
    settings = Settings(_env_file=DOCKER / "env.example")
    assert settings.production
    refused = {fault.split()[0] for fault in production_faults(settings)}
    assert refused >= {"TONGXING_SEALING_KEYS", "TONGXING_INDEX_KEY", "TONGXING_SMS_URL"}


def test_the_image_and_compose_name_only_settings_there_are() -> None:
    known = set(Settings.model_fields) | {"version", "publish"}
    for file in (DOCKER / "Dockerfile", DOCKER / "compose.yaml"):
        named = {name.lower() for name in re.findall(r"TONGXING_([A-Z_]+)", file.read_text(encoding="utf-8"))}
        assert named <= known, file.name


def test_open_requests_may_end_before_the_container_is_killed() -> None:
    [*periods] = re.findall(
        r"stop_grace_period: (\d+)s", (DOCKER / "compose.yaml").read_text(encoding="utf-8")
    )
    assert min(map(int, periods)) > Settings.model_fields["drain_seconds"].default
