"""``train``: fit the classifier, and decide whether what people corrected makes it better."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from triagebot import rulebook
from triagebot.cli import common
from triagebot.errors import ModelError, UsageError
from triagebot.opening import encoder_of
from triagebot.resources import bundled
from triagebot.rulebook import RuleBook
from triagebot.rulebook.corrections import fresh, to_yaml
from triagebot.settings import Settings

if TYPE_CHECKING:  # numpy is a third of a second at every start
    from triagebot.triage.evaluation.labelled import Labelled
    from triagebot.triage.model import Model
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
    ship: Annotated[
        bool,
        typer.Option(
            "--ship",
            help="写进程序自带的模型文件，不存缓存：改了自带的规则或训练代码之后、提交之前用。 / Write the model that travels "
            "with the program instead of the cache: before a change of its rules or of the code that trains is committed.",
        ),
    ] = False,
    out: Annotated[Path, typer.Option(help="更正文件写到哪里 / where the corrections are written for review")] = Path(
        "corrections.yaml"
    ),
) -> None:
    """用 rules/ 里的例句训练分类器并存入缓存。 / Train from rules/, show cross-validated figures, store the model."""
    settings = common.settings()
    book = rulebook.load(settings.rules_dir)
    if ship and (with_corrections or settings.semantic or settings.rules_dir.resolve() != bundled("rules").resolve()):
        raise UsageError(
            "--ship is for the program's own rules alone: leave out --with-corrections and unset TRIAGEBOT_RULES_DIR and "
            "TRIAGEBOT_SEMANTIC"
        )
    if with_corrections:
        _with_corrections(settings, book, out, json, accepted)
        return
    if accepted:
        raise UsageError("--accepted says which corrections are meant: use it with --with-corrections")
    figures = _trained(settings, book, ship).figures
    if json:
        common.print_json(figures)
        return
    for name, value in figures.items():
        print(f"{name}: {value}")


def _trained(settings: Settings, book: RuleBook, ship: bool) -> Model:
    """Trained, whatever is there already. ModelError when what shall travel with the program cannot be written."""
    from triagebot.triage import cache, model
    from triagebot.triage.origin import origin_of

    encode = encoder_of(settings)
    origin = origin_of(book.digest, semantic=encode is not None)
    trained = model.train(book, encode, common.note)
    if problem := model.keep(trained, cache.SHIPPED if ship else cache.path_of(origin, settings.model_dir), origin):
        if ship:
            raise ModelError(problem)
        common.note(problem)
    elif ship:
        cache.SHIPPED.chmod(0o644)  # others read what one of us installs
    return trained


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
    current = model.load_or_train(book, settings.model_dir, common.note, encode)
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
