"""Templates and the files that pages load: everything is shipped with us, nothing comes from elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache, partial
from hashlib import sha256
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from triagebot.locale import map_language, say
from triagebot.report.as_html import STYLE
from triagebot.web.site import HEADERS

_HERE = Path(__file__).parent
_TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".txt": "text/plain"}
_FILES = {file.name: file for file in sorted([*(_HERE / "static").iterdir(), STYLE]) if file.suffix in _TYPES}
_FOR_EVER = "public, max-age=31536000, immutable"


@cache
def _templates() -> Environment:
    """Every value is escaped; a name that a page was not given is an error, not an empty place."""
    made = Environment(
        loader=FileSystemLoader(_HERE / "templates"), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    made.globals["static"] = static
    return made


def rendered(template: str, lang: str, **values: Any) -> str:
    """``say`` and ``lang`` are there on every page."""
    return _templates().get_template(template).render(say=partial(say, lang), lang=lang, **values)


def page(
    template: str, lang: str, *, status: int = 200, headers: Mapping[str, str] | None = None, **values: Any
) -> Response:
    return HTMLResponse(rendered(template, lang, **values), status, {**HEADERS, **(headers or {})})


@cache
def _content(name: str) -> tuple[bytes, str]:
    data = _FILES[name].read_bytes()
    return data, sha256(data).hexdigest()[:12]


def static(name: str) -> str:
    """The address of a shipped file; it changes with its content, so that browsers may keep it for ever."""
    return f"/static/{_content(name)[1]}/{name}"


def files() -> Mapping[str, Callable[[Request], Any]]:
    """Path -> endpoint for each shipped file: there is no way to name another one."""

    def endpoint(name: str) -> Callable[[Request], Any]:
        async def give(request: Request) -> Response:
            headers = {"cache-control": _FOR_EVER, "x-content-type-options": "nosniff"}
            return Response(_content(name)[0], media_type=_TYPES[Path(name).suffix], headers=headers)

        return give

    return {static(name): endpoint(name) for name in _FILES}


def language_of(request: Request) -> str:
    """What a browser asks for first, for people of whom we know nothing yet."""
    first = request.headers.get("accept-language", "").split(",")[0].partition(";")[0].strip()
    return map_language(first) or "zh"
