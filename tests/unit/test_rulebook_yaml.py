"""One YAML file: positions, and everything that a rule file may not hold."""

from __future__ import annotations

from datetime import date

import pytest

from triagebot.rulebook.yaml_source import DEEPEST, MOST_BYTES, parse


def test_data_and_lines() -> None:
    document = parse("# 说明\na: 1\nb:\n  - 中文\n  - c: [x, y]\nd: >-\n  one\n  two\n".encode())
    assert document.problems == []
    assert document.data == {"a": 1, "b": ["中文", {"c": ["x", "y"]}], "d": "one two"}
    _, top = document.lines
    assert isinstance(top, dict)
    assert {key: line for key, (line, _) in top.items()} == {"a": 2, "b": 3, "d": 6}
    assert isinstance(items := top["b"][1], list)
    assert [line for line, _ in items] == [4, 5]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1", 1),
        ("0", 0),
        ("-3", -3),
        ("0.5", 0.5),
        ("yes", True),
        ("off", False),
        ("~", None),
        ("", None),
        ("2027-05-31", date(2027, 5, 31)),
        ("'no'", "no"),
        ('"12:30"', "12:30"),
        ("'1002'", "1002"),
        ("中午12:30", "中午12:30"),
        ("1e3", "1e3"),
        ("=", "="),
    ],
)
def test_scalars_are_read_like_other_tools_do(text: str, value: object) -> None:
    document = parse(f"a: {text}".encode())
    assert document.problems == []
    assert document.data == {"a": value}


def test_a_byte_order_mark_is_no_harm() -> None:
    assert parse("\ufeffa: 中".encode()).data == {"a": "中"}


@pytest.mark.parametrize(
    ("raw", "line", "what"),
    [
        (b"", 1, "the file is empty"),
        (b"# only a comment\n", 1, "the file is empty"),
        (b"a: 1\n---\nb: 2\n", 2, "a second document"),
        (b"a: 1\nb: &x 1\n", 2, "anchor `&x`"),
        (b"a: 1\nb: *x\n", 2, "alias `*x`"),
        (b"a: 1\n<<: {b: 1}\n", 2, "merge key"),
        (b"a: 1\nb: !!python/object/apply:os.system [ls]\n", 2, "tag `!!python/object/apply:os.system`"),
        (b"a: !x y", 1, "tag `!x`"),
        (b"a: 1\nb: 2\na: 3\n", 3, "key `a` appears twice (first in line 1)"),
        (b"a: {b: 1,\n  b: 2}", 2, "key `b` appears twice"),
        (b"a: 1\nno: 2\n", 2, "key `no` is not read as text"),
        (b"a: 1\n1002: 2\n", 2, "key `1002` is not read as text"),
        (b"? [a]\n: 1\n", 1, "a key must be a word"),
        (b"a: 1\nb: 12:30\n", 2, "`12:30` as another number"),
        (b"b: 010\n", 1, "`010` as another number"),
        (b"b: 0x1F\n", 1, "`0x1F` as another number"),
        (b"b: 2027-02-31\n", 1, "looks like a date but is none"),
        (b"a: 1\nb: c: d\n", 2, "must be in quotes"),
        (b"a:\n\tb: 1\n", 2, "tab"),
        (b"a: 'x\n", 2, "not valid YAML"),
        (b"a: 1\nb: \xff\xfe\n", 2, "not UTF-8"),
        ("a: 中文".encode("gbk"), 1, "not UTF-8"),
        (b"a: 1\nb: \x01\n", 2, "U+0001"),
        (b"a: " + b"[" * 13 + b"]" * 13, 1, "nested deeper than 12"),
        (b"[" * 500_000, 1, "nested deeper than 12"),
        (b"#" * (MOST_BYTES + 1), 1, "more than 1,000,000"),
    ],
)
def test_refused_with_its_line(raw: bytes, line: int, what: str) -> None:
    found_line, found = parse(raw).problems[0]
    assert (found_line, what in found) == (line, True), found


def test_the_deepest_that_is_allowed() -> None:
    assert parse(b"[" * DEEPEST + b"]" * DEEPEST).problems == []


def test_a_bomb_of_aliases_is_refused_at_its_first_anchor() -> None:
    bomb = "a: &a [x, x]\n" + "".join(f"{b}: &{b} [*{a}, *{a}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True))
    document = parse(bomb.encode())
    assert document.problems[0] == (1, "anchor `&a` is not allowed; remove it")
    assert len(str(document.data)) < 1_000


def test_several_problems_come_in_the_order_of_the_file() -> None:
    assert [line for line, _ in parse(b"a: &x 1\nb: 1\nb: 2\nyes: 3\n").problems] == [1, 3, 4]
