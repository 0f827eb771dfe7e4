"""What a file is, and how large a picture it says it is, is told from a few bytes, whoever made them."""

from __future__ import annotations

import struct

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import Image

from tests import pictures
from triagebot.vision import header
from triagebot.vision.header import MOST_BYTES, MOST_SIDE, Header, form_of, header_of

JPEG = pictures.plain(33, 77, "JPEG")


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (pictures.plain(33, 77), Header("PNG", 33, 77)),
        (JPEG, Header("JPEG", 33, 77)),
        (pictures.plain(33, 77, "JPEG", progressive=True), Header("JPEG", 33, 77)),
        (pictures.saved(Image.new("CMYK", (33, 77)), "JPEG"), Header("JPEG", 33, 77)),
        (pictures.plain(33, 77, "WEBP"), Header("WEBP", 33, 77)),
        (pictures.plain(33, 77, "WEBP", lossless=True), Header("WEBP", 33, 77)),
        (pictures.saved(Image.new("RGBA", (33, 77), (9, 9, 9, 9)), "WEBP"), Header("WEBP", 33, 77)),
        (pictures.animated("WEBP"), Header("WEBP", 240, 60)),
        (pictures.animated("PNG"), Header("PNG", 240, 60)),
        (JPEG + pictures.zipped(), Header("JPEG", 33, 77)),
        (JPEG + b"<html><script>", Header("JPEG", 33, 77)),
        (JPEG[:2] + b"\xff\xff\xff" + JPEG[2:], Header("JPEG", 33, 77)),
        (pictures.webp_lossless_of(1, 16384), "pixels"),
        (pictures.webp_lossless_of(16384, 16384), "pixels"),
        (pictures.webp_extended_of(1 << 24, 1), "pixels"),
        (pictures.jpeg_of(65535, 65535), "pixels"),
        (pictures.jpeg_of(65535, 0), "broken"),
        (pictures.png(2**31 - 1, 2**31 - 1, b""), "pixels"),
        (pictures.png(1, 100_000, b""), "pixels"),
        (pictures.png(MOST_SIDE, 1, b""), Header("PNG", MOST_SIDE, 1)),
        (pictures.png(5000, 5000, b""), Header("PNG", 5000, 5000)),
        (pictures.png(5000, 5001, b""), "pixels"),
        (pictures.png(0, 7, b""), "broken"),
        (b"", "empty"),
    ],
    ids=lambda value: str(value)[:40] if not isinstance(value, bytes) else f"{len(value)} bytes",
)
def test_a_picture_is_told_by_its_own_first_words(data: bytes, found: Header | str) -> None:
    assert header_of(data) == found


@pytest.mark.parametrize("size", [MOST_BYTES + 1, 50 * 1024 * 1024])
def test_a_file_that_is_too_large_is_not_read_at_all(size: int) -> None:
    assert header_of(JPEG + bytes(size - len(JPEG))) == "bytes"
    assert header_of(bytes(size)) == "bytes"


@pytest.mark.parametrize("data", [pictures.plain(), JPEG, pictures.plain(33, 77, "WEBP")], ids=["png", "jpeg", "webp"])
def test_of_a_picture_that_is_cut_off_before_its_size_it_is_said(data: bytes) -> None:
    assert [header_of(data[:length]) for length in (3, 12, 16, 24)].count("broken") >= 1
    assert all(not isinstance(header_of(data[:length]), Header) for length in (1, 3, 8, 12, 16, 24))


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (pictures.saved(Image.new("P", (9, 9)), "GIF"), "format"),
        (pictures.saved(Image.new("RGB", (9, 9)), "BMP"), "format"),
        (pictures.saved(Image.new("RGB", (9, 9)), "TIFF"), "format"),
        (b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic", "format"),
        (b"\x00\x00\x00\x18ftypmp42", "format"),
        (b"\x00\x00\x00\x20ftypavif", "format"),
        (b"\x00\x00\x00\x0cJXL \r\n\x87\n", "format"),
        (b"8BPS\x00\x01", "format"),
        (b'<svg xmlns="http://www.w3.org/2000/svg"/>', "format"),
        (b"RIFF\x10\x00\x00\x00WAVEfmt ", "format"),
        (pictures.zipped(), "format"),
        (b"MZ\x90\x00", "format"),
        (b"%PDF-1.7\n the whole report", "pdf"),
        (b"\xef\xbb\xbf\r\n%PDF-1.4", "pdf"),
        (pictures.png(9, 9, b"", extra=pictures.chunk(b"tEXt", b"a\0%PDF-1.7")), "pdf"),
        (JPEG[:2] + b"\xff\xfe\x00\x0b%PDF-1.7" + JPEG[2:], "pdf"),
        (pictures.saved(Image.new("RGB", (9, 9)), "PDF"), "pdf"),
    ],
    ids=lambda value: value[:12] if isinstance(value, bytes) else value,
)
def test_what_is_no_png_jpeg_or_webp_alone_is_refused_with_its_reason(data: bytes, why: str) -> None:
    assert header_of(data) == why
    assert form_of(data[: header.HEAD]) == why


@pytest.mark.parametrize(
    "body",
    [
        b"\xff" * (MOST_BYTES - 4),
        b"\xff\xd0" * (MOST_BYTES // 2 - 4),
        b"\xff\xe1\x00\x02" * (MOST_BYTES // 4 - 4),
        b"\xff\xe1\x00\x00" * 50,
    ],
    ids=["fill", "bare markers", "empty segments", "segments of no length"],
)
@pytest.mark.timeout(20)
def test_a_jpeg_that_never_comes_to_its_size_is_given_up_soon(body: bytes) -> None:
    assert header_of(b"\xff\xd8" + body) == "broken"


BEGINNINGS = (b"", pictures.PNG, pictures.PNG + b"\x00\x00\x00\x0dIHDR", b"\xff\xd8\xff", b"\xff\xd8\xff\xe1\x00\x04ab\xff",
              *(b"RIFF\x00\x00\x00\x00WEBP" + kind for kind in (b"", b"VP8 ", b"VP8L", b"VP8X")))  # fmt: skip


@settings(max_examples=400, deadline=None)
@example(b"\xff\xd8\xff", b"\xc0")
@example(b"\xff\xd8\xff", b"\xe1\xff")
@given(st.sampled_from(BEGINNINGS), st.binary(max_size=80))
def test_no_bytes_ever_raise_and_what_passes_is_within_bounds(beginning: bytes, rest: bytes) -> None:
    found = header_of(beginning + rest)
    if isinstance(found, Header):
        assert 0 < found.width <= MOST_SIDE
        assert 0 < found.height <= MOST_SIDE
        assert found.width * found.height <= header.MOST_PIXELS
    else:
        assert found in ("empty", "pdf", "format", "broken", "pixels")


def test_the_size_of_a_jpeg_is_found_behind_a_camera_s_long_notes() -> None:
    notes = b"".join(b"\xff\xe2" + struct.pack(">H", 65_000) + bytes(64_998) for _ in range(40))
    assert header_of(JPEG[:2] + notes + JPEG[2:]) == Header("JPEG", 33, 77)
