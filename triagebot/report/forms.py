"""The forms in which a report can be had: one table of what each is called, needs and is made by."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from importlib import import_module
from importlib.util import find_spec
from zoneinfo import ZoneInfo

from triagebot.errors import MissingPartError
from triagebot.report.figures import Report


@dataclass(frozen=True)
class Form:
    """``module`` has ``render(report, lang) -> bytes``; ``needs``: packages of the extra ``reports``."""

    name: str
    ending: str
    module: str
    needs: tuple[str, ...] = ()
    binary: bool = False

    @property
    def missing(self) -> list[str]:
        return [package for package in self.needs if find_spec(package) is None]


FORMS: dict[str, Form] = {
    form.name: form
    for form in (
        Form("text", "txt", "as_text"),
        Form("json", "json", "as_json"),
        Form("html", "html", "as_html", needs=("jinja2",)),
        Form("png", "png", "as_png", needs=("matplotlib",), binary=True),
        Form("xlsx", "xlsx", "as_xlsx", needs=("xlsxwriter",), binary=True),
    )
}


def check(name: str) -> Form:
    """MissingPartError when what this form needs is not installed: to be asked before anything takes time."""
    form = FORMS[name]
    if form.missing:
        raise MissingPartError(
            f"{name} 报告需要 {', '.join(form.missing)}。 / A {name} report needs {', '.join(form.missing)}; "
            "install it with: pip install 'triagebot[reports]'"
        )
    return form


def render(report: Report, name: str, lang: str) -> bytes:
    """The report in one form. Heavy packages are only loaded here. MissingPartError as ``check``."""
    module = import_module(f"triagebot.report.{check(name).module}")
    made: bytes = module.render(report, lang)
    return made


def file_name(report: Report, name: str) -> str:
    """``triagebot_2026-11-16_2026-11-22.xlsx``: first and last day in the office's zone."""
    zone, period = ZoneInfo(report.zone), report.now.period
    days = (f"{at.astimezone(zone):%Y-%m-%d}" for at in (period.since, period.until - timedelta(microseconds=1)))
    return f"triagebot_{'_'.join(dict.fromkeys(days))}.{FORMS[name].ending}"
