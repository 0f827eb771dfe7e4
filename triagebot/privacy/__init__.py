"""Privacy at the door: personal data is replaced by placeholders before anything is stored, logged or classified."""

from __future__ import annotations

from triagebot.privacy.kinds import PLACEHOLDER, Kind, hidden_kinds_in_words
from triagebot.privacy.redaction import Redacted, redact, redact_name, redact_structure

__all__ = ["PLACEHOLDER", "Kind", "Redacted", "hidden_kinds_in_words", "redact", "redact_name", "redact_structure"]
