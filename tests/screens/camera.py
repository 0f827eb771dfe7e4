"""What happens to a screen on its way: a photo of it with another phone, and the JPEG that a chat makes of everything."""

from __future__ import annotations

import io
from random import Random

import numpy as np
from PIL import Image, ImageFilter


def jpeg(image: Image.Image, quality: int) -> bytes:
    file = io.BytesIO()
    image.save(file, "JPEG", quality=quality)
    return file.getvalue()


def photographed(image: Image.Image, chance: Random) -> Image.Image:
    """A photo of the screen: askew on a desk, moiré, glare, uneven light, out of focus a little, noise."""
    seen = _askew(image, chance)
    pixels = np.asarray(seen, dtype=np.float32)
    high, wide = pixels.shape[:2]
    y, x = np.mgrid[0:high, 0:wide].astype(np.float32)
    angle, period = chance.uniform(0, np.pi), chance.uniform(2.6, 5.0)
    pattern = np.sin(2 * np.pi * (x * np.cos(angle) + y * np.sin(angle)) / period)
    slow = np.sin(2 * np.pi * (x * np.sin(angle) - y * np.cos(angle)) / chance.uniform(60, 140))
    pixels *= (1 + 0.05 * pattern + 0.04 * slow)[..., None]
    pixels *= (chance.uniform(0.72, 0.95) + 0.25 * (x / wide if chance.random() < 0.5 else y / high))[..., None]
    centre_x, centre_y, size = (
        chance.uniform(0.1, 0.9) * wide,
        chance.uniform(0.05, 0.3) * high,
        chance.uniform(0.12, 0.25) * wide,
    )
    glare = np.exp(-(((x - centre_x) / size) ** 2 + ((y - centre_y) / (1.6 * size)) ** 2))
    pixels += 110 * glare[..., None]
    pixels += np.random.default_rng(chance.randrange(1 << 30)).normal(0, chance.uniform(4, 9), pixels.shape)
    photo = Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))
    return photo.filter(ImageFilter.GaussianBlur(chance.uniform(0.6, 1.3)))


def _askew(image: Image.Image, chance: Random) -> Image.Image:
    """1200 x 1600: the screen fills most of the height, turned and seen from a side."""
    wide, high = 1200, 1600
    tall = chance.uniform(0.9, 0.98) * high
    broad = tall * image.width / image.height
    left, top = (wide - broad) / 2, (high - tall) / 2
    shift = 0.06 * broad
    corners = [(left + dx * broad + chance.uniform(-shift, shift), top + dy * tall + chance.uniform(-shift, shift) / 2)
               for dx, dy in ((0, 0), (1, 0), (1, 1), (0, 1))]  # fmt: skip
    source = [(0, 0), (image.width, 0), (image.width, image.height), (0, image.height)]
    rows = []
    for (u, v), (x, y) in zip(source, corners, strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
    solved = np.linalg.solve(np.array(rows), np.array(source, dtype=float).reshape(8))
    return image.transform(
        (wide, high), Image.Transform.PERSPECTIVE, solved.tolist(), Image.Resampling.BICUBIC, fillcolor=(58, 46, 38)
    )
