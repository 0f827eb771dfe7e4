"""Who appears in the made-up week, and what is likely. All of it is invented; no figure is a measurement."""

from __future__ import annotations

from dataclasses import dataclass

ARRIVALS = (1, 1, 0, 0, 0, 1, 2, 4, 9, 14, 15, 12, 8, 10, 14, 13, 12, 10, 8, 9, 11, 9, 6, 3)
"""People an hour of a weekday, from midnight on, relative to each other."""
WEEKEND = 0.6
"""As a share of a weekday."""

KINDS = {
    "verification.face": 20, "report.missing": 12, "verification.sms_code": 9, "report.explain": 8,
    "verification.bank_card": 7, "account.login": 7, "verification.identity": 6, "report.dispute": 6, "report.download": 6,
    "access.howto": 5, "report.stale": 4, "platform.technical": 5, "billing.quota": 3, "billing.payment": 3,
    "anomaly.unauthorized_inquiry": 4, "security.scam": 2, "anomaly.identity_theft": 1, "privacy.consent": 2,
    "access.overseas": 2, "verification.certificate": 1, "access.enterprise": 1, "service.human": 3,
}  # fmt: skip
"""What people come with, relative to each other."""

ENGLISH = 0.05
"""Share of people who write English."""
SOLVED = 0.46
"""Share of the bot's fixes that help, each time it offers one."""
SILENT = 0.12
"""Share of people who say nothing more after a fix."""
STRAIGHT_TO_PEOPLE = 0.08
"""Share of people who press 转人工 instead of trying."""

NAMES = (
    "小周", "阿明", "Lily", "王女士", "清风", "大鹏", "Echo", "陈先生", "橙子", "老吴", "木子", "小雨", "Kevin",
    "林夕", "阿华", "星星", "刘姐", "海阔天空", "小北", "Amy", "张大力", "安然", "七七", "老孟", "可乐", "Joy",
    "小满", "梁工", "南风", "许愿", "阿珍", "Tom",
)  # fmt: skip

ANSWERS = {
    "zh": ("晚上，家里的灯不太亮", "昨天下午开始的", "用的微信", "就是页面上红字提示失败", "试了三四次了", "安卓手机"),
    "en": (
        "in the evening, with little light",
        "since yesterday afternoon",
        "in WeChat",
        "it just says failed",
        "four times",
    ),
}
"""What people say to the bot's questions after the hand-over."""
THANKS = {
    "zh": ("好的，我试试", "可以了，谢谢", "明白了", "那我等您消息"),
    "en": ("ok, I will try", "that worked, thanks", "I see"),
}
COMPLAINTS = {"zh": ("等太久了", "还是没弄好", "答非所问"), "en": ("it took too long", "it still does not work")}


@dataclass(frozen=True)
class Colleague:
    """``hours``: first and last of the working day (Shanghai); ``weekend``: works then too; ``pace_min``: minutes that an
    answer takes; ``away``: days of the week (0: the first) on which they are ill."""

    name: str
    role: str
    queues: tuple[str, ...]
    hours: tuple[int, int]
    weekend: bool
    pace_min: float
    away: tuple[int, ...] = ()


STAFF = (
    Colleague("小李", "agent", ("customer_service",), (9, 18), False, 15),
    Colleague("小王", "agent", ("customer_service",), (9, 18), False, 21, away=(3,)),
    Colleague("小陈", "agent", ("customer_service", "hotline"), (9, 18), True, 22),
    Colleague("老赵", "agent", ("hotline",), (9, 18), False, 30),
    Colleague("安安", "agent", ("security",), (0, 14), True, 11),
    Colleague("阿德", "agent", ("security",), (12, 24), True, 14),
    Colleague("周主管", "supervisor", (), (9, 18), False, 40),
)

INCIDENT_DAYS_AGO, INCIDENT_HOUR, INCIDENT_PEOPLE = 3, 14.1, 34
"""From about 14:05 on that day face checks in WeChat fail for many."""
INCIDENT_MINUTES, INCIDENT_LASTS_MIN = 30, 130
INCIDENT_CATEGORY = "verification.face"
INCIDENT_TITLE = "微信人脸核验多人失败"
INCIDENT_WORDS = (
    "微信里刷脸一直提示系统繁忙", "微信刷脸全都失败了，刚才还好好的", "刷脸过不去，光线很好，换了三个地方都不行",
    "微信人脸识别今天是不是坏了", "微信查征信人脸核验失败，一直转圈", "刷脸总是失败，同事的手机也一样",
    "微信小程序刷脸提示稍后再试", "人脸识别老是不过，微信的",
)  # fmt: skip
INCIDENT_STATUS = "微信那边确认有故障，正在修，预计今天下午恢复。"
INCIDENT_OVER = "微信人脸核验已恢复，请再试一次。"
