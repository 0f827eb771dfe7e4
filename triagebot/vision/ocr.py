"""Picture -> lines of text with where they stand. Runs in the child process only; the models lie inside the wheel."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from triagebot.errors import MissingPartError

if TYPE_CHECKING:
    from PIL import Image

LOOKED_AT, READ_AT = 720, 1440
"""Pixels of the longer side at which lines are searched for, and from which what they say is read: the first costs the time
and the memory, the second the errors (docs/decisions/0015)."""
_LEAST_SCORE = 0.5
"""Below it, what was read is mostly an icon, moiré or half a line."""
_THREADS = 1
"""More of them wait for each other busily: two take nearly twice the processor's time."""
_LANCZOS = 1
"""As in PIL.Image.Resampling, which is not imported before a picture is there."""

Point = tuple[float, float]
Box = tuple[Point, Point, Point, Point]
"""Corners in pixels of the picture that was given, clockwise from the upper left one."""


@dataclass(frozen=True, slots=True)
class Line:
    """One stretch of text. ``score``: how sure the reader is, 0 to 1."""

    text: str
    box: Box
    score: float


class Reader:
    """Loads its models when it is made (by blank pictures), then opens no file any more. Fetches nothing and writes nothing.

    Lines are read one by one, each as wide as it is: in batches all are padded to the widest, which takes half as long again.

    Raises errors.MissingPartError when the package came without its models.
    """

    def __init__(self, looked_at: int = LOOKED_AT, read_at: int = READ_AT, threads: int = _THREADS) -> None:
        import numpy as np
        from rapidocr import RapidOCR

        logging.getLogger("RapidOCR").setLevel(logging.CRITICAL)
        self._read_at = read_at
        self._engine: Any = RapidOCR(
            params={
                "Global.log_level": "critical",
                "Global.use_cls": False,
                "Global.max_side_len": read_at,
                "Global.text_score": _LEAST_SCORE,
                "Det.limit_type": "max",
                "Det.limit_side_len": looked_at,
                "Det.model_path": _model("det"),
                "Rec.model_path": _model("rec"),
                "Rec.rec_img_shape": [3, 48, 48],
                "Rec.rec_batch_num": 1,
                "EngineConfig.onnxruntime.intra_op_num_threads": threads,
                "EngineConfig.onnxruntime.inter_op_num_threads": 1,
            }
        )
        blank = np.zeros((48, 96, 3), dtype=np.uint8)
        self._engine(blank, use_det=False, use_rec=True)
        self._engine(blank, use_det=True, use_rec=False)

    def read(self, image: Image.Image) -> tuple[Line, ...]:
        """The lines of an RGB picture, from top to bottom; () when there is nothing to read."""
        import numpy as np

        given = max(image.size)
        scale = min(1.0, self._read_at / given)
        small = image.resize((max(1, round(image.width * scale)), max(1, round(image.height * scale))), _LANCZOS)
        found = self._engine(np.asarray(small)[:, :, ::-1], use_det=True, use_rec=True)
        if found.txts is None or found.boxes is None:
            return ()
        lines = (
            Line(text.strip(), _box(box, 1 / scale), float(score))
            for text, box, score in zip(found.txts, found.boxes, found.scores, strict=True)
        )
        return tuple(line for line in lines if line.text)


def _box(corners: Any, scale: float) -> Box:
    upper_left, upper_right, lower_right, lower_left = ((float(x) * scale, float(y) * scale) for x, y in corners)
    return upper_left, upper_right, lower_right, lower_left


def _model(part: str) -> str:
    """Given outright, because the package looks for a newer one on the network where it is not."""
    folder = Path(str(files("rapidocr"))) / "models"
    found = sorted(folder.glob(f"*_{part}_*.onnx"))
    if not found:
        raise MissingPartError(f"rapidocr came without its model *_{part}_*.onnx ({folder})")
    return str(found[0])
