"""A rulebook of five categories, small enough to read and to train in a fraction of a second."""

from __future__ import annotations

from functools import cache
from typing import Any

from triagebot.rulebook.schema import Category, Escalation, Pattern, Phrases, Platform, RuleBook, Signature, Thresholds
from triagebot.rulebook.sla_rules import SlaRules
from triagebot.rulebook.words import Words
from triagebot.triage.brain import Brain
from triagebot.triage.model import train

_EXAMPLES: dict[str, tuple[list[str], list[str]]] = {
    "verification.face": (
        [
            "刷脸老是不过",
            "人脸识别失败",
            "扫脸提示光线太暗",
            "眨眼张嘴都做了还是识别不到",
            "活体检测没通过",
            "说我不是本人",
            "摄像头打开了脸对不上",
            "戴眼镜刷脸可以吗总失败",
        ],
        ["face check keeps failing", "liveness test fails", "it says the face does not match", "selfie step rejected"],
    ),
    "verification.sms_code": (
        [
            "收不到验证码",
            "短信验证码一直不来",
            "动态码提示过期",
            "验证码输进去说错误",
            "等了半天没有短信",
            "验证码发到老号码了",
            "点获取验证码没反应",
            "短信收不到",
        ],
        ["no sms code arrives", "the code says expired", "verification code never comes", "text message not received"],
    ),
    "report.dispute": (
        [
            "报告里的逾期是错的",
            "地址写错了怎么改",
            "我要提异议",
            "信息有误要更正",
            "银行报错了数据",
            "异议怎么申请",
            "单位名称不对",
            "明明没逾期却写逾期",
        ],
        ["how to file a dispute", "wrong information on my report", "the address is wrong", "correct an error please"],
    ),
    "security.scam": (
        [
            "有人说交钱能修复征信",
            "对方让我共享屏幕",
            "收到短信让点链接注销账户",
            "骗子要我转账",
            "自称客服要验证码",
            "中介收费洗白征信",
            "钱已经转过去了",
            "被骗了怎么办",
        ],
        [
            "someone asks money to repair my credit",
            "a caller wants my code",
            "I was scammed",
            "they told me to share my screen",
        ],
    ),
    "other.out_of_scope": (
        [
            "今天天气怎么样",
            "帮我写作文",
            "股票推荐一下",
            "晚上吃什么",
            "讲个笑话",
            "你是谁",
            "谢谢",
            "信用卡积分怎么换",
        ],
        ["what is the weather", "tell me a joke", "write a poem", "who are you"],
    ),
}
_PATTERNS: dict[str, list[dict[str, Any]]] = {
    "verification.face": [{"id": "face.word", "re": "刷脸|人脸|扫脸|liveness|face"}],
    "verification.sms_code": [
        {"id": "sms.word", "re": "验证码|短信|动态码|sms"},
        {"id": "sms.not_face", "re": "相机权限", "weight": "against"},
    ],
    "report.dispute": [{"id": "dispute.word", "re": "异议|更正|dispute"}],
    "security.scam": [
        {"id": "scam.alarm", "re": "(交钱|收费|转账).{0,8}(修复|洗白|征信)|共享屏幕|被骗|scam", "weight": "alarm"},
        {"id": "scam.asked", "re": "(要|骗)我?.{0,2}验证码"},
    ],
    "other.out_of_scope": [],
}
_PLATFORMS = {
    "wechat": (["微信", "wechat"], ["小程序"]),
    "alipay": (["支付宝", "alipay"], []),
    "pboc_web": (["人行官网", "征信中心网站"], ["官网"]),
    "bank_app": (["手机银行"], []),
    "unknown": ([], []),
}


def words(text: str) -> Words:
    return Words(zh=text, en=text)


def thresholds(**changed: Any) -> Thresholds:
    values: dict[str, Any] = {
        "answer_at": 0.6,
        "ask_mass": 0.9,
        "ask_most": 3,
        "unclear_below": 0.3,
        "p1_mass": 0.5,
        "strong_weight": 2.0,
        "weak_weight": 0.7,
        "against_weight": 1.5,
        "signature_weight": 3.0,
    }
    return Thresholds(**{**values, **changed})


def category(name: str) -> Category:
    zh, en = _EXAMPLES[name]
    urgent = name == "security.scam"
    route = "security" if urgent else "hotline" if name == "report.dispute" else "self_service"
    return Category.model_validate(
        {
            "id": name,
            "title": words(name),
            "definition": name,
            "boundary": name,
            "priority": "P1" if urgent else "P2" if name == "report.dispute" else "P3",
            "route": route,
            "queue": "customer_service" if route == "self_service" else route,
            "patterns": [Pattern(**p) for p in _PATTERNS[name]],
            "signatures": _signatures(name),
            "escalate_now": _escalations(name),
            "examples": {"zh": zh, "en": en},
            "tests": [{"text": zh[0], "category": name}],
        }
    )


def _signatures(name: str) -> list[Signature]:
    if name != "verification.face":
        return []
    return [Signature(text="疑似非真人录制，请重试", code="FACE-1004", platform="wechat", source=("TEST",))]


def _escalations(name: str) -> list[Escalation]:
    if name == "verification.face":
        return [
            Escalation(
                id="face.coached", when="有人(教|指导)我刷", queue="security", priority="P1", category="security.scam"
            )
        ]
    if name == "verification.sms_code":
        return [Escalation(id="sms.deadline", when="今天(就)?要(签|用)", queue="hotline", priority="P2", anywhere=True)]
    return []


@cache
def book(**changed: Any) -> RuleBook:
    """``changed``: thresholds that differ from the usual ones."""
    return RuleBook(
        categories={name: category(name) for name in _EXAMPLES},
        platforms={
            name: Platform.model_validate({"id": name, "title": words(name), "aliases": strong, "weak_aliases": weak})
            for name, (strong, weak) in _PLATFORMS.items()
        },
        queues={},
        contacts={},
        slots={},
        sla=SlaRules(version=1, policies=()),
        thresholds=thresholds(**changed),
        phrases=Phrases(
            solved=("好了",),
            not_solved=("还不行",),
            skip=("跳过",),
            human=("转人工|人工客服|真人|活人", r"(talk|speak) to (a )?(human|person)|human please"),
            human_not=("人工智能|不(要|用)(转)?人工",),
            also=("[,; ](还有|另外)",),
            correction=("^(不对|搞错了)[, ]*(是)?", "我说的是", "[,; ]+不是[^,。.!?;]{1,8}$"),
            greeting=("你好", "hello"),
            who=("你是真人吗",),
            filler=("急", "在吗", "快点", "???"),
        ),
        calendars={},
        menu=(),
        digest="test " + repr(sorted(changed.items())),
    )


@cache
def brain(**changed: Any) -> Brain:
    rules = book(**changed)
    return Brain(rules, train(rules))
