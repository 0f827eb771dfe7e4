"""What ``triagebot rules check`` says of examples that repeat each other or stand in an evaluation file."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit import rulepack
from triagebot import cli, rulebook

FACE, SCAM = "categories/verification.face.yaml", "categories/security.scam.yaml"
LONG = "微信刷脸一直提示光线太暗怎么办"
NEAR = "微信刷脸老是提示光线太暗怎么办"


def written(folder: Path, face: list[str], scam: list[str]) -> Path:
    """A pack with these examples; the scams' file comes first."""
    pack = rulepack.files()
    for file, texts in ((FACE, face), (SCAM, scam)):
        pack[file]["examples"]["zh"] = texts
    return rulepack.write(folder, pack)


def evaluation(folder: Path, *lines: str) -> Path:
    file = folder / "dev.tsv"
    folder.mkdir(exist_ok=True)
    file.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return file


def line_of(place: Path, file: str, text: str) -> str:
    lines = (place / file).read_text(encoding="utf-8").splitlines()
    return f"{file}:{next(n for n, line in enumerate(lines, start=1) if line.endswith(f'- {text}'))}"


def test_a_near_copy_in_another_category(tmp_path: Path) -> None:
    place = written(tmp_path, ["脸扫不上", LONG], [NEAR])
    (found,) = rulebook.problems(place)
    assert found.startswith(f"{place}/{line_of(place, FACE, LONG)}: examples.zh.2: ")
    assert f"{line_of(place, SCAM, NEAR)} 的 “{NEAR}” 几乎一样（68%）" in found
    assert "nearly the same message" in found
    assert rulebook.load(place)


@pytest.mark.parametrize(
    ("face", "scam"),
    [
        ([LONG, NEAR], ["先交钱"]),  # paraphrases of one problem are what examples are for
        (["脸刷不了"], ["脸刷不过"]),
        (["查征信要钱吗"], ["企业查征信要钱吗"]),
    ],
)
def test_what_is_no_copy(tmp_path: Path, face: list[str], scam: list[str]) -> None:
    assert rulebook.problems(written(tmp_path, face, scam)) == []


@pytest.mark.parametrize(
    ("face", "scam"), [(["转人工", "转人工！"], ["先交钱"]), (["转 人工。"], ["转人工"]), ([f"{LONG}？"], [LONG])]
)
def test_the_same_message_but_for_punctuation(tmp_path: Path, face: list[str], scam: list[str]) -> None:
    (found,) = rulebook.problems(written(tmp_path, face, scam))
    assert "是同一句话 / the same message stands in categories/" in found


def test_an_equal_example_is_told_once(tmp_path: Path) -> None:
    (found,) = rulebook.problems(written(tmp_path, [LONG], [LONG]))
    assert "is taken: the same example" in found


@pytest.mark.parametrize(
    ("message", "said"),
    [
        (f"{LONG}？！", "dev.tsv:3 是同一句话 / the same message"),
        (NEAR, f"dev.tsv:3 的 “{NEAR}” 几乎一样（68%） / nearly the same message"),
    ],
)
def test_an_example_in_an_evaluation_file(tmp_path: Path, message: str, said: str) -> None:
    place = written(tmp_path, [LONG], ["先交钱"])
    file = evaluation(tmp_path, "lang\ttext", "zh\t完全是另外一回事", f"zh\t{message}")
    (found,) = rulebook.problems(place, [file])
    assert found.startswith(f"{place}/{line_of(place, FACE, LONG)}: examples.zh.1: “{LONG}” 和 {tmp_path}/{said}")


def test_every_evaluation_file_counts(tmp_path: Path) -> None:
    place = written(tmp_path, [LONG, "转人工"], ["先交钱"])
    files = evaluation(tmp_path, "text", LONG), evaluation(tmp_path / "other", "text", '"转人工')
    assert len(rulebook.problems(place, files)) == 2


def test_the_command_takes_evaluation_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    place = written(tmp_path, [LONG], ["先交钱"])
    file = evaluation(tmp_path, "text", "完全是另外一回事")
    cli_check(str(place), "--against", str(file), exits=0)
    assert "规则没有问题" in capsys.readouterr().out
    other = evaluation(tmp_path / "other", "text", LONG)
    cli_check(str(place), "--against", str(file), "--against", str(other), exits=1)
    assert f"{other}:2 是同一句话" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "dev.tsv cannot be read: No such file or directory; check the name"),
        (b"", "dev.tsv:1: there is no column `text`; name it in the header"),
        (b"message\tlang\nx\ten\n", "dev.tsv:1: there is no column `text`"),
        (b"lang\ttext\nen\tx\n\nen\n", "dev.tsv:4: there is no `text` in this row"),
        (b"text\n", "dev.tsv: there is no message in it"),
        (b"text\n\xff\xfe\n", "dev.tsv is not a tab-separated file in UTF-8"),
        (b"text\n" + b"x" * 200_000, "dev.tsv is not a tab-separated file"),
    ],
)
def test_a_file_that_cannot_be_used_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes | None, said: str
) -> None:
    file = tmp_path / "dev.tsv"
    if content is not None:
        file.write_bytes(content)
    cli_check(str(written(tmp_path, [LONG], ["先交钱"])), "--against", str(file), exits=2)
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert f"{tmp_path}/{said}" in err


def cli_check(*arguments: str, exits: int) -> None:
    with pytest.raises(SystemExit) as end:
        cli.main(["rules", "check", *arguments])
    assert end.value.code == exits
