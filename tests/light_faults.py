"""What goes wrong with the light of a scene, as strong as a person would call it wrong; in linear light, from a seed."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from PIL import Image
from scipy.ndimage import gaussian_filter, uniform_filter1d

from tests.light_scenes import Light, Scene, photo


def good(scene: Scene, dice: np.random.Generator, seed: int) -> Image.Image:
    return photo(scene.light, seed)


def dark(scene: Scene, dice: np.random.Generator, seed: int) -> Image.Image:
    """2.8 to 4 stops too little, and the grain of a camera that tries."""
    return photo(scene.light * 2 ** -dice.uniform(2.8, 4), seed, grain=0.02)


def bright(scene: Scene, dice: np.random.Generator, seed: int) -> Image.Image:
    """So much that between 40 % and 70 % of the face are white without any detail."""
    lit = scene.face().mean(axis=2)
    return photo(scene.light / np.quantile(lit, dice.uniform(0.3, 0.6)), seed)


def side_left(scene: Scene, dice: np.random.Generator, seed: int) -> Image.Image:
    return photo(_from_one_side(scene, dice, dark_side=-1), seed)


def side_right(scene: Scene, dice: np.random.Generator, seed: int) -> Image.Image:
    return photo(_from_one_side(scene, dice, dark_side=1), seed)


def backlit(scene: Scene, dice: np.random.Generator, seed: int) -> Image.Image:
    """A window behind the person, exposed for the window: they are 2.2 to 3.2 stops down, with a little glare around them."""
    window = np.zeros(scene.person.shape)
    edge = int(window.shape[1] * dice.uniform(0, 0.25))
    window[:, edge:] = 1
    if dice.random() < 0.5:
        window = window[:, ::-1]
    outside = np.maximum(scene.light * 1.3, dice.uniform(0.75, 1) * gaussian_filter(window, 3)[..., None])
    person = scene.person[..., None]
    mixed = scene.light * 2 ** -dice.uniform(2.2, 3.2) * person + outside * (1 - person)
    glare = gaussian_filter(mixed, (scene.box[2] * 0.15,) * 2 + (0,))
    return photo(mixed * 0.97 + glare * 0.03, seed, grain=0.01)


def flat(scene: Scene, dice: np.random.Generator, seed: int) -> Image.Image:
    """A smeared lens lays a veil over everything."""
    veil = dice.uniform(0.25, 0.35)
    return photo(scene.light * 0.25 + veil, seed)


def noisy(scene: Scene, dice: np.random.Generator, seed: int) -> Image.Image:
    """Little light made up for by the camera: its grain, in every other picture smoothed as cameras do."""
    light = scene.light * 0.8
    grain = np.random.default_rng(seed).normal(0, 1, light.shape)
    if dice.random() < 0.5:
        grain = gaussian_filter(grain, (0.6, 0.6, 0))
        grain /= grain.std()
    return photo(light + grain * dice.uniform(0.12, 0.2) * np.sqrt(np.maximum(light, 0.01)), seed)


def blurred(scene: Scene, dice: np.random.Generator, seed: int) -> Image.Image:
    """Out of focus by 4 % to 7 % of the face's width (sigma), or moved by 14 % to 20 % of it."""
    wide = scene.box[2]
    if dice.random() < 0.5:
        return photo(gaussian_filter(scene.light, (wide * dice.uniform(0.04, 0.07),) * 2 + (0,)), seed)
    moved = uniform_filter1d(scene.light, max(3, int(wide * dice.uniform(0.14, 0.2))), axis=int(dice.random() < 0.7))
    return photo(gaussian_filter(moved, (wide * 0.015,) * 2 + (0,)), seed)


FAULTS: Mapping[str, Callable[[Scene, np.random.Generator, int], Image.Image]] = {
    made.__name__: made for made in (dark, bright, backlit, side_left, side_right, flat, noisy, blurred)
}


def spoilt(scene: Scene, fault: str, seed: int) -> Image.Image:
    """A photo of ``scene`` with ``fault``, or in the light that it has ("good")."""
    made = FAULTS.get(fault, good)
    return made(scene, np.random.default_rng([seed, len(fault), ord(fault[-1])]), seed)


def _from_one_side(scene: Scene, dice: np.random.Generator, dark_side: int) -> Light:
    """The dark side of the face gets 2.3 to 3.3 stops less; the wall behind half of that at most."""
    left, _, wide = scene.box
    across = (np.arange(scene.light.shape[1]) - (left + wide / 2)) / wide * -dark_side
    dim = 2 ** -dice.uniform(2.3, 3.3)
    ramp = dim + (1 - dim) / (1 + np.exp(-across / 0.08))
    wall = 0.55 + 0.45 / (1 + np.exp(-across / 0.5))
    person = scene.person
    return scene.light * (ramp[None, :] * person + wall[None, :] * (1 - person))[..., None]
