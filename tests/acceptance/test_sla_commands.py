"""``triagebot sla …`` as an operator meets it: importing a year of holidays, comparing, explaining."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.acceptance.service import environment, rules_folder, triagebot

LIST = "2027-01-01..2027-01-03 元旦\n2027-02-07 春节 上班\n"


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    """A folder of rules of its own, so that it may be written to."""
    env = environment(tmp_path, tmp_path / "none")
    shutil.copytree(rules_folder(), tmp_path / "rules")
    return {**env, "TRIAGEBOT_RULES_DIR": str(tmp_path / "rules")}


def test_a_year_is_compared_imported_and_then_equal(env: dict[str, str], tmp_path: Path) -> None:
    file = tmp_path / "list.txt"
    file.write_text(LIST, encoding="utf-8")
    different = triagebot(env, "sla", "calendar", "import", "2027", str(file), "--check")
    assert different.returncode == 1
    assert "holidays: 2027-01-02 元旦 is missing in the calendar" in different.stdout
    assert triagebot(env, "sla", "calendar", "import", "2027", str(file)).returncode == 0
    assert triagebot(env, "sla", "calendar", "import", "2027", str(file), "--check").returncode == 0
    assert triagebot(env, "rules", "check").returncode == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("2027", "no-such-file"), "cannot be read"),
        (("2028", "list.txt"), "no holiday of 2028"),
        (("2027", "list.txt", "--calendar", "mars"), "there is no calendar 'mars'"),
    ],
)
def test_what_cannot_be_imported_is_one_clear_line(
    env: dict[str, str], tmp_path: Path, arguments: tuple[str, ...], said: str
) -> None:
    (tmp_path / "list.txt").write_text(LIST, encoding="utf-8")
    given = [str(tmp_path / word) if word == "list.txt" else word for word in arguments]
    done = triagebot(env, "sla", "calendar", "import", *given)
    assert done.returncode == 2
    assert said in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_ticket_that_does_not_exist_has_no_clocks_to_explain(env: dict[str, str]) -> None:
    assert triagebot(env, "db", "upgrade").returncode == 0
    done = triagebot(env, "sla", "explain", "99")
    assert done.returncode == 2
    assert "#99" in done.stderr
