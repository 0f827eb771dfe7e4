"""Pictures made by code: good ones, odd ones, and ones that mean harm."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Sequence
from typing import Any

from PIL import Image, ImageDraw

PNG = b"\x89PNG\r\n\x1a\n"


def saved(image: Image.Image, form: str = "PNG", **options: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, form, **options)
    return file.getvalue()


def plain(width: int = 300, height: int = 200, form: str = "PNG", **options: Any) -> bytes:
    """A drawing that compresses badly enough to be searched for."""
    image = Image.effect_noise((width, height), 60).convert("RGB")
    ImageDraw.Draw(image).rectangle((0, 0, width // 2, height // 3), fill="white")
    return saved(image, form, **options)


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def ihdr(width: int, height: int, depth: int = 8, colour: int = 2) -> bytes:
    return chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0))


def png(width: int, height: int, packed: bytes, colour: int = 2, extra: bytes = b"") -> bytes:
    """A PNG with whatever in it: its statement of its size need not be true."""
    return PNG + ihdr(width, height, colour=colour) + extra + chunk(b"IDAT", packed) + chunk(b"IEND", b"")


def zeros(count: int) -> bytes:
    """That many zero bytes, packed: a thousandth of them."""
    packer = zlib.compressobj(9)
    part = bytes(1 << 20)
    return b"".join(packer.compress(part) for _ in range(count >> 20)) + packer.flush()


def jpeg_of(width: int, height: int) -> bytes:
    """A JPEG that says it is that large."""
    data = bytearray(saved(Image.new("RGB", (16, 16), "red"), "JPEG"))
    at = data.index(b"\xff\xc0") + 5
    data[at : at + 4] = struct.pack(">HH", height, width)
    return bytes(data)


def webp_of(kind: bytes, body: bytes) -> bytes:
    inner = b"WEBP" + kind + struct.pack("<I", len(body)) + body
    return b"RIFF" + struct.pack("<I", len(inner)) + inner


def webp_lossless_of(width: int, height: int) -> bytes:
    return webp_of(b"VP8L", b"\x2f" + struct.pack("<I", width - 1 | height - 1 << 14) + bytes(40))


def webp_extended_of(width: int, height: int) -> bytes:
    return webp_of(b"VP8X", bytes(4) + (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little"))


def animated(form: str) -> bytes:
    """Its first frame is red."""
    first, *others = (Image.new("RGB", (240, 60), colour) for colour in ("red", "green", "blue"))
    return saved(first, form, save_all=True, append_images=others, duration=100)


def zipped() -> bytes:
    """Packed at one moment, whenever that is: names of cases are made of its bytes."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(zipfile.ZipInfo("run.html", (2026, 1, 1, 0, 0, 0)), "<script>alert(1)</script>")
    return file.getvalue()


def turned(orientation: int) -> bytes:
    """40 wide and 80 high as it lies in the file; where it was taken and by what stand in it."""
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = orientation, "Secret Phone"
    return saved(Image.new("RGB", (40, 80), "red"), "JPEG", exif=exif)


def slices(data: bytes, size: int = 24, every: int = 97) -> Sequence[bytes]:
    """Pieces of ``data`` by which it would be found, wherever it lies."""
    return [data[at : at + size] for at in range(0, len(data) - size, every) if len(set(data[at : at + size])) > 12]
