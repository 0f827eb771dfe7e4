"""/healthz and /readyz: alive whatever happens, ready only when work can be done."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlmodel import Session

from tests.conftest import FakeClock
from tests.site import Site, update
from triagebot.store.store import Store


@pytest.fixture
def site(store: Store, clock: FakeClock) -> Site:
    return Site(store, clock)


def _ready(site: Site) -> tuple[int, object]:
    answer = site.ask("GET", "/readyz")
    return answer.status_code, answer.json()


def test_ready_when_the_database_answers_and_is_as_the_program_needs_it(site: Site) -> None:
    assert _ready(site) == (200, {"ready": True, "missing": []})
    assert site.ask("HEAD", "/readyz").status_code == 200


def test_not_ready_when_told_to_stop_but_alive(site: Site) -> None:
    site.stopping.set()
    assert _ready(site) == (503, {"ready": False, "missing": ["stopping"]})
    assert site.ask("GET", "/healthz").text == "ok\n"


def test_not_ready_to_answer_before_the_model_is_there_but_what_comes_is_taken_in(site: Site) -> None:
    site.learning = True
    assert _ready(site) == (503, {"ready": False, "missing": ["model"]})
    assert site.post(update()).status_code == 200
    site.learning = False
    assert _ready(site) == (200, {"ready": True, "missing": []})


def test_not_ready_on_a_database_of_another_version(site: Site) -> None:
    def older(session: Session) -> None:
        session.connection().execute(text("UPDATE alembic_version SET version_num = '0001'"))

    site.store.write_now(older)
    assert _ready(site) == (503, {"ready": False, "missing": ["migrations"]})


def test_not_ready_without_the_database_but_alive(site: Site) -> None:
    site.store.close()
    assert _ready(site) == (503, {"ready": False, "missing": ["database"]})
    assert site.ask("GET", "/healthz").status_code == 200


def test_not_ready_on_a_server_that_is_not_there(clock: FakeClock) -> None:
    store = Store.open("postgresql://nobody@127.0.0.1:1/nothing")
    assert _ready(Site(store, clock)) == (503, {"ready": False, "missing": ["database"]})
    store.close()
