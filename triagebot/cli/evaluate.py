"""``evaluate``: how good the verdicts, or the classifier alone, are on labelled messages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from triagebot import rulebook
from triagebot.cli import common, figures, outputs
from triagebot.errors import UsageError
from triagebot.opening import encoder_of, open_brain

if TYPE_CHECKING:  # numpy is a third of a second at every start
    from triagebot.triage.evaluation.guesses import Guess
    from triagebot.triage.evaluation.labelled import Labelled
    from triagebot.triage.examples import Examples


def evaluate(
    file: Annotated[
        Path | None,
        typer.Argument(
            help="TSV：text lang category platform human_requested hard；有 --train 时只需 text 和 category / "
            "with --train only text and category",
            show_default=False,
        ),
    ] = None,
    train: Annotated[
        Path | None,
        typer.Option(
            help="不用规则，用这个 TSV（text、category）训练同一个分类器 / train the same classifier on this TSV, no rules",
            show_default=False,
        ),
    ] = None,
    cv: Annotated[
        int | None,
        typer.Option(
            metavar="K",
            help="K 折交叉验证：规则里的例句，或 --train 的文件 / K-fold cross-validation of the rules, or of --train",
            show_default=False,
        ),
    ] = None,
    learning_curve: Annotated[
        bool, typer.Option("--learning-curve", help="用八分之一到全部例句训练 / train on 1/8 up to all examples")
    ] = False,
    oos: Annotated[
        str, typer.Option(metavar="LABEL", help="--train 时表示范围之外的标签 / with --train: what is out of scope")
    ] = "oos",
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="写出图（要装 plots 这一项）、错误和各分类的表 / pictures (needs the extra plots), errors and tables",
            show_default=False,
        ),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="输出 JSON。 / JSON.")] = False,
) -> None:
    """在带标注的 TSV 上评估，或交叉验证。 / Evaluate on a labelled TSV, or cross-validate.

    没有 matplotlib 时，--out 写出其余的一切，然后以退出码 3 说明要装什么。 / Without matplotlib, --out writes all else and ends
    with exit code 3.
    """
    for given in (file, train):
        if given is not None and not given.exists():
            raise UsageError(f"{given} cannot be read: there is no such file")
    if learning_curve and file is None:
        raise UsageError("--learning-curve needs a labelled FILE.tsv to judge")
    if file is not None and cv is not None:
        raise UsageError("--cv judges what it trains on; leave FILE out, or leave --cv out")
    if out is not None:
        outputs.make_folder(out)
    if file is not None and learning_curve:
        found = _learn(file, train, oos, out)
    elif file is not None:
        found = _verdicts(file, out) if train is None else _benchmark(file, train, oos, out)
    elif cv is not None:
        found = _cross_validate(cv, train, oos, out)
    else:
        raise UsageError("evaluate needs a labelled FILE.tsv, or --cv K to cross-validate")
    if json:
        common.print_json(found)
    else:
        figures.show(found)
    if out is not None:
        outputs.check_pictures()


def _verdicts(file: Path, out: Path | None) -> dict[str, Any]:
    from triagebot.triage.evaluation import labelled, verdicts

    rows = labelled.read_rows(_text(file), file.name)
    settings = common.settings()
    brain = open_brain(settings, rulebook.load(settings.rules_dir), common.note)
    judged = verdicts.judge(rows, brain, watched=common.watched)
    if out is not None:
        outputs.write_guesses(verdicts.guesses_of(judged), out)
        outputs.write_curves(judged, brain, out)
    return verdicts.measure(judged, {c.id: c.priority for c in brain.book.categories.values()})


def _benchmark(file: Path, train: Path, oos: str, out: Path | None) -> dict[str, Any]:
    from triagebot.triage.evaluation import pipeline
    from triagebot.triage.evaluation.labelled import prepared

    taught, rows = _trainable(train), _labelled(file)
    pipeline.check_known(rows, {row.category for row in taught}, oos)
    encode = encoder_of(common.settings())
    common.note(f"training on {len(taught)} messages …")
    told = prepared(taught)
    return {**_size(told), **_summary(pipeline.judge(pipeline.fit(told, encode), prepared(rows), oos), oos, out)}


def _cross_validate(cv: int, train: Path | None, oos: str, out: Path | None) -> dict[str, Any]:
    from triagebot.triage.decision import OUT_OF_SCOPE
    from triagebot.triage.evaluation import crossval
    from triagebot.triage.evaluation.labelled import prepared
    from triagebot.triage.examples import examples_of

    settings = common.settings()
    encode = encoder_of(settings)
    if train is not None:
        told = prepared(_trainable(train))
        return {**_size(told), **_summary(crossval.on_labelled(told, cv, _tell, encode, oos), oos, out)}
    book = rulebook.load(settings.rules_dir)
    return {
        **_size(examples_of(book)),
        **_summary(crossval.on_rules(book, cv, _tell, encode), OUT_OF_SCOPE, out),
    }


def _size(taught: Examples) -> dict[str, Any]:
    return {"trained_on": {"n": len(taught.texts), "categories": len(set(taught.labels))}}


def _summary(guesses: Sequence[Guess], outside: str, out: Path | None) -> dict[str, Any]:
    from triagebot.triage.evaluation import guesses as of

    if out is not None:
        outputs.write_guesses(guesses, out)
    return {
        **of.figures(guesses),
        **of.out_of_scope(guesses, outside),
        "per_category": of.per_category(guesses),
        "confusions": of.most_confused(guesses),
    }


def _learn(file: Path, train: Path | None, oos: str, out: Path | None) -> dict[str, Any]:
    from triagebot.triage.evaluation import labelled, learning, pipeline, verdicts

    settings = common.settings()
    encode = encoder_of(settings)
    if train is None:
        book = rulebook.load(settings.rules_dir)
        rows = labelled.read_rows(_text(file), file.name)
        verdicts.check_known(rows, book)
        points = learning.on_rules(book, rows, _tell, encode)
    else:
        taught, judged = _trainable(train), _labelled(file)
        pipeline.check_known(judged, {row.category for row in taught}, oos)
        points = learning.on_labelled(taught, judged, _tell, encode)
    if out is not None:
        outputs.write_learning(points, out)
    return {"learning_curve": [asdict(point) for point in points]}


def _trainable(file: Path) -> list[Labelled]:
    from triagebot.triage.evaluation import labelled

    rows = _labelled(file)
    labelled.check_trainable(rows, file.name)
    return rows


def _labelled(file: Path) -> list[Labelled]:
    from triagebot.triage.evaluation import labelled

    return labelled.read_labelled(_text(file), file.name)


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise UsageError(f"{file} is not UTF-8 text") from None


def _tell(step: str) -> None:
    common.note(f"… {step}")
