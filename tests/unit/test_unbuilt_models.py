import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from triagebot.unbuilt_models import models_of

_MODELS = """
from __future__ import annotations
from pydantic import BaseModel

class Part(BaseModel):
    of: Whole | None = None

class Whole(BaseModel):
    parts: list[Part] = []
    size: Size

class Ready(BaseModel):
    number: int

{build}
"""
_BUILD = """
class Size(BaseModel):
    cm: int
for model in (Part, Whole):
    model.model_rebuild(_types_namespace={"Part": Part, "Whole": Whole, "Size": Size})
del Size
"""


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A package whose models name one that only the library's own rebuilding knows."""
    folder = tmp_path / "declares_much"
    folder.mkdir()
    (folder / "__init__.py").write_text(_MODELS.format(build=_BUILD))
    monkeypatch.syspath_prepend(tmp_path)
    yield folder
    sys.modules.pop("declares_much", None)


def test_models_are_built_when_they_are_used(library: Path) -> None:
    with models_of("declares_much") as unbuilt:
        import declares_much  # type: ignore[import-not-found]
    assert not declares_much.Whole.__pydantic_complete__
    assert declares_much.Whole.model_validate({"parts": [{}], "size": {"cm": 3}}).size.cm == 3
    assert unbuilt.names["Part"] is declares_much.Part


def test_a_model_made_of_the_librarys_knows_its_names(library: Path) -> None:
    with models_of("declares_much"):
        import declares_much

    class Ours(declares_much.Whole):  # type: ignore[misc, name-defined]
        name: str

    assert Ours(name="x", size={"cm": 1}, parts=[{"of": {"size": {"cm": 2}}}]).parts[0].of.size.cm == 2


def test_pydantic_is_as_before_afterwards(library: Path) -> None:
    from pydantic import BaseModel

    with models_of("declares_much"):
        import declares_much  # noqa: F401

    class Own(BaseModel):
        number: int

    assert Own.__pydantic_complete__
    assert Own.model_rebuild(force=True) is True
    assert "defer_build" not in BaseModel.model_config


def test_what_cannot_be_put_off_is_built_at_once(library: Path) -> None:
    with models_of("declares_much") as unbuilt:
        import declares_much
    unbuilt.names.clear()
    with capture_logs() as logs:
        unbuilt.build_now([declares_much.Whole])
    assert [line["event"] for line in logs] == ["models.not_deferred"]
    assert declares_much.Whole.__pydantic_complete__
    assert declares_much.Part.__pydantic_complete__


def test_a_model_that_the_library_itself_cannot_build_is_told(library: Path) -> None:
    (library / "__init__.py").write_text(_MODELS.format(build=""))
    with models_of("declares_much") as unbuilt:
        import declares_much
    with pytest.raises(Exception, match="Size"):
        unbuilt.build_now([declares_much.Whole])


def test_a_model_that_is_used_during_the_import_is_built(library: Path) -> None:
    file = library / "__init__.py"
    file.write_text(file.read_text() + "\nready = Ready(number=3)\n")
    with models_of("declares_much"):
        import declares_much
    assert declares_much.ready.number == 3
    assert not declares_much.Whole.__pydantic_complete__


def test_a_library_that_is_there_already_is_left_alone(library: Path) -> None:
    import declares_much

    with models_of("declares_much") as unbuilt:
        import declares_much
    unbuilt.build_now([declares_much.Ready])
    assert declares_much.Whole.__pydantic_complete__
    assert not unbuilt.names


_TELEGRAM = """
import triagebot.channels.telegram.api as api
from aiogram.types import Message, Update
from aiogram.methods import Response, SendPhoto
assert not Message.__pydantic_complete__, "aiogram's types were built"
assert api.SendText.__pydantic_complete__
chat, user = {"id": 1, "type": "private"}, {"id": 1, "is_bot": False, "first_name": "x"}
message = {"message_id": 1, "date": 1, "chat": chat, "from": user, "text": "x"}
update = Update.model_validate({"update_id": 1, "message": {**message, "reply_to_message": message}})
assert update.message.reply_to_message.from_user.id == 1
assert Response[Message].model_validate({"ok": True, "result": message}).result.chat.id == 1
assert SendPhoto(chat_id=1, photo="x").model_dump()["photo"] == "x"
"""


def test_aiogram_builds_only_what_is_used_and_all_of_it_works() -> None:
    """In a process of its own: here, another test may have imported aiogram before."""
    done = subprocess.run([sys.executable, "-c", _TELEGRAM], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
