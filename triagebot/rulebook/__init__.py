"""rules/ on disk -> a typed, immutable RuleBook."""

from triagebot.rulebook.load import load, load_with_sla, overdue, problems
from triagebot.rulebook.schema import RuleBook

__all__ = ["RuleBook", "load", "load_with_sla", "overdue", "problems"]
