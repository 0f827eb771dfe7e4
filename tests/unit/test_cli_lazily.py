"""Starting must stay quick: what a command does not need is not imported for it."""

import subprocess
import sys

import pytest

from triagebot.cli.lazily import COMMANDS, imported

HEAVY = {"aiogram", "alembic", "apscheduler", "fastapi", "numpy", "sklearn", "sqlalchemy", "sqlmodel"}
DESK = ("agents", "db", "dead_letters", "incidents", "queue", "sla_explain")


def heavy_after(code: str) -> set[str]:
    told = f"{code}\nimport sys; print('loaded', *{HEAVY} & sys.modules.keys())"
    done = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True)
    return set(done.stdout.rsplit("loaded", 1)[1].split())


def test_help_imports_no_command() -> None:
    assert not heavy_after(
        "import triagebot.cli\ntry: triagebot.cli.main(['--help'])\nexcept SystemExit as end: assert not end.code"
    )


def test_a_word_that_is_no_command_imports_no_command() -> None:
    assert not heavy_after(
        "import triagebot.cli\ntry: triagebot.cli.main(['ru'])\nexcept SystemExit as end: assert end.code"
    )


def test_the_desk_needs_the_database_and_nothing_of_the_service() -> None:
    imports = "\n".join(f"import triagebot.cli.{name}" for name in DESK)
    assert heavy_after(imports) <= {"sqlalchemy", "sqlmodel"}


@pytest.mark.parametrize("name", COMMANDS)
def test_what_the_list_says_of_a_command_is_the_first_line_of_its_own_help(name: str) -> None:
    command = imported(name)
    assert command.name == name
    assert command.help.splitlines()[0].strip() == COMMANDS[name].help
