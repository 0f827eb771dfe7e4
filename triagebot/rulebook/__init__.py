"""rules/ on disk -> a typed, immutable RuleBook."""

from triagebot.rulebook.load import load, overdue, problems
from triagebot.rulebook.schema import RuleBook

__all__ = ["RuleBook", "load", "overdue", "problems"]
