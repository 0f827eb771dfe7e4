"""Training, and what saves it, in the cache or with the package: read back exactly, never trusted, never in the way."""

from __future__ import annotations

import ast
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from triage_pack import book, brain

from triagebot.triage import cache
from triagebot.triage.brain import Brain
from triagebot.triage.model import Model, keep, load_or_train
from triagebot.triage.origin import AFTER_TRAINING, Origin, origin_of
from triagebot.triage.verdict import Verdict

TEXTS = ["刷脸不过", "code never came", "有人让我共享屏幕", "天气"]


def _load(folder: Path) -> tuple[Model, list[str]]:
    said: list[str] = []
    return load_or_train(book(), folder, said.append), said


def _only_file(folder: Path) -> Path:
    (path,) = folder.iterdir()
    return path


def _judged(model: Model) -> list[Verdict]:
    return [Brain(book(), model).triage(text) for text in TEXTS]


def test_the_second_start_reads_what_the_first_one_trained(tmp_path: Path) -> None:
    first, said_first = _load(tmp_path)
    second, said_second = _load(tmp_path)
    assert "training the classifier on 60 examples of 5 categories" in said_first[0]
    assert said_second == []
    assert _judged(first) == _judged(second)
    assert second.figures == first.figures


def test_other_rules_get_another_model(tmp_path: Path) -> None:
    assert cache.path_of(origin_of("one"), tmp_path) != cache.path_of(origin_of("two"), tmp_path)
    assert cache.path_of(origin_of("one"), tmp_path) == cache.path_of(origin_of("one"), tmp_path)


def _shipped(folder: Path, **different: object) -> Path:
    """A file as it travels with the package, of the model of ``book()``."""
    path = folder / "trained.npz"
    assert keep(brain().model, path, replace(origin_of(book().digest), **different)) == ""
    return path


def test_what_travels_with_the_package_needs_no_training(tmp_path: Path) -> None:
    said: list[str] = []
    model = load_or_train(book(), tmp_path / "cache", said.append, shipped=_shipped(tmp_path))
    assert said == []
    assert _judged(model) == _judged(brain().model)
    assert model.figures == brain().model.figures
    assert not (tmp_path / "cache").exists()


@pytest.mark.parametrize(
    "different",
    [{"rules": "others"}, {"code": "another"}, {"scikit_learn": "1.0"}, {"semantic": True}],
    ids=lambda different: next(iter(different)),
)
def test_what_was_made_of_something_else_is_left_aside(tmp_path: Path, different: dict[str, object]) -> None:
    said: list[str] = []
    load_or_train(book(), tmp_path / "cache", said.append, shipped=_shipped(tmp_path, **different))
    assert len(said) == 1
    assert "training the classifier" in said[0]
    assert len(list((tmp_path / "cache").iterdir())) == 1


def test_a_damaged_file_of_the_package_is_said_and_trained_anew(tmp_path: Path) -> None:
    shipped, said = _shipped(tmp_path), list[str]()
    shipped.write_bytes(shipped.read_bytes()[:-999])
    model = load_or_train(book(), tmp_path / "cache", said.append, shipped=shipped)
    assert [("not readable" in line, "training the classifier" in line) for line in said] == [
        (True, False),
        (False, True),
    ]
    assert _judged(model) == _judged(brain().model)


def test_what_was_trained_here_goes_before_what_came_with_the_package(tmp_path: Path) -> None:
    shipped, origin = _shipped(tmp_path), origin_of(book().digest)
    keep(replace(brain().model, temperature=3.0), cache.path_of(origin, tmp_path / "cache"), origin)
    assert load_or_train(book(), tmp_path / "cache", shipped=shipped).temperature == 3.0


def test_a_file_tells_what_it_was_made_of(tmp_path: Path) -> None:
    assert cache.origin_in(_shipped(tmp_path, scikit_learn="1.0")) == Origin(
        book().digest, origin_of("").code, "1.0", semantic=False
    )


@pytest.mark.parametrize("damage", ["empty", "half", "garbage", "another zip", "wrong shape", "not a file"])
def test_a_damaged_cache_is_trained_anew_and_replaced(tmp_path: Path, damage: str) -> None:
    trained, _ = _load(tmp_path)
    path = _only_file(tmp_path)
    if damage == "empty":
        path.write_bytes(b"")
    elif damage == "half":
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    elif damage == "garbage":
        path.write_bytes(b"\x80\x04garbage" * 99)
    elif damage == "another zip":
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("hello.txt", "hello")
    elif damage == "wrong shape":
        with np.load(path) as arrays:
            changed = dict(arrays)
        changed["weights"] = changed["weights"][:-1]
        np.savez(path, **changed)
    else:
        path.unlink()
        path.mkdir()
    again, said = _load(tmp_path)
    assert "not readable" in said[0]
    assert "training the classifier" in said[1]
    assert _judged(again) == _judged(trained)
    if damage != "not a file":
        assert _load(tmp_path)[1] == []


def test_a_folder_that_cannot_be_written_costs_only_the_next_start(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    model, said = _load(tmp_path / "file" / "cache")
    assert model.classifier.classes
    assert "cannot be kept" in said[-1]


def test_nothing_half_written_is_left_behind(tmp_path: Path) -> None:
    _load(tmp_path)
    assert [path.suffix for path in tmp_path.iterdir()] == [".npz"]


def test_only_a_few_models_are_kept(tmp_path: Path) -> None:
    for n in range(9):
        (tmp_path / f"triage-{n}.npz").write_text("old")
    _load(tmp_path)
    assert len(list(tmp_path.iterdir())) == cache.KEPT


def test_figures_say_how_good_the_model_was_on_what_it_had_not_seen() -> None:
    figures = brain().model.figures
    assert figures["examples"] == 60
    assert figures["categories"] == 5
    assert 0.4 < figures["accuracy"] <= figures["top3"] <= 1


def test_a_cached_model_needs_no_scikit_learn(tmp_path: Path) -> None:
    """Importing it takes about a second and 75 MB, at every start."""
    _load(tmp_path)
    script = (
        "import sys; from pathlib import Path; from triage_pack import book; from triagebot.triage.brain import Brain;"
        "from triagebot.triage.model import load_or_train;"
        f"Brain(book(), load_or_train(book(), Path({str(tmp_path)!r}))).triage('刷脸不过');"
        "print(sorted({m.split('.')[0] for m in sys.modules} & {'sklearn', 'scipy', 'skops', 'joblib', 'pandas'}))"
    )
    result = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": ":".join(sys.path)},
    )
    assert result.stdout.strip() == "[]"


def test_what_only_uses_a_model_is_not_there_when_one_is_trained() -> None:
    """Else a change of it could make another model under the same name."""
    script = (
        "import sys; from triagebot.triage import model, training;"
        "print(sorted(m.rpartition('.')[2] for m in sys.modules if m.startswith('triagebot.triage.')))"
    )
    result = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": ":".join(sys.path)},
    )
    there = set(ast.literal_eval(result.stdout))
    modules = {file.stem for file in Path(cache.__file__).parent.glob("*.py")}
    assert modules >= AFTER_TRAINING
    assert {"training", "patterns", "origin"} <= there
    assert not there & AFTER_TRAINING


def test_a_text_has_its_terms_in_the_same_order_in_every_process() -> None:
    """Else the last digits of a training, and with them a verdict here and there, would differ from one start to the next."""
    script = (
        "import sys; from triagebot.triage.features import terms;"
        "print(terms('i cannot get past the face check on the wechat page again'))"
    )
    told = {
        subprocess.run(
            [sys.executable, "-c", script], capture_output=True, text=True, check=True,
            env={"PYTHONPATH": ":".join(sys.path), "PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2", "3")
    }  # fmt: skip
    assert len(told) == 1
