"""``triagebot doctor``: is everything in place, and if not, what to do."""

from __future__ import annotations

import contextlib
import ipaddress
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date
from typing import Annotated

import typer

from triagebot import rulebook
from triagebot.cli import common
from triagebot.desk import reapply, schedules
from triagebot.desk.team import on_call
from triagebot.errors import StoreError, TriagebotError
from triagebot.opening import open_brain, utc_now
from triagebot.report.forms import FORMS
from triagebot.rulebook.calendar_ends import calendar_ends
from triagebot.settings import Settings, load_settings
from triagebot.store import engines, migrate
from triagebot.store.replica import open_replica
from triagebot.vision.watch import missing


@dataclass(frozen=True)
class Finding:
    """``state``: ok | warning | error."""

    what: str
    state: str
    detail: str


def doctor(json: Annotated[bool, typer.Option("--json", help="JSON")] = False) -> None:
    """检查设置、数据库、规则、模型、日历、渠道、网页接口。 / Check settings, database, rules, model, channels, web."""
    settings = common.settings()
    findings = [finding for look in CHECKS for finding in _safely(look, settings)]
    if json:
        common.print_json([asdict(f) for f in findings])
    else:
        for f in findings:
            print(f"{ {'ok': '✓', 'warning': '!', 'error': '✗'}[f.state] } {f.what}: {f.detail}")
    if any(f.state == "error" for f in findings):
        raise typer.Exit(1)


def _safely(look: Callable[[Settings], list[Finding]], settings: Settings) -> list[Finding]:
    try:
        return look(settings)
    except TriagebotError as error:
        return [Finding(look.__name__.strip("_"), "error", str(error))]


def _today(settings: Settings) -> date:
    return utc_now().astimezone(settings.zone).date()


def _rules(settings: Settings) -> list[Finding]:
    book = rulebook.load(settings.rules_dir)
    late = [Finding("rules", "warning", f"past review: {item}") for item in rulebook.overdue(book, _today(settings))]
    return [Finding("rules", "ok", f"{len(book.categories)} categories in {settings.rules_dir}"), *late]


def _calendars(settings: Settings) -> list[Finding]:
    found = []
    for end in calendar_ends(rulebook.load(settings.rules_dir), _today(settings)):
        if end.until is None:
            advice = f"say until when rules/calendars/{end.name}.yaml knows holidays: covers_until: YYYY-12-31"
            found.append(Finding("calendar", end.state, f"{end.name} lists holidays, but not until when; {advice}"))
            continue
        advice = "" if end.state == "ok" else f"; next: triagebot sla calendar import YEAR FILE --calendar {end.name}"
        found.append(Finding("calendar", end.state, f"{end.name} covers until {end.until}{advice}"))
    return found


def _database(settings: Settings) -> list[Finding]:
    current, head = migrate.current(settings.url), migrate.head()
    kind = settings.url.partition(":")[0]
    if current is None:
        return [
            Finding(
                "database", "warning", f"{kind}: empty; it is set up at the first start or by: triagebot db upgrade"
            )
        ]
    if current != head:
        return [
            Finding("database", "error", f"{kind}: at {current}, this program needs {head}; run: triagebot db upgrade")
        ]
    return [Finding("database", "ok", f"{kind}: at {current}"), *_promises(), *_on_call()]


def _replica(settings: Settings) -> list[Finding]:
    if not settings.report_database_url:
        return []
    with common.desk() as (store, _), contextlib.closing(open_replica(store, settings.report_database_url)) as replica:
        try:
            replica.catch_up()
        except StoreError as error:
            return [
                Finding(
                    "replica", "warning", f"{error}; until it is there, reports are read from TRIAGEBOT_DATABASE_URL"
                )
            ]
        return [Finding("replica", "ok", f"{engines.shown(replica.copy.url)}: reports are read there")]


def _promises() -> list[Finding]:
    with common.desk() as (store, office):
        missing = store.read_now(reapply.without_calendar, office)
    advice = "put rules/calendars/{}.yaml back, or promise anew: triagebot sla reapply"
    return [
        Finding("promises", "error", f"{count} open tickets count on the calendar {name}, which the rules no longer have, and "
                                     f"are timed round the clock meanwhile; {advice.format(name)}")
        for name, count in missing.items()
    ]  # fmt: skip


def _on_call() -> list[Finding]:
    with common.desk() as (store, office):
        missing = store.read_now(on_call.unreachable, office)
    advice = "correct rules/queues.yaml, or: triagebot agents add {} --telegram ID"
    return [
        Finding("on call", "warning", f"{queue}: {name} is on call but is no agent with a chat; {advice.format(name)}")
        for queue, name in missing
    ]


def _model(settings: Settings) -> list[Finding]:
    brain = open_brain(settings, rulebook.load(settings.rules_dir), common.note)
    return [Finding("model", "ok", f"ready, trained on {len(brain.model.examples.texts)} examples")]


def _telegram(settings: Settings) -> list[Finding]:
    from triagebot.channels.telegram import staff_room
    from triagebot.channels.telegram.settings import TelegramSettings

    found = load_settings(TelegramSettings)
    if not found.token:
        if settings.web_chat:
            return [
                Finding("telegram", "ok", "TRIAGEBOT_TELEGRAM_TOKEN is not set; people reach the bot on the web page")
            ]
        advice = "only triagebot chat works; set the token, or TRIAGEBOT_WEB_CHAT=on"
        return [
            Finding("telegram", "warning", f"neither TRIAGEBOT_TELEGRAM_TOKEN nor TRIAGEBOT_WEB_CHAT is set; {advice}")
        ]
    room = [Finding("telegram", "error", why) for why in staff_room.troubles(found)]
    way = "is asked for updates" if found.mode == "polling" else f"posts below {found.webhook_url}, with a secret"
    return [Finding("telegram", "ok", f"a token is set; Telegram {way}"), *room]


def _web(settings: Settings) -> list[Finding]:
    place = f"{settings.web_host}:{settings.web_port}"
    serves = "chat and desk" if settings.web_chat else "desk"
    if settings.embedding and not settings.web_url.startswith("https://"):
        advice = "browsers only keep a frame's cookie over https; set TRIAGEBOT_WEB_URL=https://…"
        return [Finding("web", "warning", f"TRIAGEBOT_WEB_EMBED is set without an encrypted address: {advice}")]
    if settings.web_chat and settings.web_url and not settings.web_proxies:
        advice = (
            "set TRIAGEBOT_WEB_PROXIES=1 if one proxy adds X-Forwarded-For; without it nobody is limited by address"
        )
        return [
            Finding("web", "warning", f"{serves} at {settings.web_url}, as if no proxy stood before {place}: {advice}")
        ]
    if _is_loopback(settings.web_host):
        return [Finding("web", "ok", f"{serves} at {place}, from this machine only")]
    advice = "let only your reverse proxy reach it, and have it keep /metrics, /healthz and /readyz to itself"
    return [Finding("web", "warning", f"{serves} at {place} can be reached from other machines; {advice}")]


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _reports(settings: Settings) -> list[Finding]:
    planned = schedules.parse(settings.reports, rulebook.load(settings.rules_dir).queues)
    if not planned:
        return [Finding("reports", "ok", "none are scheduled; see TRIAGEBOT_REPORTS")]
    lines = "; ".join(schedule.line for schedule in planned)
    if missing := sorted({package for form in FORMS.values() for package in form.missing}):
        return [Finding("reports", "warning", f"{lines}: only as text; {', '.join(missing)} missing, install "
                                              "it with: pip install 'triagebot[reports]'")]  # fmt: skip
    return [Finding("reports", "ok", lines)]


def _pictures(settings: Settings) -> list[Finding]:
    if not settings.pictures:
        return [Finding("pictures", "ok", "TRIAGEBOT_PICTURES is off; people are asked for the words on the screen")]
    if packages := missing():
        return [Finding("pictures", "warning", f"not looked at: {', '.join(packages)} missing; people are asked for the words "
                                               "on the screen; install with: pip install 'triagebot[ocr]'")]  # fmt: skip
    return [Finding("pictures", "ok", "looked at in memory, in a process of its own; nothing of them is stored")]


def _clock(settings: Settings) -> list[Finding]:
    return [Finding("clock", "ok", f"{utc_now().astimezone(settings.zone):%Y-%m-%d %H:%M} {settings.timezone}")]


CHECKS: tuple[Callable[[Settings], list[Finding]], ...] = (
    _clock,
    _rules,
    _calendars,
    _database,
    _replica,
    _model,
    _telegram,
    _web,
    _reports,
    _pictures,
)
