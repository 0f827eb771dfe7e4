"""Migrations: all or nothing, once, from anywhere, and never backwards; checks of the schema and of foreign keys."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa

from triagebot.errors import StoreError
from triagebot.store import engines, integrity, migrate

ROOT = Path(__file__).resolve().parents[2]
_DIES = """
import os, signal, sys
from sqlalchemy import Engine, event
from triagebot.store import migrate

@event.listens_for(Engine, "before_cursor_execute")
def die(connection, cursor, statement, *rest):
    if " ".join(statement.split()).startswith(sys.argv[2]):
        os.kill(os.getpid(), signal.SIGKILL)

migrate.upgrade(sys.argv[1])
"""
_RACES = """
import sys
from triagebot.store import migrate
import alembic.command
print("ready", flush=True)
sys.stdin.readline()
migrate.upgrade(sys.argv[1])
"""


def python(code: str, *arguments: str, cwd: Path) -> subprocess.Popen[str]:
    """A process that is not in the project's folder, as one that runs from a wheel."""
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    pipe = subprocess.PIPE
    return subprocess.Popen(
        [sys.executable, "-c", code, *arguments], cwd=cwd, env=env, stdin=pipe, stdout=pipe, stderr=pipe, text=True
    )


def tables(url: str) -> list[str]:
    engine = sa.create_engine(engines.parse(url))
    found = sa.inspect(engine).get_table_names()
    engine.dispose()
    return found


def execute(url: str, *statements: str) -> None:
    engine = sa.create_engine(engines.parse(url))
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(sa.text(statement))
    engine.dispose()


def test_the_schema_is_what_the_code_expects(database_url: str) -> None:
    assert migrate.current(database_url) == migrate.head()
    assert integrity.check(database_url) == []


def test_revisions_by_file_name_are_those_that_alembic_sees() -> None:
    from alembic.script import ScriptDirectory

    scripts = ScriptDirectory(str(ROOT / "alembic"))
    assert scripts.get_heads() == [migrate.head()]
    assert [script.revision for script in scripts.walk_revisions()][::-1] == migrate.revisions()


def test_what_can_be_undone_is_undone_and_done_again(empty_url: str) -> None:
    from alembic.config import Config

    from alembic import command

    migrate.upgrade(empty_url)
    config = Config()
    config.set_main_option("script_location", str(ROOT / "alembic"))
    config.attributes["url"] = empty_url
    command.downgrade(config, "base")
    assert tables(empty_url) == ["alembic_version"]
    migrate.upgrade(empty_url)
    assert integrity.check(empty_url) == []


@pytest.mark.parametrize("statement", ["CREATE TABLE ticket", "INSERT INTO alembic_version"])
def test_killed_midway_it_is_as_it_was(empty_url: str, tmp_path: Path, statement: str) -> None:
    process = python(_DIES, empty_url, statement, cwd=tmp_path)
    _, error = process.communicate(timeout=60)
    assert process.returncode == -9, error
    assert migrate.current(empty_url) is None
    assert tables(empty_url) == []
    migrate.upgrade(empty_url)
    assert integrity.check(empty_url) == []


def test_processes_that_upgrade_at_once_do_not_disturb_each_other(empty_url: str, tmp_path: Path) -> None:
    processes = [python(_RACES, empty_url, cwd=tmp_path) for _ in range(3)]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    ends = []
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    for process in processes:
        _, error = process.communicate(timeout=60)
        ends.append((process.returncode, error))
    assert ends == [(0, "")] * 3
    assert integrity.check(empty_url) == []


def test_the_embedded_database_is_upgraded_by_itself_a_server_is_not(empty_url: str) -> None:
    if empty_url.startswith("sqlite"):
        migrate.prepare(empty_url)
        assert migrate.current(empty_url) == migrate.head()
        return
    with pytest.raises(StoreError, match="is empty; run: triagebot db upgrade"):
        migrate.prepare(empty_url)
    assert tables(empty_url) == []
    migrate.upgrade(empty_url)
    migrate.prepare(empty_url)


def test_a_newer_database_is_left_alone(database_url: str) -> None:
    execute(database_url, "UPDATE alembic_version SET version_num = '9999'")
    for step in (migrate.prepare, migrate.upgrade):
        with pytest.raises(StoreError, match=r"newer triagebot .version 9999.*update triagebot, nothing was changed"):
            step(database_url)
    assert migrate.current(database_url) == "9999"


def test_a_database_of_another_program_is_left_alone(empty_url: str) -> None:
    execute(empty_url, "CREATE TABLE event (x INTEGER)")
    with pytest.raises(StoreError, match="tables of another program"):
        migrate.upgrade(empty_url)
    assert tables(empty_url) == ["event"]


def test_a_schema_that_differs_is_found(database_url: str) -> None:
    execute(database_url, "DROP INDEX ix_ticket_due", "ALTER TABLE ticket ADD COLUMN extra TEXT")
    problems = integrity.check(database_url)
    assert len(problems) == 2
    assert any("ix_ticket_due" in problem for problem in problems)
    assert any("extra" in problem for problem in problems)


def test_rows_that_point_nowhere_are_found(sqlite_url: str) -> None:
    with closing(sqlite3.connect(sqlite_url.removeprefix("sqlite:///"))) as connection, connection:
        connection.execute("INSERT INTO notice (ticket_id, clock, step, at) VALUES (99, 'c', 's', '2026-01-01')")
    assert integrity.check(sqlite_url) == ["foreign key: notice row 1 points to a missing ticket"]


def test_a_database_at_another_version_is_a_problem(empty_url: str) -> None:
    assert integrity.check(empty_url) == [
        f"the database is at version none, this program needs {migrate.head()}: run triagebot db upgrade"
    ]


def test_looking_at_the_version_needs_no_alembic(database_url: str, tmp_path: Path) -> None:
    code = (
        "import sys; from triagebot.store import migrate; migrate.prepare(sys.argv[1]); print('alembic' in sys.modules)"
    )
    process = python(code, database_url, cwd=tmp_path)
    assert process.communicate(timeout=60)[0] == "False\n"


def test_developers_use_alembic_from_the_project_folder(sqlite_url: str) -> None:
    call = [sys.executable, "-m", "alembic", "-x", f"url={sqlite_url}", "check"]
    done = subprocess.run(call, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (0, "No new upgrade operations detected.\n"), done.stderr
