"""Bytes -> a small RGB picture of the first frame, as people see it; nothing else of the file is kept. Only in the child."""

from __future__ import annotations

import io
import warnings

from PIL import Image, ImageOps, JpegImagePlugin, MpoImagePlugin, PngImagePlugin, TiffImagePlugin, WebPImagePlugin

from triagebot.vision.header import MOST_PIXELS, MOST_SIDE, Form, header_of
from triagebot.vision.refusals import Why

_DEEP = ("I;16", "I;16B", "I;16L", "I;16N", "I")
"""Modes of 16 bits a pixel: PIL would cut them off instead of scaling them."""
_ORIENTATION = 0x0112
_PLUGINS = (JpegImagePlugin, MpoImagePlugin, PngImagePlugin, TiffImagePlugin, WebPImagePlugin)
"""Imported now, since PIL would do so at the first picture, when no file can be opened any more. EXIF is written as TIFF is."""
Image.preinit()
Image.MAX_IMAGE_PIXELS = MOST_PIXELS


def decoded(data: bytes, side: int) -> Image.Image | Why:
    """The picture, its longer side at most ``side`` pixels, turned as the camera says, on white where it can be seen through;
    or why not. MemoryError where it takes more than this process may have."""
    header = header_of(data)
    if isinstance(header, str):
        return header
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            return _opened(data, header.form, side)
    except MemoryError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        return "pixels"
    except Exception:
        return "broken"  # PIL raises half a dozen kinds for files that are cut off or not what they say they are


def _opened(data: bytes, form: Form, side: int) -> Image.Image | Why:
    with Image.open(io.BytesIO(data), formats=[form]) as file:
        if file.width * file.height > MOST_PIXELS or max(file.size) > MOST_SIDE:
            return "pixels"
        file.draft("RGB", (side, side))
        file.load()
        image = _turned(_on_white(_shallow(file), side), file)
    bare = Image.new("RGB", image.size)
    bare.paste(image)
    return bare


def _shallow(image: Image.Image) -> Image.Image:
    if image.mode not in _DEEP:
        return image
    return image.point(lambda value: value * (1 / 256)).convert("L")


def _on_white(image: Image.Image, side: int) -> Image.Image:
    """Small first: what follows then costs little."""
    if not image.has_transparency_data:
        return _small(_as("RGB", image), side)
    clear = _small(_as("RGBA", image), side)
    white = Image.new("RGBA", clear.size, "white")
    white.alpha_composite(clear)
    return white.convert("RGB")


def _as(mode: str, image: Image.Image) -> Image.Image:
    """``convert`` copies even what needs none, up to 100 MB."""
    return image if image.mode == mode else image.convert(mode)


def _small(image: Image.Image, side: int) -> Image.Image:
    longer = max(image.size)
    if longer <= side:
        return image
    size = (max(1, image.width * side // longer), max(1, image.height * side // longer))
    return image.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)


def _turned(image: Image.Image, file: Image.Image) -> Image.Image:
    """As the file's EXIF says; as it is where that makes no sense."""
    try:
        image.info.clear()
        image.getexif()[_ORIENTATION] = file.getexif().get(_ORIENTATION, 1)
        return ImageOps.exif_transpose(image)
    except Exception:
        return image
