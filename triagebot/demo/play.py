"""From an empty database to a lived-in one: who comes when, and the week is played."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from random import Random

from sqlmodel import Session, SQLModel, select

from triagebot.app import App
from triagebot.demo import cast, staff
from triagebot.demo.incident import Supervisor
from triagebot.demo.mailbox import Mailbox
from triagebot.demo.people import Person
from triagebot.demo.week import Clock, Progress, Week
from triagebot.errors import UsageError
from triagebot.rulebook.schema import RuleBook

DAYS = 7


def refuse_unless_empty(session: Session) -> None:
    """UsageError when the database holds anything: made-up people must never stand beside real ones."""
    for table in SQLModel.metadata.sorted_tables:
        if session.connection().execute(select(*table.primary_key.columns).limit(1)).first() is not None:
            raise UsageError(
                f"the database holds rows already ({table.name}); the demo only fills an empty one: "
                "set TRIAGEBOT_DATABASE_URL to a new file, e.g. sqlite:///demo.db"
            )


async def play(
    app: App, mailbox: Mailbox, clock: Clock, until: datetime, seed: int, people: int, days: int, progress: Progress
) -> None:
    """``days`` that end at ``until``; the same for the same ``seed``, rules and moment. ``people``: how many come."""
    zone = app.office.zone
    begin = datetime.combine((until - timedelta(days=days)).astimezone(zone).date(), time(), zone)
    week = Week(app, mailbox, clock, Random(seed), begin, until)  # noqa: S311  (a story, no secret)
    clock.at = begin
    for colleague in cast.STAFF:
        number = await app.store.write(staff.hired, colleague, begin)
        if colleague.role == "agent":
            worker = staff.Worker(number, colleague)
            week.at(begin + timedelta(minutes=week.chance.uniform(0, 30)), worker.work)
        else:
            Supervisor(number, _trouble(week)).plan(week)
    crowd = min(cast.INCIDENT_PEOPLE, people // 4)
    for number, moment in enumerate(_arrivals(week, people - crowd), start=1):
        week.at(moment, _stranger(week, number, app.office.book).come)
    for number, moment in enumerate(_crowd(week, crowd), start=people - crowd + 1):
        words = week.chance.choice(cast.INCIDENT_WORDS)
        person = Person(number, week.chance.choice(cast.NAMES), "zh", words, stubborn=True)
        week.at(moment, person.come)
    await week.live(progress)


def _arrivals(week: Week, count: int) -> list[datetime]:
    """Moments of the week, as busy as its hours are."""
    hours, weights = [], []
    moment = week.begin
    while moment < week.end:
        here = moment.astimezone(week.app.office.zone)
        hours.append(moment)
        weights.append(cast.ARRIVALS[here.hour] * (cast.WEEKEND if here.weekday() >= 5 else 1.0))
        moment += timedelta(hours=1)
    chosen = week.chance.choices(hours, weights, k=count)
    return sorted(hour + timedelta(seconds=week.chance.uniform(0, 3600)) for hour in chosen)


def _crowd(week: Week, count: int) -> list[datetime]:
    """All within half an hour of the incident's beginning."""
    first = _trouble(week)
    return sorted(first + timedelta(minutes=week.chance.uniform(0, cast.INCIDENT_MINUTES)) for _ in range(count))


def _trouble(week: Week) -> datetime:
    """In the afternoon, three days before the end, or on the first day."""
    days = (week.end - week.begin).days - cast.INCIDENT_DAYS_AGO
    return week.begin + timedelta(days=max(0, days), hours=cast.INCIDENT_HOUR)


def _stranger(week: Week, number: int, book: RuleBook) -> Person:
    kind = week.chance.choices(list(cast.KINDS), list(cast.KINDS.values()))[0]
    lang = "en" if week.chance.random() < cast.ENGLISH else "zh"
    category = book.categories.get(kind)
    examples = (category.examples.en if lang == "en" else category.examples.zh) if category is not None else ()
    words = week.chance.choice(examples) if examples else kind
    return Person(number, week.chance.choice(cast.NAMES), lang, words)
