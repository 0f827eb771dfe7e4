"""What stands in two places where each means something else, or in one place and should stand in two."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterator

from triagebot.rulebook.pack import At, Finding, Pack
from triagebot.rulebook.references import doubles

_SIGNALS = ("solved", "not_solved", "skip", "who", "what_now")
"""Whole messages that mean one thing: a phrase that stands in two of these lists would only ever mean the first."""


def check(pack: Pack) -> Iterator[Finding]:
    yield from doubles(pack, ((file, at, squeeze(text)) for file, at, text in examples(pack)), "example")
    yield from doubles(pack, _aliases(pack), "alias of a platform")
    yield from _lonely(pack)
    if phrases := pack.singles.get("phrases"):
        said = ((name, n, words) for name in _SIGNALS for n, words in enumerate(getattr(phrases, name)))
        places = (("phrases.yaml", (name, n), squeeze(words)) for name, n, words in said)
        yield from doubles(pack, places, f"phrase in {', '.join(_SIGNALS)}")


def _lonely(pack: Pack) -> Iterator[Finding]:
    """What only one step is about keeps nothing from being said twice: a word that was mistyped, or that is not needed."""
    for stem, category in pack.categories.items():
        named = [(("fixes", n, "steps", k, "about"), step.about) for n, fix in enumerate(category.fixes)
                 for k, step in enumerate(fix.steps) if step.about]  # fmt: skip
        count = Counter(about for _, about in named)
        for at, about in named:
            if count[about] == 1:
                what = f"no other step of this category is about `{about}`; correct it, or leave it out"
                yield pack.finding(f"categories/{stem}.yaml", at, what)


def squeeze(text: str) -> str:
    """What makes two examples the same one to the classifier: not case, width or spaces."""
    return "".join(unicodedata.normalize("NFKC", text).lower().split())


def examples(pack: Pack) -> Iterator[tuple[str, At, str]]:
    """Every example as it is written, with its place: files in order of name, Chinese before English."""
    for stem, category in pack.categories.items():
        for lang, texts in (("zh", category.examples.zh), ("en", category.examples.en)):
            file = f"categories/{stem}.yaml"
            yield from ((file, ("examples", lang, n), text) for n, text in enumerate(texts))


def _aliases(pack: Pack) -> Iterator[tuple[str, At, str]]:
    for n, platform in pack.listed.get("platforms", ()):
        for key in ("aliases", "weak_aliases"):
            for k, alias in enumerate(getattr(platform, key)):
                yield "platforms.yaml", ("platforms", n, key, k), " ".join(squeeze(w) for w in alias.split())
