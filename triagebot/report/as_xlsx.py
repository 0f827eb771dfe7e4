"""The report as a workbook: figures as numbers that can be reckoned with, charts that can be edited.

What people typed (an agent's name) is written as text, never as a formula; control characters, which would make the file
unreadable, are left out.
"""

from __future__ import annotations

import io
import re
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from triagebot.locale import say
from triagebot.report import charts, tables, words
from triagebot.report.figures import Report, Week
from triagebot.report.headline import GROUPS, of_group
from triagebot.report.tables import Cell, Table

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff\ud800-\udfff]")
_FORMATS = {"share": "0.0%", "seconds": "[h]:mm:ss", "stars": "0.00", "count": "#,##0", "time": "yyyy-mm-dd hh:mm",
            "ticket": '"#"0'}  # fmt: skip
_DAY_S = 86400
_BLUE, _PALE, _TEAL = "#2362A2", "#A9C3DF", "#3F8F83"
_WIDTHS = {"text": 18, "time": 17, "seconds": 14}


def render(report: Report, lang: str) -> bytes:
    out = io.BytesIO()
    book = Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"title": f"{say(lang, 'report.title')} {words.span(report, lang)}"})
    sheets = _Sheets(book, report, lang)
    sheets.summary()
    for make in (tables.breaches, tables.queues, tables.agents, tables.categories):
        sheets.table(make(report, lang))
    sheets.course(tables.course(report, lang))
    sheets.heat()
    book.close()
    return out.getvalue()


def plain(text: str) -> str:
    return _CONTROL.sub("", text)


class _Sheets:
    def __init__(self, book: Workbook, report: Report, lang: str) -> None:
        self.book, self.report, self.lang = book, report, lang
        self.zone = ZoneInfo(report.zone)
        look = {"font_name": "Microsoft YaHei", "valign": "vcenter"}
        self.formats = {kind: book.add_format({**look, "num_format": shape}) for kind, shape in _FORMATS.items()}
        self.formats["text"] = book.add_format(look)
        self.title = book.add_format({**look, "bold": True, "font_size": 16})
        self.soft = book.add_format({**look, "font_color": "#5D6978"})
        self.head = book.add_format({**look, "bold": True, "bg_color": "#EDF0F4", "bottom": 1, "text_wrap": True})
        self.bold = book.add_format({**look, "bold": True, "top": 1})

    def _write(self, sheet: Worksheet, row: int, column: int, cell: Cell, kind: str) -> None:
        """Lengths become days, as spreadsheets count them; moments lose their zone, which spreadsheets do not know."""
        if cell is None:
            sheet.write_blank(row, column, None, self.formats["text"])
        elif isinstance(cell, str):
            sheet.write_string(row, column, plain(cell), self.formats["text"])
        elif isinstance(cell, datetime):
            local = cell.astimezone(self.zone).replace(tzinfo=None)
            sheet.write_datetime(row, column, local, self.formats["time"])
        else:
            sheet.write_number(row, column, cell / _DAY_S if kind == "seconds" else cell, self.formats[kind])

    def summary(self) -> None:
        report, lang = self.report, self.lang
        sheet = self.book.add_worksheet(say(lang, "report.summary"))
        sheet.set_column(0, 0, 34)
        sheet.set_column(1, 5, 15)
        sheet.write_string(0, 0, say(lang, "report.title"), self.title)
        compared = say(lang, "report.compared", length=words.length(report, lang))
        for row, line in enumerate((words.span(report, lang), f"{words.scope(report, lang)} · {compared}"), start=1):
            sheet.write_string(row, 0, plain(line), self.soft)
        heads = ("figure", "now", "of", "before", "change")
        for column, name in enumerate(heads):
            sheet.write_string(4, column, say(lang, f"column.{name}"), self.head)
        row, promised = 5, []
        for group in GROUPS:
            sheet.write_string(row, 0, say(lang, f"report.group_{group}"), self.bold)
            for found in of_group(report, group):
                row += 1
                item = found.item
                self._write(sheet, row, 0, say(lang, f"report.{item.key}"), "text")
                self._write(sheet, row, 1, found.now, item.kind)
                self._write(sheet, row, 2, words.fraction(found, report), "text")
                self._write(sheet, row, 3, found.before, item.kind)
                self._write(sheet, row, 4, words.change(found, lang), "text")
                if item.kind == "share" and group == "promises":
                    promised.append(row)
            row += 1
        sheet.write_string(row + 1, 0, say(lang, "report.foot"), self.soft)
        sheet.freeze_panes(5, 1)
        self._attainment(sheet, promised)

    def _attainment(self, sheet: Worksheet, rows: list[int]) -> None:
        chart: Any = self.book.add_chart({"type": "bar"})
        name = sheet.get_name()
        for column, key, colour in ((1, "legend_now", _BLUE), (3, "legend_before", _PALE)):
            chart.add_series({
                "name": say(self.lang, f"report.{key}"), "fill": {"color": colour},
                "categories": [name, rows[0], 0, rows[-1], 0], "values": [name, rows[0], column, rows[-1], column],
                "data_labels": {"value": True, "num_format": "0.0%"},
            })  # fmt: skip
        chart.set_title({"name": say(self.lang, "report.attainment"), "name_font": {"size": 12}})
        chart.set_x_axis({"min": 0, "max": 1, "num_format": "0%", "major_gridlines": {"visible": False}})
        chart.set_y_axis({"reverse": True})
        chart.set_legend({"position": "bottom"})
        chart.set_size({"width": 560, "height": 300})
        sheet.insert_chart(4, 6, chart)

    def table(self, table: Table) -> Worksheet:
        sheet = self.book.add_worksheet(table.title[:31])
        for column, what in enumerate(table.columns):
            sheet.write_string(0, column, what.title, self.head)
            sheet.set_column(column, column, _WIDTHS.get(what.kind, 12))
        for row, cells in enumerate(table.rows, start=1):
            for column, (cell, what) in enumerate(zip(cells, table.columns, strict=True)):
                self._write(sheet, row, column, cell, what.kind)
        sheet.freeze_panes(1, 0)
        if table.rows:
            sheet.autofilter(0, 0, len(table.rows), len(table.columns) - 1)
        return sheet

    def course(self, table: Table) -> None:
        sheet, name = self.table(table), table.title[:31]
        if not table.rows:
            return
        last = len(table.rows)
        chart: Any = self.book.add_chart({"type": "column"})
        line: Any = self.book.add_chart({"type": "line"})
        for target, column, colour in ((chart, 1, _BLUE), (chart, 3, _TEAL), (line, 4, "#B93A2B")):
            shape = "fill" if target is chart else "line"
            target.add_series({"name": [name, 0, column], "categories": [name, 1, 0, last, 0],
                               "values": [name, 1, column, last, column], shape: {"color": colour}})  # fmt: skip
        chart.combine(line)
        chart.set_title({"name": table.title, "name_font": {"size": 12}})
        chart.set_x_axis({"num_format": "m/d", "text_axis": True})
        chart.set_legend({"position": "bottom"})
        chart.set_size({"width": 720, "height": 340})
        sheet.insert_chart(1, 6, chart)

    def heat(self) -> None:
        """Arrivals above, breaches below, each shaded by its own most."""
        lang, now = self.lang, self.report.now
        sheet = self.book.add_worksheet(say(lang, "report.hours"))
        sheet.set_column(0, 0, 12)
        sheet.set_column(1, 24, 4.5)
        sheet.write_string(0, 0, f"{say(lang, 'report.arrivals')}  {charts.busiest(self.report, lang)}", self.title)
        self._week(sheet, 2, now.arrivals, _BLUE)
        sheet.write_string(12, 0, say(lang, "report.breach_hours"), self.title)
        self._week(sheet, 14, now.breach_hours, "#B93A2B")

    def _week(self, sheet: Worksheet, top: int, week: Week, colour: str) -> None:
        for hour in range(24):
            sheet.write_number(top, hour + 1, hour, self.head)
        for day, counts in enumerate(week):
            sheet.write_string(top + day + 1, 0, words.weekday(day, self.lang), self.formats["text"])
            for hour, count in enumerate(counts):
                sheet.write_number(top + day + 1, hour + 1, count, self.formats["count"])
        scale = {"type": "2_color_scale", "min_color": "#FFFFFF", "max_color": colour}
        sheet.conditional_format(top + 1, 1, top + 7, 24, scale)
