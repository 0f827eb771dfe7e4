"""What pydantic found, said so that a support lead knows what to type instead."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

_SHAPES = {
    "tuple_type": "a list is expected; begin every item with `- `, or write [a, b]",
    "model_type": "keys with values are expected here, like `zh: ...`",
    "bool_parsing": "write true or false",
    "bool_type": "write true or false",
    "int_parsing": "a whole number is expected",
    "int_type": "a whole number is expected",
    "int_from_float": "a whole number is expected",
    "float_parsing": "a number is expected",
    "float_type": "a number is expected",
    "date_type": "a date is expected, like 2027-05-31",
    "date_parsing": "a date is expected, like 2027-05-31",
    "date_from_datetime_parsing": "a date is expected, like 2027-05-31",
    "date_from_datetime_inexact": "a date without a time is expected, like 2027-05-31",
    "string_too_short": "is empty; write a text, or remove the key",
}


def said_plainly(error: ValidationError, model: type[BaseModel], data: Any) -> Iterator[tuple[tuple[Any, ...], str]]:
    """(path into ``data``, sentence), once for each place.

    Of the branches of a union the one with most choices is told; a list is not called too short when its items are wrong.
    """
    best: dict[tuple[Any, ...], ErrorDetails] = {}
    for found in error.errors(include_url=False):
        at = _path(found, data)
        if at not in best or _choices(found) > _choices(best[at]):
            best[at] = found
    for at, found in best.items():
        if found["type"] != "too_short" or not any(other[: len(at)] == at != other for other in best):
            yield at, _sentence(found, at, model)


def _choices(found: ErrorDetails) -> int:
    return len(found["ctx"]["expected"]) if found["type"] == "literal_error" else 0


def _path(found: ErrorDetails, data: Any) -> tuple[Any, ...]:
    """``loc`` without the names of union branches that pydantic puts into it."""
    at: list[Any] = []
    for step in found["loc"]:
        inside = isinstance(data, Mapping) and step in data
        if not inside and not (isinstance(data, Sequence) and isinstance(step, int) and step < len(data)):
            return (*at, step) if found["type"] == "missing" else tuple(at)
        at.append(step)
        data = data[step]
    return tuple(at)


def _sentence(found: ErrorDetails, at: tuple[Any, ...], model: type[BaseModel]) -> str:
    kind, given, limits = found["type"], found["input"], found.get("ctx", {})
    if kind == "missing":
        return "is missing; add it"
    if kind == "extra_forbidden":
        return unknown_key(str(at[-1]), _fields(model, at[:-1]))
    if given is None:
        return "is empty; write a value, or remove the key"
    if kind == "string_type":
        return _no_text(given)
    if kind == "literal_error":
        return f"`{given}` is not known; write one of {limits['expected'].replace(' or ', ', ')}"
    if kind == "string_pattern_mismatch":
        return f"`{_short(given)}` does not have the right form ({limits['pattern']})"
    if kind in ("too_long", "too_short"):
        least, most = limits.get("min_length"), limits.get("max_length")
        count = limits["actual_length"]
        return f"{count} items are too many; at most {most}" if kind == "too_long" else f"at least {least} needed"
    if kind == "string_too_long":
        return f"{len(given)} characters are too many; at most {limits['max_length']}"
    if kind in _SHAPES:
        return _SHAPES[kind] if isinstance(given, str) and not given else f"{_SHAPES[kind]} (not `{_short(given)}`)"
    return f"{found['msg'][:1].lower()}{found['msg'][1:]} (not `{_short(given)}`)"


def _no_text(given: Any) -> str:
    if isinstance(given, bool):
        return "YAML reads an unquoted yes, no, on, off, true or false as a switch, not as text; put it in quotes"
    if isinstance(given, (int, float)):
        return f"YAML reads `{given}` as a number, not as text; put it in quotes"
    if isinstance(given, date):
        return f"YAML reads `{given}` as a date, not as text; put it in quotes"
    shape = "a list" if isinstance(given, list) else "keys with values"
    return (
        f"a text is expected, not {shape}; a text with `: ` in it, or one that begins with [ or {{, must be in quotes"
    )


def unknown_key(key: str, known: Sequence[str]) -> str:
    near = difflib.get_close_matches(key, known, 1)
    return f"unknown key; did you mean `{near[0]}`?" if near else f"unknown key; known here: {', '.join(known)}"


def _fields(model: Any, at: tuple[Any, ...]) -> list[str]:
    """The keys that the model at ``at`` below ``model`` knows."""
    for step in at:
        if isinstance(step, str):
            model = _model_in(model.model_fields[step].annotation)
    return list(model.model_fields)


def _model_in(annotation: Any) -> Any:
    """The model inside of ``tuple[Model, ...] | None`` and the like."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for inner in get_args(annotation) if (found := _model_in(inner)) is not None), None)


def _short(given: Any) -> str:
    text = str(given)
    return text if len(text) <= 40 else f"{text[:39]}…"
