"""``train``: fit the classifier, and decide whether what people corrected makes it better."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from triagebot import rulebook
from triagebot.cli import common
from triagebot.errors import UsageError
from triagebot.opening import encoder_of
from triagebot.rulebook import RuleBook
from triagebot.rulebook.corrections import fresh, to_yaml
from triagebot.settings import Settings

if TYPE_CHECKING:  # numpy is a third of a second at every start
    from triagebot.triage.evaluation.labelled import Labelled
    from triagebot.triage.promotion import Outcome

REGRESSION = "regression.tsv"
"""In the rules folder: messages with their category, tab-separated, that are never trained on."""
_MOST_SHOWN = 20


def train(
    json: Annotated[bool, typer.Option("--json", help="输出 JSON。 / JSON.")] = False,
    with_corrections: Annotated[
        bool,
        typer.Option(
            "--with-corrections",
            help="加上用户和坐席的更正，和现在的模型比一比；没有变差才写出更正文件。 / "
            "Add what users and agents corrected, compare with the current model, and write the corrections out for review "
            "if nothing got worse.",
        ),
    ] = False,
    accepted: Annotated[
        bool,
        typer.Option(
            "--accepted",
            help="只要主管在坐席台采纳了的；否则是没被驳回的全部。 / Only what a supervisor accepted on the desk; "
            "else all that nobody rejected.",
        ),
    ] = False,
    out: Annotated[Path, typer.Option(help="更正文件写到哪里 / where the corrections are written for review")] = Path(
        "corrections.yaml"
    ),
) -> None:
    """用 rules/ 里的例句训练分类器并存入缓存。 / Train from rules/, show cross-validated figures, store the model."""
    from triagebot.triage import cache, model

    settings = common.settings()
    book = rulebook.load(settings.rules_dir)
    if with_corrections:
        _with_corrections(settings, book, out, json, accepted)
        return
    if accepted:
        raise UsageError("--accepted says which corrections are meant: use it with --with-corrections")
    folder, encode = settings.data_dir / "models", encoder_of(settings)
    cache.path_of(book.digest, folder, semantic=encode is not None).unlink(missing_ok=True)
    figures = model.load_or_train(book, folder, common.note, encode).figures
    if json:
        common.print_json(figures)
        return
    for name, value in figures.items():
        print(f"{name}: {value}")


def _with_corrections(settings: Settings, book: RuleBook, out: Path, json: bool, accepted: bool) -> None:
    """Exit 1 when the candidate is refused; the file is written only when it is not."""
    from triagebot.desk.corrections import corrections
    from triagebot.triage import model
    from triagebot.triage.retraining import compare

    if out.exists():
        raise UsageError(f"{out} is there already; move it away, or choose another file with --out")
    with common.desk() as (store, _):
        added = fresh(book, store.read_now(corrections, accepted))
    regression = read_regression(settings.rules_dir / REGRESSION, book)
    encode = encoder_of(settings)
    current = model.load_or_train(book, settings.data_dir / "models", common.note, encode)
    outcomes = compare(book, current, added, regression, encode) if added else []
    refused = [reason for outcome in outcomes for reason in outcome.reasons]
    if added and not refused:
        try:
            out.write_text(to_yaml(added), encoding="utf-8")
        except OSError as error:
            raise UsageError(f"{out} cannot be written: {error.strerror}") from None
    written = str(out) if added and not refused else None
    if json:
        common.print_json({"corrections": len(added), "refused": refused, "written": written,
                           "trials": [_as_json(o, current.classifier.classes) for o in outcomes]})  # fmt: skip
    else:
        _tell(outcomes, current.classifier.classes, len(added), refused, written)
    if refused:
        raise typer.Exit(1)


def read_regression(file: Path, book: RuleBook) -> list[Labelled]:
    """The frozen messages of the pack, or the messages of its inline tests when it has no such file.

    UsageError with the line of the first row that does not fit.
    """
    from triagebot.triage.evaluation.labelled import Labelled, read_labelled

    if not file.exists():
        return [Labelled(t.text, t.category) for c in book.categories.values() for t in c.tests if t.category]
    try:
        rows = read_labelled(file.read_text(encoding="utf-8"), str(file))
    except (OSError, UnicodeDecodeError):
        raise UsageError(f"{file} cannot be read as UTF-8 text") from None
    for number, row in enumerate(rows, start=2):
        if row.category not in book.categories:
            raise UsageError(
                f"{file}:{number}: {row.category[:60]!r} is no category of the rules; see rules/categories"
            )
    return rows


def _as_json(outcome: Outcome, classes: Sequence[str]) -> dict[str, object]:
    flips = [
        {
            "text": f.text,
            "kind": f.kind,
            "truth": classes[f.truth],
            "before": classes[f.before],
            "after": classes[f.after],
        }
        for f in outcome.flips
    ]
    return {"name": outcome.name, "figures": outcome.figures, "reasons": outcome.reasons, "flips": flips}


def _tell(
    outcomes: Sequence[Outcome], classes: Sequence[str], count: int, refused: Sequence[str], written: str | None
) -> None:
    if not count:
        print("没有新的更正。 / There are no new corrections.")
        return
    for outcome in outcomes:
        shown = "  ".join(f"{name} {was:.3f} -> {now:.3f}" for name, (was, now) in outcome.figures.items())
        print(f"{outcome.name}: {shown}")
        for flip in outcome.flips[:_MOST_SHOWN]:
            print(
                f"  {flip.kind:9} {classes[flip.before]} -> {classes[flip.after]} ({classes[flip.truth]}): {flip.text}"
            )
        if len(outcome.flips) > _MOST_SHOWN:
            print(f"  … {len(outcome.flips) - _MOST_SHOWN} more; --json lists them all")
    if refused:
        print("变差了，不采用： / Refused, because it got worse:")
        for reason in refused:
            print(f"  {reason}")
    else:
        print(f"没有变差。{count} 条更正写在 {written}，看过以后放进规则文件夹。")
        print(
            f"Nothing got worse. {count} corrections are in {written}; read them, then put the file into the rules folder."
        )
