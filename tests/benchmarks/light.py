"""How often the light on a face is told rightly, per fault, on faces that no threshold was chosen with; prints a table.

``python tests/benchmarks/run.py light``. Half of the faces (even numbers) were there when the thresholds were chosen; the
other half and the astronaut are judged here. Thirds are by the luminance of the face in the light that it has.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import numpy as np

from tests.light_faults import FAULTS, spoilt
from tests.light_scenes import FACES, Scene, astronaut, evened, room, small_faces
from triagebot.vision.lighting import Light, measured
from triagebot.vision.sketch import annotated

JUDGED = tuple(range(1, FACES, 2))
THIRDS = ("darkest", "middle", "lightest")
ASTRONAUTS = ((0, 512), (60, 700), (100, 400), (120, 900))
"""Pixels cut off each side, then the size."""
_PEAK = """
import re
import tests.light_scenes as scenes
from triagebot.vision.lighting import measured
from triagebot.vision.sketch import annotated
held = lambda name: int(re.search(name + r":\\s+(\\d+)", open("/proc/self/status").read()).group(1)) // 1024
picture = scenes.photo(scenes.astronaut(size=1280).light)
before = held("VmRSS")
open("/proc/self/clear_refs", "w").write("5")
annotated(picture, measured(picture))
print(before, held("VmHWM"))
"""


def run() -> dict[str, Any]:
    small = small_faces()
    tone = {face: float(room(evened(small[face]), face).face().mean()) for face in JUDGED}
    ranked = sorted(JUDGED, key=lambda face: tone[face])
    third = {face: place * 3 // len(ranked) for place, face in enumerate(ranked)}
    figures: dict[str, Any] = {}
    times: list[float] = []
    for kind in ("as photographed", "good", *FAULTS):
        first, among, thirds = 0, 0, [[0, 0] for _ in THIRDS]
        for face in JUDGED:
            scene = room(small[face] if kind == "as photographed" else evened(small[face]), face)
            named = _named(scene, kind, face, times)
            right = named[:1] == (kind,) if kind in FAULTS else not named
            first, among = first + right, among + (kind in named if kind in FAULTS else right)
            thirds[third[face]][0] += right
            thirds[third[face]][1] += 1
        real = [_named(scene, kind, seed, times) for seed, scene in _astronauts()]
        right_real = sum(named[:1] == (kind,) if kind in FAULTS else not named for named in real)
        groups = ", ".join(f"{name} {hit}/{n}" for name, (hit, n) in zip(THIRDS, thirds, strict=True))
        figures[kind] = (
            f"first {first}/{len(JUDGED)}, among {among}/{len(JUDGED)}, astronaut {right_real}/{len(real)}; {groups}"
        )
    p50, p95 = np.quantile(times, [0.5, 0.95])
    done = subprocess.run([sys.executable, "-c", _PEAK], capture_output=True, text=True, check=True)
    before, peak = done.stdout.split()
    sketch = [_sketch_s() for _ in range(5)]
    return {
        **figures,
        "look_cpu_ms_p50": round(p50 * 1000),
        "look_cpu_ms_p95": round(p95 * 1000),
        "sketch_cpu_ms": round(min(sketch) * 1000),
        "memory_before_mb": int(before),
        "memory_peak_mb": int(peak),
    }


def _named(scene: Scene, kind: str, seed: int, times: list[float]) -> tuple[str, ...]:
    """The faults that are named, or why nothing was measured."""
    picture = spoilt(scene, kind, seed)
    began = time.process_time()
    light = measured(picture)
    times.append(time.process_time() - began)
    return light.faults if isinstance(light, Light) else (light,)


def _astronauts() -> Iterator[tuple[int, Scene]]:
    for number, (crop, size) in enumerate(ASTRONAUTS):
        for mirrored in (False, True):
            yield 100 + 2 * number + mirrored, astronaut(mirrored, crop, size)


def _sketch_s() -> float:
    picture = spoilt(astronaut(size=1280), "side_left", 1)
    light = measured(picture)
    if not isinstance(light, Light):
        raise RuntimeError(light)
    began = time.process_time()
    annotated(picture, light)
    return time.process_time() - began
