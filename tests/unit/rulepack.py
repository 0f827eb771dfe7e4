"""A rule pack of five categories, small enough to read, valid as it stands: tests break one thing in it at a time."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

Files = dict[str, Any]
"""Path below the rules folder -> data to be dumped as YAML, or text or bytes to be written as they are."""


class _Plain(yaml.SafeDumper):
    """Writes what stands twice twice: anchors are refused."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def words(zh: str, en: str) -> dict[str, str]:
    return {"zh": zh, "en": en}


def category(name: str, **changes: Any) -> dict[str, Any]:
    """A self-service category that passes every check; the texts carry its name, so that nothing stands twice."""
    bare = name.replace(".", " ")
    return {
        "id": name,
        "title": words(f"关于{bare}", f"About {bare}"),
        "definition": f"What {bare} is.",
        "boundary": f"Where {bare} ends.",
        "priority": "P3",
        "route": "self_service",
        "queue": "customer_service",
        "patterns": [{"id": f"{name}.word", "re": bare}],
        "fixes": [
            {"source": ["SEED"], "steps": [words("先试这个。", "Try this first.")]},
            {"source": ["SEED"], "steps": [words("再试那个。", "Then try that.")]},
        ],
        "examples": {"zh": [f"{bare}不行"], "en": [f"{bare} fails"]},
        "tests": [{"text": f"{bare}又不行", "category": name}],
        **changes,
    }


def files() -> Files:
    """Every file of the pack, fresh each time."""
    names = ("other.out_of_scope", "service.human", "ticket.status", "verification.face")
    danger = category(
        "security.scam",
        priority="P1",
        route="security",
        queue="security",
        safety=[words("先停下，别转账。", "Stop; send no money.")],
        patterns=[{"id": "scam.pay", "re": "先交钱", "weight": "alarm"}],
    )
    queues = ("customer_service", "hotline", "security")
    platforms = ("wechat", "alipay", "pboc_web", "unionpay", "bank_app", "counter", "unknown")
    return {
        **{f"categories/{name}.yaml": category(name) for name in names},
        "categories/security.scam.yaml": danger,
        "platforms.yaml": {"platforms": [{"id": p, "title": words(p, p), "aliases": [f"my{p}"]} for p in platforms]},
        "queues.yaml": {"queues": [{"id": q, "title": words(q, q), "calendar": "24x7"} for q in queues]},
        "contacts.yaml": {
            "contacts": [{"id": "hotline", "value": "400-810-8866", **words("热线", "hotline"), "source": ["SEED"]}]
        },
        "slots.yaml": {"slots": [{"id": "platform", **words("在哪里查的？", "Where was it?")}]},
        "sources.yaml": {"sources": [{"id": "SEED", "kind": "community", "title": "an article"}]},
        "sla.yaml": {
            "version": 1,
            "policies": [
                {"queue": q, "priority": f"P{n}", "first_response": "2h"} for q in queues for n in (1, 2, 3, 4)
            ],
        },
        "triage.yaml": {
            "answer_at": 0.6,
            "ask_mass": 0.9,
            "ask_most": 3,
            "unclear_below": 0.2,
            "p1_mass": 0.3,
            "strong_weight": 2.0,
            "weak_weight": 0.7,
            "against_weight": 2.0,
            "signature_weight": 4.0,
        },
        "phrases.yaml": {
            "solved": ["好了"],
            "not_solved": ["还不行"],
            "skip": ["跳过"],
            "human": ["转人工"],
            "human_not": ["人工智能"],
            "greeting": ["你好"],
            "who": ["你是真人吗"],
            "filler": ["急"],
        },
        "menu.yaml": {"menu": ["verification.face", "security.scam"]},
        "calendars/24x7.yaml": {
            "id": "24x7",
            "timezone": "Asia/Shanghai",
            "week": {day: ["00:00-24:00"] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")},
        },
    }


def write(folder: Path, pack: Files) -> Path:
    """Write the pack below ``folder`` and return where it is; None as content leaves the file out."""
    place = folder / "rules"
    for name, content in pack.items():
        if content is None:
            continue
        path = place / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, str):
            content = content.encode()
        if not isinstance(content, bytes):
            content = yaml.dump(content, Dumper=_Plain, allow_unicode=True).encode()
        path.write_bytes(content)
    return place
