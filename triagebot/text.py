"""Small pure things about text and about saying times, shared by every room."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

_HOURS_ARE_DAYS = 48
"""Up to here people say hours: 24 小时, not 1 天."""
_WEEKDAYS_ZH = "一二三四五六日"


def clip(text: str, most: int) -> str:
    """At most ``most`` characters; what is cut ends in an ellipsis."""
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def one_line(text: str, most: int = 80) -> str:
    """``text`` on one line, for lists and cards."""
    return clip(" ".join(text.split()), most)


def spoken_time(at: datetime, now: datetime, zone: ZoneInfo, lang: str) -> str:
    """A moment as a person would say it, in the reader's zone: 今天 16:40 / 明天上午 10:00 / 11月30日（周一）09:30."""
    local, today = at.astimezone(zone), now.astimezone(zone).date()
    days = (local.date() - today).days
    clock = f"{local:%H:%M}"
    if lang == "en":
        if days in (0, 1, -1):
            return f"{ {0: 'today', 1: 'tomorrow', -1: 'yesterday'}[days] } {clock}"
        return f"{local:%a %d %b} {clock}"
    if days == 0:
        return f"今天 {clock}"
    if days == 1:
        return f"明天{_part_of_day(local)} {clock}"
    if days == -1:
        return f"昨天 {clock}"
    return f"{local.month}月{local.day}日（周{_WEEKDAYS_ZH[local.weekday()]}）{clock}"


def spoken_date(day: date, lang: str) -> str:
    """11月5日 / 5 Nov: a day not long ago."""
    return f"{day:%d %b}".lstrip("0") if lang == "en" else f"{day.month}月{day.day}日"


def spoken_day(at: datetime, zone: ZoneInfo, lang: str) -> str:
    """A day that may be far off, with its year, in the reader's zone: 2027年2月23日（周二）/ Tue 23 Feb 2027."""
    local = at.astimezone(zone)
    if lang == "en":
        return f"{local:%a} {local.day} {local:%b %Y}"
    return f"{local.year}年{local.month}月{local.day}日（周{_WEEKDAYS_ZH[local.weekday()]}）"


def _part_of_day(local: datetime) -> str:
    if local.hour < 6:
        return "凌晨"
    if local.hour < 12:
        return "上午"
    return "下午" if local.hour < 18 else "晚上"


def spoken_span(seconds: float, lang: str) -> str:
    """A length of time in at most two units: 1 小时 20 分钟 / 1 h 20 min; seconds under a minute, days from two on."""
    total = int(abs(seconds))
    minutes, s = divmod(total, 60)
    hours, m = divmod(minutes, 60)
    days, h = divmod(hours, 24) if hours >= _HOURS_ARE_DAYS else (0, hours)
    units = ("天", "小时", "分钟", "秒") if lang != "en" else ("d", "h", "min", "s")
    if days:
        parts = [(days, 0), (h, 1)]
    elif hours:
        parts = [(h, 1), (m, 2)]
    elif minutes:
        parts = [(m, 2)]
    else:
        parts = [(s, 3)]
    kept = [f"{n} {units[u]}" for n, u in parts if n] or [f"0 {units[parts[-1][1]]}"]
    return " ".join(kept)


_SPAN_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def span(text: str) -> timedelta:
    """A wall-time span from the rules (``30m``, ``24h``, ``7d``); the shape was checked by rulebook.words."""
    return timedelta(seconds=int(text[:-1]) * _SPAN_UNITS[text[-1]])
