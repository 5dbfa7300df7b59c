"""What a photo becomes: the right way up, in three sizes, with nothing in it but the picture; and what is refused."""

import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageCms

from backend.features.files.looking.pictures import redraw
from backend.features.files.looking.refused import FileRefused
from backend.features.files.looking.signs import format_of
from tests.fixtures.files import BLUE, RED, bomb, photo, picture, saved


def drawn(content: bytes, folder: Path, form: str = "jpeg") -> dict[str, Image.Image]:
    path = folder / "in"
    path.write_bytes(content)
    return {size: Image.open(io.BytesIO((folder / size).read_bytes())) for size in redraw(path, form, folder)}


def is_near(pixel: Any, colour: tuple[int, int, int], by: int = 40) -> bool:
    return all(abs(one - other) < by for one, other in zip(pixel[:3], colour, strict=True))


@pytest.mark.parametrize(("orientation", "corner", "turned"), [
    (1, (0, 0), False), (2, (1, 0), False), (3, (1, 1), False), (4, (0, 1), False),
    (5, (0, 0), True), (6, (1, 0), True), (7, (1, 1), True), (8, (0, 1), True),
])  # fmt: skip
def test_a_photo_stands_upright_and_tells_nothing(
    tmp_path: Path, orientation: int, corner: tuple[int, int], turned: bool
) -> None:
    sizes = drawn(photo(640, 480, orientation=orientation), tmp_path)
    assert {name: one.size for name, one in sizes.items()} == {
        "full": (480, 640) if turned else (640, 480),
        "screen": (480, 640) if turned else (640, 480),
        "thumbnail": (240, 320) if turned else (320, 240),
    }
    for name, one in sizes.items():
        assert one.format == "WEBP"
        assert not one.getexif()
        assert not {"exif", "xmp", "icc_profile"} & set(one.info)
        assert b"SecretPhone" not in (tmp_path / name).read_bytes()
        for x in (0, 1):
            for y in (0, 1):
                seen = one.getpixel((x * (one.width - 8) + 4, y * (one.height - 8) + 4))
                assert is_near(seen, RED if (x, y) == corner else BLUE), (orientation, name, x, y)


def test_what_is_large_is_made_small_and_what_is_small_stays(tmp_path: Path) -> None:
    large = drawn(photo(6000, 2000), tmp_path)
    assert [one.size for one in large.values()] == [(4096, 1365), (1280, 427), (320, 107)]
    small = drawn(photo(20, 10), tmp_path)
    assert {one.size for one in small.values()} == {(20, 10)}


@pytest.mark.parametrize("mode", ["L", "P", "1", "RGBA", "LA", "CMYK"])
def test_every_mode_comes_out_in_colours(tmp_path: Path, mode: str) -> None:
    form = "JPEG" if mode == "CMYK" else "PNG"
    source = picture(64, 64, mode)
    looks_alike(drawn(saved(source, form), tmp_path, form.lower()), source)


def test_sixteen_bits_of_grey_come_out_as_eight(tmp_path: Path) -> None:
    source = picture(64, 64, "L")
    fine = source.convert("I").point(lambda value: value * 256).convert("I;16")
    looks_alike(drawn(saved(fine, "PNG"), tmp_path, "png"), source)


def looks_alike(sizes: dict[str, Image.Image], source: Image.Image) -> None:
    expected = source.convert("RGB")
    for one in sizes.values():
        for place in ((8, 8), (56, 56)):
            colour = expected.getpixel(place)
            assert isinstance(colour, tuple)
            assert is_near(one.convert("RGB").getpixel(place), (colour[0], colour[1], colour[2]))


def test_what_is_see_through_stays_so(tmp_path: Path) -> None:
    glass = Image.new("RGBA", (50, 50), (255, 0, 0, 0))
    assert all(one.getpixel((20, 20))[3] == 0 for one in drawn(saved(glass, "PNG"), tmp_path, "png").values())  # type: ignore[index]


def test_colours_of_a_profile_are_those_of_a_screen(tmp_path: Path) -> None:
    """A profile that turns the colours shows that it is gone, and that what it said was done."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
    for content in (
        saved(picture(), icc_profile=profile.tobytes()),
        saved(picture(mode="RGBA"), "PNG", icc_profile=profile.tobytes()),
        saved(picture(), icc_profile=b"no profile at all"),
    ):
        form = "png" if content.startswith(b"\x89") else "jpeg"
        for one in drawn(content, tmp_path, form).values():
            assert "icc_profile" not in one.info
            assert is_near(one.getpixel((5, 5)), RED)


def animated(form: str) -> bytes:
    frames = [Image.new("RGB", (40, 40), (n, n, n)) for n in (0, 120, 250)]
    return saved(frames[0], form, save_all=True, append_images=frames[1:], duration=50)


REFUSED: dict[str, tuple[bytes, str, str]] = {
    "a bomb": (bomb(), "png", "image_too_many_pixels"),
    "an animated WebP": (animated("WEBP"), "webp", "image_animated"),
    "an animated PNG": (animated("PNG"), "png", "image_animated"),
    "cut short": (photo(2000, 2000)[:9000], "jpeg", "image_damaged"),
    "cut in its head": (photo()[:20], "jpeg", "image_damaged"),
    "a PNG cut short": (photo(form="PNG")[:-700], "png", "image_damaged"),
    "a WebP of nothing": (b"RIFF\x20\0\0\0WEBPVP8 " + b"\0" * 30, "webp", "image_damaged"),
    "a PNG whose sizes are nothing": (
        bomb(1000, 1000).replace(b"\0\0\x03\xe8", b"\0\0\0\0"),
        "png",
        "image_damaged",
    ),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_no_photo_is_refused_by_name(tmp_path: Path, what: str) -> None:
    content, form, code = REFUSED[what]
    with pytest.raises(FileRefused) as refused:
        drawn(content, tmp_path, form)
    assert refused.value.code == code


def test_two_stills_in_one_jpeg_are_a_photo(tmp_path: Path) -> None:
    both = saved(picture(), "MPO", save_all=True, append_images=[picture(320, 240)])
    assert format_path(both, tmp_path) == "jpeg"
    assert [one.size for one in drawn(both, tmp_path).values()] == [(640, 480), (640, 480), (320, 240)]


def office(*parts: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for part in ("[Content_Types].xml", *parts):
            archive.writestr(part, "<x/>")
    return out.getvalue()


def format_path(content: bytes, folder: Path) -> str | None:
    path = folder / "looked-at"
    path.write_bytes(content)
    return format_of(path)


SIGNS: list[tuple[bytes, str | None]] = [
    (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "heic"),
    (b"\0\0\0\x18ftypavif\0\0\0\0", "avif"),
    (b"GIF89a" + b"\0" * 20, "gif"),
    (b"\0\0\0\x18ftypM4A \0\0\0\0", "m4a"),
    (b"\0\0\0\x18ftyp3gp4\0\0\0\0", "m4a"),
    (b"RIFF\x24\0\0\0WAVEfmt ", "wav"),
    (b"OggS\0\x02", "ogg"),
    (b"#!AMR\n\x3c", "amr"),
    (b"\xff\xf1\x50\x80", "aac"),
    (b"\xff\xfb\x90\x00", "mp3"),
    (b"ID3\x04", "mp3"),
    (b"%PDF-1.7\n", "pdf"),
    (office("word/document.xml"), "docx"),
    (office("xl/workbook.xml"), "xlsx"),
    (office("ppt/presentation.xml"), "pptx"),
    (office("word/document.xml", "word/vbaProject.bin"), None),
    (office("anything"), None),
    (b"PK\x03\x04 and then nothing", None),
    ("验房记录\n水槽漏水".encode(), "text"),
    ("验房记录".encode("gb18030"), "text"),
    ("验房记录".encode("utf-16"), "text"),
    (b"MZ\x90\0\x03", None),
    (b"\x7fELF\x02", None),
    (b"\xd0\xcf\x11\xe0\xa1\xb1", None),
    (b"a\0b", None),
]


@pytest.mark.parametrize(("content", "found"), SIGNS)
def test_a_file_is_what_its_bytes_say(tmp_path: Path, content: bytes, found: str | None) -> None:
    assert format_path(content, tmp_path) == found
