"""``triagebot evaluate`` from the outside: its errors, a benchmark from end to end, and the files it leaves."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from typing import Any

import pytest
from triage_pack import book, brain

from triagebot import rulebook
from triagebot.cli import evaluate, main, outputs

_WORDS = {
    "card": ["my card is lost", "the card does not work", "card stolen", "i need a new card"],
    "code": ["no sms code arrives", "the code is wrong", "code expired", "where is my code"],
    "oos": ["what is the weather", "tell me a joke", "who won the game", "sing a song"],
}
TABLES = {"errors.tsv", "per_category.tsv"}
PICTURES = {"confusion_matrix.png", "reliability.png"}


def _tsv(file: Path, rows: list[tuple[str, str]]) -> str:
    file.write_text("text\tcategory\n" + "".join(f"{text}\t{category}\n" for text, category in rows))
    return str(file)


@pytest.fixture
def train(tmp_path: Path) -> str:
    return _tsv(tmp_path / "train.tsv", [(text, name) for name, texts in _WORDS.items() for text in texts])


@pytest.fixture
def judged(tmp_path: Path) -> str:
    rows = [("lost my card", "card"), ("code never arrives", "code"), ("will it rain", "oos"), ("a joke please", "oos")]
    return _tsv(tmp_path / "test.tsv", rows)


def _run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int | str | None, str, str]:
    with pytest.raises(SystemExit) as ended:
        main(list(arguments))
    said = capsys.readouterr()
    return ended.value.code, said.out, said.err


def _json(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    code, out, err = _run(capsys, *arguments, "--json")
    assert (code, err) == (0, "")
    found: dict[str, Any] = json.loads(out)
    return found


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["evaluate"], "needs a labelled FILE.tsv, or --cv K"),
        (["evaluate", "{none}"], "no such file"),
        (["evaluate", "{test}", "--train", "{none}"], "no such file"),
        (["evaluate", "{test}"], "test.tsv:1: the header must be text lang category"),
        (["evaluate", "{test}", "--train", "{lonely}"], "the category 'pin' has a single example"),
        (["evaluate", "{test}", "--train", "{header}"], "header.tsv:1: the header must name the columns text and category"),
        (["evaluate", "{test}", "--train", "{fewer}"], "the category 'code' has no examples to train on"),
        (["evaluate", "{test}", "--train", "{train}", "--cv", "3"], "leave FILE out"),
        (["evaluate", "--train", "{train}", "--cv", "1"], "--cv 1: there must be at least 2 folds"),
        (["evaluate", "--train", "{train}", "--cv", "9"], "--cv 9: no category has so many examples; 4 folds at most"),
        (["evaluate", "--train", "{train}", "--learning-curve"], "--learning-curve needs a labelled FILE.tsv"),
        (["evaluate", "--train", "{train}", "--cv", "2", "--out", "{train}"], "the folder cannot be made"),
    ],
)  # fmt: skip
def test_a_mistake_is_one_clear_line(
    arguments: list[str], problem: str, tmp_path: Path, train: str, judged: str, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [("a card", "card"), ("the card", "card"), ("joke", "oos"), ("weather", "oos")]
    files = {
        "train": train,
        "test": judged,
        "none": str(tmp_path / "none.tsv"),
        "lonely": _tsv(tmp_path / "lonely.tsv", [*rows, ("my pin", "pin")]),
        "fewer": _tsv(tmp_path / "fewer.tsv", rows),
        "header": str(tmp_path / "header.tsv"),
    }
    Path(files["header"]).write_text("text\tintent\na\tb\n")
    code, out, err = _run(capsys, *(argument.format(**files) for argument in arguments))
    assert (code, out) == (2, "")
    assert problem in err
    assert err.count("\n") == 1


def test_a_benchmark_from_end_to_end(train: str, judged: str, capsys: pytest.CaptureFixture[str]) -> None:
    found = _json(capsys, "evaluate", judged, "--train", train)
    assert found["trained_on"] == {"n": 12, "categories": 3}
    assert found["n"] == 4
    assert found["per_category"]["card"]["recall"] == found["per_category"]["code"]["recall"] == 1
    assert found["in_scope_accuracy"] == 1
    assert found["oos_n"] == 2
    assert found["oos_auroc"] == 1
    assert found["top3"] == 1
    assert 0 <= found["ece"] <= 1
    assert 0.5 < found["macro_f1"] <= 1


def test_what_is_out_of_scope_may_be_strange_to_the_training_set(
    tmp_path: Path, judged: str, capsys: pytest.CaptureFixture[str]
) -> None:
    inside = _tsv(tmp_path / "inside.tsv", [(t, name) for name in ("card", "code") for t in _WORDS[name]])
    found = _json(capsys, "evaluate", judged, "--train", inside)
    assert found["accuracy"] == 0.5
    assert found["in_scope_accuracy"] == 1
    assert found["per_category"]["oos"]["recall"] == 0
    code, _, err = _run(capsys, "evaluate", judged, "--train", inside, "--oos", "none")
    assert code == 2
    assert "the category 'oos' has no examples" in err


def test_a_labelled_set_is_cross_validated_alone(train: str, capsys: pytest.CaptureFixture[str]) -> None:
    found = _json(capsys, "evaluate", "--train", train, "--cv", "4")
    assert found["n"] == found["trained_on"]["n"] == 12
    assert set(found["per_category"]) == set(_WORDS)


def test_people_read_the_categories_and_the_confusions(train: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = _run(capsys, "evaluate", "--train", train, "--cv", "2")
    assert (code, err) == (0, "")
    assert "accuracy: 0." in out
    assert "trained_on: n 12  categories 3" in out
    assert any(line.startswith("card ") for line in out.splitlines())
    assert "most common confusions" in out


def test_learning_curve_of_a_labelled_set(
    train: str, judged: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    found = _json(capsys, "evaluate", judged, "--train", train, "--learning-curve")["learning_curve"]
    assert [point["examples"] for point in found] == [6, 6, 6, 9, 12]
    monkeypatch.setattr(outputs, "_can_draw", lambda: False)
    folder = tmp_path / "out"
    code, out, _ = _run(capsys, "evaluate", judged, "--train", train, "--learning-curve", "--out", str(folder))
    assert code == 3
    assert out.splitlines()[0].split() == ["share", "examples", "accuracy", "top3"]
    assert {file.name for file in folder.iterdir()} == {"learning_curve.tsv"}


def test_without_matplotlib_all_else_is_written_and_one_line_says_what_to_install(
    train: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outputs, "_can_draw", lambda: False)
    folder = tmp_path / "new" / "out"
    code, out, err = _run(capsys, "evaluate", "--train", train, "--cv", "2", "--out", str(folder), "--json")
    assert code == 3
    assert json.loads(out)["n"] == 12
    assert "pip install 'triagebot[plots]'" in err
    assert err.count("\n") == 1
    assert {file.name for file in folder.iterdir()} == TABLES


def test_a_file_that_cannot_be_written_is_named(train: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "out" / "errors.tsv").mkdir(parents=True)
    code, _, err = _run(capsys, "evaluate", "--train", train, "--cv", "2", "--out", str(tmp_path / "out"))
    assert code == 2
    assert "errors.tsv cannot be written" in err


@pytest.mark.skipif(importlib.util.find_spec("matplotlib") is None, reason="matplotlib is an extra")
def test_with_matplotlib_there_are_pictures_too(train: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = _run(capsys, "evaluate", "--train", train, "--cv", "2", "--out", str(tmp_path / "out"))
    assert (code, err) == (0, "")
    assert {file.name for file in (tmp_path / "out").iterdir()} == TABLES | PICTURES
    for name in PICTURES:
        assert (tmp_path / "out" / name).read_bytes().startswith(b"\x89PNG")


@pytest.fixture
def small_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    """The commands find a rule pack of five categories, already trained."""
    monkeypatch.setattr(rulebook, "load", lambda folder: book())
    monkeypatch.setattr(evaluate, "open_brain", lambda settings, rules, progress: brain())


@pytest.mark.usefixtures("small_rules")
def test_verdicts_on_a_labelled_file_and_all_that_is_written_about_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "rows.tsv"
    rows = ["刷脸老是不过\tzh\tverification.face\twechat\t0\t0", "被骗了怎么办\tzh\tsecurity.scam\tunknown\t0\t0"]
    file.write_text("\n".join(["text\tlang\tcategory\tplatform\thuman_requested\thard", *rows]), encoding="utf-8")
    found = _json(capsys, "evaluate", str(file))
    promised = ("n", "accuracy", "top3", "macro_f1", "ece", "p1_recall", "p1_precision", "platform_accuracy",
                "human_accuracy", "decisions", "per_category", "latency_us")  # fmt: skip
    assert set(promised) <= set(found)
    assert (found["n"], found["p1_recall"], found["platform_accuracy"]) == (2, 1.0, 0.5)
    code, out, _ = _run(capsys, "evaluate", str(file))
    assert code == 0
    assert "p1_recall: 1.000" in out
    assert any(line.split()[:2] == ["security.scam", "1"] for line in out.splitlines())
    monkeypatch.setattr(outputs, "_can_draw", lambda: False)
    assert _run(capsys, "evaluate", str(file), "--out", str(tmp_path / "out"))[0] == 3
    assert {f.name for f in (tmp_path / "out").iterdir()} == TABLES | {"decisions.tsv", "p1.tsv"}


@pytest.mark.usefixtures("small_rules")
def test_rules_are_cross_validated_without_a_file(capsys: pytest.CaptureFixture[str]) -> None:
    found = _json(capsys, "evaluate", "--cv", "4")
    assert found["n"] == 60
    assert found["oos_n"] == 12


@pytest.mark.usefixtures("small_rules")
def test_rules_coverage_marks_what_has_too_few_examples(capsys: pytest.CaptureFixture[str]) -> None:
    found = _json(capsys, "rules", "coverage")
    assert found["verification.face"]["zh"] == 8
    assert found["verification.face"]["enough"] is False
    assert found["verification.face"]["recall"] > 0
    code, out, _ = _run(capsys, "rules", "coverage")
    assert code == 0
    assert "* verification.face" in out
    assert out.rstrip().endswith("5 / 5")
