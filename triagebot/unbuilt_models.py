"""Libraries that declare hundreds of pydantic models, imported without building a validator for each of them.

aiogram declares 600 and builds them while it is imported: three seconds of processor time and a hundred megabytes at every
start, for the handful that we use. pydantic can put that off until a model is used (``defer_build``), but only for who
writes the model; so it is asked for on the library's behalf, for as long as its import lasts (docs/decisions/0009).
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Any, cast

import structlog
from pydantic import BaseModel
from pydantic.errors import PydanticUserError

log = structlog.get_logger()

_build: Any = cast(Any, BaseModel.__dict__["model_rebuild"]).__func__


@dataclass
class Unbuilt:
    """Models of a library that are built when they are first used. ``names``: what their annotations may name."""

    library: str
    names: dict[str, Any] = field(default_factory=dict)
    _wanted: list[tuple[type[BaseModel], dict[str, Any]]] = field(default_factory=list)

    def build_now(self, models: Collection[type[BaseModel]]) -> None:
        """Build these. If that fails, in a version of the library that goes another way, all are built as if we had not
        interfered: slow, and right."""
        try:
            for model in models:
                model.model_rebuild()
        except (PydanticUserError, NameError) as error:
            log.warning("models.not_deferred", library=self.library, reason=str(error)[:200])
            for model, how in self._wanted:
                _build(model, **how)
            for model in models:
                model.model_rebuild()

    def _later(self, model: type[BaseModel], **how: Any) -> bool | None:
        """Stands in for ``BaseModel.model_rebuild`` during the import. A model that is used meanwhile asks for it without
        wanting to hear of errors (pydantic's own way), and is built."""
        if how.get("raise_errors") is False or not self._has(model):
            return cast("bool | None", _build(model, **{**how, "_parent_namespace_depth": 4}))
        self.names.update(how.get("_types_namespace") or {})
        self._wanted.append((model, how))
        return None

    def _with_names(self, model: type[BaseModel], **how: Any) -> bool | None:
        """Stands in for it in the library's models, and in those made of them, from then on."""
        return cast("bool | None", _build(model, **{"_types_namespace": self.names, **how}))

    def _has(self, model: type[BaseModel]) -> bool:
        return model.__module__.partition(".")[0] == self.library


@contextlib.contextmanager
def models_of(library: str) -> Iterator[Unbuilt]:
    """The block imports ``library``. Where something else has done so before, nothing is put off."""
    unbuilt = Unbuilt(library)
    if library in sys.modules:
        yield unbuilt
        return
    BaseModel.model_rebuild = classmethod(lambda model, **how: unbuilt._later(model, **how))  # type: ignore[method-assign, assignment]
    BaseModel.model_config["defer_build"] = True
    try:
        yield unbuilt
    finally:
        BaseModel.model_rebuild = classmethod(_build)  # type: ignore[method-assign, assignment]
        del BaseModel.model_config["defer_build"]
    for base in filter(unbuilt._has, BaseModel.__subclasses__()):
        base.model_rebuild = classmethod(lambda model, **how: unbuilt._with_names(model, **how))  # type: ignore[method-assign, assignment]
