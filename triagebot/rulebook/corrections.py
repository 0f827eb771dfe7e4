"""What people corrected, as further examples: read from the pack, and written as YAML that a person reviews."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import yaml

from triagebot.rulebook.repeats import squeeze
from triagebot.rulebook.schema import Category, Corrected, Examples, RuleBook

_HEAD = """\
# {count} 条更正：看过没问题，就放进规则文件夹，命名为 corrections.yaml（已有就并进去）。不对的整条删掉。
# {count} corrections: read them, then put this into the rules folder as corrections.yaml. Delete what is wrong.
"""


def merged(categories: Mapping[str, Category], added: Iterable[Corrected]) -> dict[str, Category]:
    """``categories`` with ``added`` at the end of their examples; what stands there already is not added again."""
    result = dict(categories)
    for row in added:
        category = result[row.category]
        texts: tuple[str, ...] = getattr(category.examples, row.lang)
        if squeeze(row.text) not in {squeeze(text) for text in texts}:
            examples = Examples(**{**category.examples.model_dump(), row.lang: (*texts, row.text)})
            result[row.category] = category.model_copy(update={"examples": examples})
    return result


def fresh(book: RuleBook, rows: Iterable[Corrected]) -> list[Corrected]:
    """What ``book`` does not hold as an example yet and whose category it knows, each message once. The last word about
    a message counts, and an agent's more than a user's."""
    known = {
        squeeze(text) for c in book.categories.values() for texts in (c.examples.zh, c.examples.en) for text in texts
    }
    latest: dict[str, Corrected] = {}
    for row in rows:
        key = squeeze(row.text)
        earlier = latest.get(key)
        outranked = earlier is not None and (earlier.by, row.by) == ("agent", "user")
        if key and key not in known and row.category in book.categories and not outranked:
            latest[key] = row
    return list(latest.values())


def to_yaml(rows: Sequence[Corrected]) -> str:
    """The text of a corrections.yaml, by category, one message a line."""
    ordered = sorted(rows, key=lambda row: (row.category, row.lang))
    data = {"corrections": [row.model_dump() for row in ordered]}
    body = yaml.safe_dump(data, allow_unicode=True, sort_keys=False, width=10_000, default_flow_style=None)
    return _HEAD.format(count=len(rows)) + body
