"""What the desk's pages say of times, names and clocks, in the reader's language."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from triagebot.desk import explain
from triagebot.desk.office import Office
from triagebot.locale import catalogue, say
from triagebot.sla.clocks import Clock
from triagebot.text import one_line, spoken_span, spoken_time

_MOST_CODE = 48


@dataclass(frozen=True)
class Words:
    """Handed to templates, which only ask."""

    office: Office
    lang: str
    now: datetime

    def category(self, name: str) -> str:
        return self.office.title(name, self.lang)

    def queue(self, name: str) -> str:
        return self.office.queue_title(name, self.lang) if name else say(self.lang, "web.queue.none")

    def platform(self, name: str) -> str:
        return self.office.platform_title(name, self.lang)

    def macro(self, name: str) -> str:
        """A canned answer's title; an id that left the rules stays readable as itself."""
        known = self.office.book.macros.get(name)
        return known.title.in_(self.lang) if known is not None else name

    def status(self, status: str, holder: str = "") -> str:
        return say(self.lang, f"status.{status}", agent=holder)

    def time(self, at: datetime) -> str:
        return spoken_time(at, self.now, self.office.zone, self.lang)

    def exact(self, at: datetime) -> str:
        return f"{at.astimezone(self.office.zone):%Y-%m-%d %H:%M:%S}"

    def left(self, due: datetime) -> str:
        """As static/desk.js goes on saying it."""
        seconds = (due - self.now).total_seconds()
        return say(self.lang, "web.left" if seconds >= 0 else "web.late", span=spoken_span(seconds, self.lang))

    def since(self, at: datetime) -> str:
        return spoken_span((self.now - at).total_seconds(), self.lang)

    def span(self, seconds: float) -> str:
        return spoken_span(seconds, self.lang)

    def why(self, clock: Clock) -> list[str]:
        """How the clock came to its due moment, line by line; its head is left out."""
        return explain.lines(self.office, clock, self.lang)[1:]

    def hint(self, kind: str, code: str) -> str:
        """Words for a code such as a reason or a button, "" when there are none."""
        return catalogue(self.lang).get(f"{kind}.{code[:_MOST_CODE]}", "")

    def brief(self, text: str, most: int = 80) -> str:
        return one_line(text, most)
