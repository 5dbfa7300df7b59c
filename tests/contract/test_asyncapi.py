"""The protocol's document says what the code does: every op both ways, every field, every code."""

import re
from importlib import resources
from typing import get_args

import yaml

from backend.core.locale import keys
from backend.platform.realtime.frames import CLOSES, REFUSALS, Asked, Told
from tests.contract.asyncapi import DOCUMENT, written


def test_the_document_is_what_the_frames_are() -> None:
    assert DOCUMENT.read_text(encoding="utf-8") == written(), (
        "python -m tests.contract.asyncapi writes it anew"
    )


def test_every_frame_stands_in_it_with_its_op_and_fields() -> None:
    document = yaml.safe_load(DOCUMENT.read_text(encoding="utf-8"))
    schemas = document["components"]["schemas"]
    for operation, kinds in (("fromClient", get_args(Asked)), ("fromServer", get_args(Told))):
        listed = [one["$ref"].rsplit("/", 1)[1] for one in document["operations"][operation]["messages"]]
        assert listed == [kind.__name__ for kind in kinds]
        for kind in kinds:
            properties = schemas[kind.__name__]["properties"]
            assert properties.keys() == {"op", *kind.__struct_encode_fields__}
            assert properties["op"] == {"enum": [kind.__struct_config__.tag]}
            assert document["components"]["messages"][kind.__name__]["summary"]


def test_every_code_stands_in_it() -> None:
    sources = "".join(
        file.read_text(encoding="utf-8")
        for file in resources.files("backend.platform.realtime").iterdir()
        if file.name.endswith(".py")
    )
    refused = set(
        re.findall(r'(?:Wrong|NotFound|NotAllowed|TooMany|Unavailable|Invalid)\(\s*"([a-z_]+)"', sources)
    )
    assert refused <= set(REFUSALS)
    assert set(map(int, re.findall(r"close\((\d+)", sources))) <= CLOSES.keys()
    own = {key.removeprefix("socket.") for key, _ in keys("en") if key.startswith("socket.")}
    assert own - {"rights_ended"} <= set(REFUSALS)
