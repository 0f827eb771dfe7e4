"""Every error that the package raises on purpose; the command line turns each into one line and an exit code.

Exit codes (see docs/operating.md): 1 the answer is "no", 2 wrong usage or bad input, 3 a needed part is missing.
"""

from __future__ import annotations


class TriagebotError(Exception):
    """Base of all: ``str(error)`` is one line that says what is wrong, where, and what to do."""

    exit_code = 2


class UsageError(TriagebotError):
    """The caller asked for something that does not exist or makes no sense."""


class SettingsError(TriagebotError):
    """A setting is missing or malformed."""


class RulesError(TriagebotError):
    """A rule pack is broken. ``problems`` holds every finding, each as ``file:line: message``.

    ``listed_by``: the command that shows them all, "" when there is none.
    """

    def __init__(self, problems: list[str], listed_by: str = "triagebot rules check") -> None:
        self.problems = problems
        see = f"; see: {listed_by}" if listed_by else ""
        more = f" (and {len(problems) - 1} more{see})" if len(problems) > 1 else ""
        super().__init__(f"{problems[0] if problems else 'the rules are broken'}{more}")


class SlaError(TriagebotError):
    """A policy, a calendar or an event list cannot be used."""


class StoreError(TriagebotError):
    """The database cannot be reached or used."""

    exit_code = 3


class StoreUnavailable(StoreError):
    """Trouble that may pass by itself: a lock, a full disk, a server that restarts. A service tries again."""


class ConflictError(TriagebotError):
    """What was decided on has changed in the meantime; read again and decide again."""


class ClaimLost(ConflictError):
    """Another process has the work that this one had taken up, or has done it: nothing may be written about it here."""


class DeskError(TriagebotError):
    """An agent's command cannot be carried out; the text tells the agent why."""


class DeniedError(DeskError):
    """The person may not do that."""

    exit_code = 1


class ModelError(TriagebotError):
    """The classifier cannot be trained or loaded."""

    exit_code = 3


class MissingPartError(TriagebotError):
    """An optional package that this needs is not installed; the text names the extra."""

    exit_code = 3


class ChannelError(TriagebotError):
    """A chat network refuses to work with us at all (wrong token, second poller)."""

    exit_code = 3


class ListenError(TriagebotError):
    """The web server cannot listen where it was told to."""

    exit_code = 3


class RequestRefused(TriagebotError):
    """A page's request is not carried out. ``status``: as HTTP counts; ``key``: of the words, in the catalogues;
    ``after_s``: wall seconds after which it may be tried again."""

    def __init__(self, status: int, key: str, after_s: float = 0.0) -> None:
        self.status = status
        self.key = key
        self.after_s = after_s
        super().__init__(key)


class PictureRefused(TriagebotError):
    """A picture that its network keeps will not be looked at. ``why``: gone, bytes, pdf ... (vision.refusals)."""

    def __init__(self, why: str) -> None:
        self.why = why
        super().__init__(f"the picture cannot be had from the network: {why}")


class DeliveryError(TriagebotError):
    """One message could not be delivered.

    ``permanent``: trying again cannot help (blocked, chat gone, malformed).
    ``retry_after_s``: wall seconds the network asked us to wait, if it did.
    ``everywhere``: the wait concerns all chats of this bot, not only this one.
    """

    exit_code = 3

    def __init__(
        self, reason: str, *, permanent: bool, retry_after_s: float | None = None, everywhere: bool = False
    ) -> None:
        self.permanent = permanent
        self.retry_after_s = retry_after_s
        self.everywhere = everywhere
        super().__init__(reason)
