"""A photo, decoded and written anew: the right way up, in sRGB, in three sizes, with nothing in it but the picture."""

import io
from pathlib import Path
from typing import Any, Final

from PIL import Image, ImageCms

from backend.features.files.looking.refused import FileRefused
from backend.features.files.rules import MOST_PIXELS, PHOTO_SIZES, Size

_QUALITY: Final = 82
# Of 0 to 6: twice as quick as Pillow's own choice, for a few percent more bytes.
_EFFORT: Final = 2
_LONGEST: Final = max(PHOTO_SIZES.values())

# What Pillow raises for bytes that are not what they should be.
_DAMAGE: Final = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    IndexError,
    KeyError,
    TypeError,
    ArithmeticError,
)

# We count the pixels ourselves, before anything is decoded.
Image.MAX_IMAGE_PIXELS = None


def redraw(path: Path, form: str, folder: Path) -> dict[Size, dict[str, int]]:
    """Write the sizes of a photo into `folder`, each under its name; what each has of width, height and bytes.

    Raises:
        FileRefused: `image_damaged`, `image_animated`, `image_too_many_pixels`.
    """
    try:
        with Image.open(path, formats=[form.upper()]) as image:
            _check(image)
            picture = _upright(image)
    except _DAMAGE as error:
        raise FileRefused("image_damaged") from error
    sizes: dict[Size, dict[str, int]] = {}
    for name, longest in PHOTO_SIZES.items():
        # From the one before, which is greater: so each takes a fraction of the time.
        picture.thumbnail((longest, longest), Image.Resampling.LANCZOS)
        kept = folder / name
        picture.save(kept, "WEBP", quality=_QUALITY, method=_EFFORT)
        sizes[name] = {"width": picture.width, "height": picture.height, "bytes": kept.stat().st_size}
    return sizes


def _check(image: Image.Image) -> None:
    if image.width * image.height > MOST_PIXELS:
        raise FileRefused("image_too_many_pixels", megapixels=MOST_PIXELS // 1_000_000)
    # Some phones put a second still, of depth or of a larger view, behind the first in one JPEG.
    if image.format != "MPO" and getattr(image, "is_animated", False):
        raise FileRefused("image_animated")


def _upright(image: Image.Image) -> Image.Image:
    """The picture, decoded, at most as large as the greatest size, as it is to be looked at."""
    turned = _orientation(image)
    profile = image.info.get("icc_profile")
    # JPEG can leave out while it decodes what would be thrown away after.
    image.draft(None, (_LONGEST, _LONGEST))
    image.load()
    picture = _plain(image)
    picture.thumbnail((_LONGEST, _LONGEST), Image.Resampling.LANCZOS)
    if turned is not None:
        picture = picture.transpose(turned)
    if profile:
        picture = _in_srgb(picture, profile)
    elif picture.mode == "CMYK":
        picture = picture.convert("RGB")
    picture.info = {}
    return picture


_TURNS: Final[dict[Any, Image.Transpose]] = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_ORIENTATION: Final = 0x0112


def _orientation(image: Image.Image) -> Image.Transpose | None:
    """How to turn it; a picture whose notes cannot be read is taken as it lies."""
    try:
        return _TURNS.get(image.getexif().get(_ORIENTATION))
    except _DAMAGE:
        return None


def _plain(image: Image.Image) -> Image.Image:
    """In eight bits a channel: RGB, RGBA or CMYK."""
    if image.mode in {"RGB", "RGBA", "CMYK"}:
        return image if "transparency" not in image.info else image.convert("RGBA")
    if image.mode.startswith(("I", "F")):
        # Sixteen bits of grey.
        image = image.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    if image.mode in {"LA", "PA", "La", "RGBa"} or "transparency" in image.info:
        return image.convert("RGBA")
    return image.convert("RGB")


def _in_srgb(picture: Image.Image, profile: bytes) -> Image.Image:
    """The colours as a screen shows them: without its profile a wide-gamut photo would look pale."""
    alpha = picture.getchannel("A") if picture.mode == "RGBA" else None
    colours = picture.convert("RGB") if alpha is not None else picture
    try:
        told = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        shown = ImageCms.profileToProfile(colours, told, ImageCms.createProfile("sRGB"), outputMode="RGB")
    except (ImageCms.PyCMSError, *_DAMAGE):
        shown = None
    found = shown if shown is not None else colours.convert("RGB")
    if alpha is not None:
        found.putalpha(alpha)
    return found
