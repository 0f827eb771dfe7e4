"""A rule pack in which people are promised an answer within seconds, round the clock."""

from __future__ import annotations

import shutil
from pathlib import Path

import yaml

from tests.acceptance.service import rules_folder


def quick_rules(folder: Path, target_s: int, *, breach_only: bool = False) -> Path:
    """A copy of the rules under test in ``folder``; a first answer is promised within ``target_s``. ``breach_only``: after a
    broken promise was told, nothing more is done."""
    rules = folder / "rules"
    shutil.copytree(rules_folder(), rules)
    queues = yaml.safe_load((rules / "queues.yaml").read_text(encoding="utf-8"))
    for queue in queues["queues"]:
        queue["calendar"] = "24x7"
    (rules / "queues.yaml").write_text(yaml.safe_dump(queues, allow_unicode=True), encoding="utf-8")
    sla = yaml.safe_load((rules / "sla.yaml").read_text(encoding="utf-8"))
    for policy in sla["policies"]:
        policy |= {"first_response": f"{target_s}s", "next_response": "1h", "resolution": "8h"}
    if breach_only:
        sla["steps"] = [{"at": 1.0, "do": ["notify_supervisor"]}]
    (rules / "sla.yaml").write_text(yaml.safe_dump(sla, allow_unicode=True), encoding="utf-8")
    return rules
