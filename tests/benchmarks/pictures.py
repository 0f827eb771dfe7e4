"""Seconds, processor seconds and memory of reading a phone's screen, in a process of its own as in the service; and how much of
it came out right. With ``--engines``, the table of docs/decisions/0015: other sizes, parts and engines on the same pictures."""

from __future__ import annotations

import argparse
import json
import os
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from statistics import median, quantiles
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

SEED, WARM = 7, 2
_APART = re.compile(r"(?<=[\u3000-\u9fff\uff00-\uffef]) (?=[\u3000-\u9fff\uff00-\uffef])")
"""tesseract puts a space between Chinese characters."""
ENGINES: dict[str, tuple[str, dict[str, Any]]] = {
    "as the product": ("rapidocr", {}),
    "lines found at 480": ("rapidocr", {"looked_at": 480}),
    "lines found at 960": ("rapidocr", {"looked_at": 960}),
    "lines found at 1280": ("rapidocr", {"looked_at": 1280}),
    "found and read at 720": ("rapidocr", {"read_at": 720}),
    "found at 720, read at 960": ("rapidocr", {"read_at": 960}),
    "with direction classifier": ("rapidocr", {"Global.use_cls": True}),
    "lines in batches of 6": ("rapidocr", {"Rec.rec_batch_num": 6, "Rec.rec_img_shape": [3, 48, 320]}),
    "the package's defaults": ("defaults", {}),
    "two threads": ("rapidocr", {"threads": 2}),
    "tesseract 5, chi_sim+eng": ("tesseract", {}),
}
"""Name of a row: what reads, and what is other than in the product."""


def run() -> dict[str, Any]:
    """The product's own way on the forty pictures of tests/screens."""
    with tempfile.TemporaryDirectory() as name:
        _store(Path(name))
        measured, read = _of_engine(Path(name), "as the product")
        return measured | _understood(Path(name), read)


def _store(folder: Path) -> None:
    from tests.screens.shots import shots
    from tests.screens.wordings import HELD

    for n, shot in enumerate(shots(HELD, SEED)):
        (folder / f"{n:02}.jpg").write_bytes(shot.data)
        told = {"category": shot.told.category, "message": [shot.told.head, shot.told.words], "written": shot.written}
        (folder / f"{n:02}.json").write_text(json.dumps(told))


def _of_engine(folder: Path, name: str) -> tuple[dict[str, Any], list[str]]:
    """Figures of a fresh process that reads everything, and the texts. Peak memory is that of the process."""
    command = [sys.executable, __file__, "--read", str(folder), "--engine", name]
    done = subprocess.run(
        command, check=True, capture_output=True, text=True, env=os.environ | {"ORT_DISABLE_TELEMETRY": "1"}
    )
    said = json.loads(done.stdout)
    walls, processor = said["walls"][WARM:], said["processor"][WARM:]
    figures = {
        "p50_s": round(median(walls), 2),
        "p95_s": round(quantiles(walls, n=20)[-1], 2),
        "cpu_s": round(sum(processor) / len(processor), 2),
        "peak_mb": said["peak_mb"],
        "load": round(os.getloadavg()[0], 1),
    }
    return figures, said["texts"]


def _understood(folder: Path, texts: Sequence[str]) -> dict[str, Any]:
    from tests.screens.reading import right
    from triagebot.resources import bundled
    from triagebot.rulebook import load
    from triagebot.triage.brain import Brain
    from triagebot.triage.model import load_or_train

    book = load(bundled("rules"))
    cache = Path(os.environ.get("TRIAGEBOT_BENCH_MODELS", tempfile.gettempdir()))
    brain = Brain(book, load_or_train(book, cache))
    told = [json.loads(file.read_text()) for file in sorted(folder.glob("*.json"))]
    message = [right(t["message"], text) for t, text in zip(told, texts, strict=True)]
    written = [right(t["written"], text) for t, text in zip(told, texts, strict=True)]
    good = [brain.triage_screen(text).category == t["category"] for t, text in zip(told, texts, strict=True)]
    whole = [brain.triage(text).category == t["category"] for t, text in zip(told, texts, strict=True)]
    return {
        "pictures": len(told),
        "category_right": sum(good),
        "category_right_as_chat": sum(whole),
        "message_characters_right": round(sum(g for g, _ in message) / sum(n for _, n in message), 4),
        "all_characters_right": round(sum(g for g, _ in written) / sum(n for _, n in written), 4),
    }


def _reading(name: str) -> Callable[[Path], str]:
    """A function from a file to its redacted text, row by row, laid out as the product does."""
    from PIL import Image

    from triagebot.vision.ocr import Line, Reader
    from triagebot.vision.screen import screen

    kind, other = ENGINES[name]
    if kind == "tesseract":
        return _tesseract
    reader = Reader(**{key: value for key, value in other.items() if "." not in key})
    if kind == "defaults":
        from rapidocr import RapidOCR

        reader._engine, reader._read_at = RapidOCR(), 2000
    elif deeper := {key: value for key, value in other.items() if "." in key}:
        reader._engine.use_cls = deeper.get("Global.use_cls", False)
        reader._engine.text_rec.rec_batch_num = deeper.get("Rec.rec_batch_num", 1)
        reader._engine.text_rec.rec_image_shape = deeper.get("Rec.rec_img_shape", [3, 48, 48])

    def read(file: Path) -> str:
        lines: tuple[Line, ...] = reader.read(Image.open(file).convert("RGB"))
        return screen(lines)[0].text

    return read


def _tesseract(file: Path) -> str:
    command = ["tesseract", str(file), "-", "-l", "chi_sim+eng", "--psm", "11"]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return _APART.sub("", said)


def _spent() -> float:
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def _measure(folder: Path, name: str) -> Iterator[tuple[float, float, str]]:
    read = _reading(name)
    for file in sorted(folder.glob("*.jpg")):
        began, spent = time.perf_counter(), _spent()
        text = read(file)
        yield time.perf_counter() - began, _spent() - spent, text


def _peak_mb() -> int:
    own, others = (resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return round(max(own, others) / 1024)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--engines", nargs="*", metavar="NAME", help="rows of the table; none: all of them")
    parser.add_argument("--read", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--engine", default="as the product", choices=ENGINES, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.read:
        walls, processor, texts = zip(*_measure(chosen.read, chosen.engine), strict=True)
        print(json.dumps({"walls": walls, "processor": processor, "texts": texts, "peak_mb": _peak_mb()}))
    elif chosen.engines is None:
        print(json.dumps(run()))
    else:
        with tempfile.TemporaryDirectory() as name:
            _store(Path(name))
            for engine in chosen.engines or ENGINES:
                measured, texts = _of_engine(Path(name), engine)
                print(json.dumps({"engine": engine} | measured | _understood(Path(name), texts)), flush=True)


if __name__ == "__main__":
    main()
