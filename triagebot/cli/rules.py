"""``triagebot rules …``: check a rule pack, run its own tests, see why a text is judged as it is."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from triagebot import rulebook
from triagebot.cli import common
from triagebot.opening import encoder_of, open_brain

app = typer.Typer(help="规则包。 / The rule pack.", no_args_is_help=True)


@app.command()
def check(
    folder: Annotated[Path | None, typer.Argument(help="规则目录 / the folder")] = None,
    against: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="FILE.tsv",
            help="评测文件（表头有 text 列）：例句里不能有它的消息，可多次给 / an evaluation file with a column `text`: "
            "no example may be, or nearly be, one of its messages; may be repeated",
        ),
    ] = None,
) -> None:
    """校验规则和几乎重复的例句，每个问题都带文件和行号。 / Validate, near copies too; every problem with file:line."""
    place = folder or common.settings().rules_dir
    problems = rulebook.problems(place, against or ())
    for problem in problems:
        print(problem)
    if problems:
        raise typer.Exit(1)
    book = rulebook.load(place)
    examples = sum(len(c.examples.zh) + len(c.examples.en) for c in book.categories.values())
    print(f"规则没有问题：{len(book.categories)} 个分类，{examples} 条例句。 / The rules are fine.")


@app.command()
def test() -> None:
    """跑规则文件里写的测试。 / Run the tests written in the rules."""
    from triagebot.triage import selftest

    settings = common.settings()
    book = rulebook.load(settings.rules_dir)
    failures = selftest.run(book, open_brain(settings, book, common.note))
    for failure in failures:
        print(failure)
    total = sum(len(c.tests) for c in book.categories.values())
    print(f"{total - len(failures)} passed, {len(failures)} failed")
    if failures:
        raise typer.Exit(1)


@app.command()
def explain(text: str, json: Annotated[bool, typer.Option("--json", help="输出 JSON / JSON")] = False) -> None:
    """这句话为什么这样判断。 / Why a text is judged as it is."""
    from triagebot.privacy import redact
    from triagebot.triage import explain as why

    settings = common.settings()
    brain = open_brain(settings, rulebook.load(settings.rules_dir), common.note)
    told = why.explain(redact(text).text, brain)
    if json:
        common.print_json({**asdict(told), "verdict": told.verdict.to_json()})
        return
    v = told.verdict
    print(f"normalised   {told.normal}")
    print(
        f"verdict      {v.decision}  {v.category}  {v.priority}  {v.queue}  platform {v.platform}  human {v.human_requested}"
    )
    for hit in told.found:
        print(
            f"rule         {hit.rule} ({hit.kind}{', denied' if hit.denied else ''}): {hit.words!r} at {hit.start}-{hit.end}"
        )
    for text_shown in told.signatures:
        print(f"signature    {text_shown}")
    print("terms        " + "  ".join(f"{term!r} {share:+.2f}" for term, share in told.terms))
    for example, category, cosine in told.nearest:
        print(f"nearest      {cosine:.2f} {category}: {example}")
    shown = "  ".join(f"{c} {p:.3f} (in the set from {told.in_set[c]:.3f})" for c, p in told.probabilities[:5])
    print(f"probability  {shown}")
    print(f"set          {', '.join(told.prediction_set)}")
    if v.alarm:
        print(f"alarm        {v.alarm}: {v.escalation}")


@app.command()
def coverage(json: Annotated[bool, typer.Option("--json", help="输出 JSON / JSON")] = False) -> None:
    """每个分类有多少例句、规则，交叉验证的结果，和谁最容易混。 / Examples, rules and cross-validated figures by category."""
    from triagebot.cli import figures
    from triagebot.triage import training
    from triagebot.triage.evaluation import coverage as held
    from triagebot.triage.evaluation import crossval

    settings = common.settings()
    book = rulebook.load(settings.rules_dir)
    common.note("交叉验证中…… / cross-validating …")
    guesses = crossval.on_rules(book, training.FOLDS, lambda fold: common.note(f"… {fold}"), encoder_of(settings))
    found = held.coverage(book, guesses)
    if json:
        common.print_json({c.category: {k: v for k, v in asdict(c).items() if k != "category"} for c in found})
    else:
        figures.show_coverage(found)
