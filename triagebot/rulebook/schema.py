"""The shape of a rule pack: what each YAML file in rules/ may say. Frozen pydantic models; unknown keys are errors."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from triagebot.rulebook.clock_rules import ClockRules
from triagebot.rulebook.incident_rules import IncidentRules
from triagebot.rulebook.inquiry_rules import InquiryRules
from triagebot.rulebook.sla_rules import SlaRules
from triagebot.rulebook.watch_rules import WatchRules
from triagebot.rulebook.words import Ident, PlatformId, Priority, QueueId, Route, Span, Strict, Text, Told, Words


class Pattern(Strict):
    """An RE2 expression searched in the normalised, lower-cased, simplified text (triage.normalise).

    ``strong`` is nearly enough alone, ``weak`` adds some weight, ``against`` speaks against the category,
    ``alarm`` (P1 categories only) escalates wherever it hits: it is written for recall.
    ``negatable``: "不是…的问题" right before the hit turns it round.
    """

    id: Ident
    re: Text
    weight: Literal["strong", "weak", "against", "alarm"] = "strong"
    negatable: bool = True


class Signature(Strict):
    """Wording that a platform shows; found as a substring once spaces and punctuation are removed on both sides."""

    text: Text
    code: str = ""
    platform: PlatformId = "unknown"
    weight: Literal["strong", "weak"] = "strong"
    source: tuple[str, ...] = Field(min_length=1)


class Step(Words):
    """One thing to do. ``about``: what several steps of the category come down to (light); of those a person hears one.
    ``when``: an RE2 expression on normalised text for what a person or a screen says where just this step is what helps."""

    about: Ident | None = None
    when: Text | None = None


class Fix(Strict):
    """One round of self-help for a platform: at most four steps, said as a good agent would say them."""

    platform: PlatformId = "unknown"
    intro: Words | None = None
    steps: tuple[Step, ...] = Field(min_length=1, max_length=4)
    source: tuple[str, ...] = Field(min_length=1)
    review_by: date | None = None


class Question(Strict):
    """Something worth knowing before a person takes over. Never anything under never_ask in docs/privacy.md."""

    id: Ident
    zh: Text
    en: Text


class Escalation(Strict):
    """When this category's message also says ``when``, people take over at once, possibly elsewhere.

    ``category``, when given, is what it then is (e.g. security.scam); its safety advice is given first.
    ``anywhere``: also when another category is on top.
    """

    id: Ident
    when: Text
    queue: QueueId
    priority: Priority
    category: Ident | None = None
    anywhere: bool = False


class AskAgain(Strict):
    """The bot's own clock: comes back to the person after ``after`` (wall time) with these words."""

    after: Span
    zh: Text
    en: Text
    source: tuple[str, ...] = ()


class Examples(Strict):
    """What people really type: the training set. Never taken from an evaluation file."""

    zh: tuple[Text, ...] = Field(min_length=1)
    en: tuple[Text, ...] = Field(min_length=1)


class InlineTest(Strict):
    """What must hold for ``text``; only the keys given are compared with the verdict."""

    text: Text
    category: Ident | None = None
    top3: Ident | None = None
    decision: Literal["answer", "ask", "unclear", "escalate"] | None = None
    platform: PlatformId | None = None
    priority: Priority | None = None
    queue: QueueId | Literal[""] | None = None
    human_requested: bool | None = None


class Category(Strict):
    """Everything that one kind of problem needs. File: rules/categories/<id>.yaml."""

    id: Ident
    title: Words
    menu: Words | None = None
    definition: Text
    boundary: Text
    neighbours: tuple[Ident, ...] = ()
    priority: Priority
    route: Route
    queue: QueueId
    ask_platform: bool = False
    on_the_way: bool = False
    """A step on the way to one's own report: whoever is stuck at one and then at the next tells one story."""
    slots: tuple[Ident, ...] = ()
    questions: tuple[Question, ...] = ()
    patterns: tuple[Pattern, ...] = ()
    signatures: tuple[Signature, ...] = ()
    fixes: tuple[Fix, ...] = ()
    safety: tuple[Words, ...] = Field(default=(), max_length=4)
    ready: tuple[Words, ...] = Field(default=(), max_length=4)
    """What to have at hand for this problem; empty: what the queue says (Queue.ready)."""
    escalate_now: tuple[Escalation, ...] = ()
    followup: AskAgain | None = None
    light_check: bool = False
    """Whether the bot offers to measure the light on the person's face, under its advice."""
    on_record: Told | None = None
    """The answer to "will this hurt my credit?" where this problem leaves nothing bad on the report; else leave it out."""
    examples: Examples
    tests: tuple[InlineTest, ...] = Field(min_length=1)

    def rounds(self, platform: str) -> tuple[Fix, ...]:
        """Fixes in the order in which they are offered on ``platform``: its own first, then the general ones."""
        own = tuple(f for f in self.fixes if f.platform == platform and platform != "unknown")
        return own + tuple(f for f in self.fixes if f.platform == "unknown")


class Fact(Told):
    """Something true about a platform."""

    id: Ident


class Platform(Strict):
    id: PlatformId
    title: Words
    aliases: tuple[Text, ...] = ()
    weak_aliases: tuple[Text, ...] = ()
    facts: tuple[Fact, ...] = ()


class Contact(Strict):
    """The only addresses that the bot may name as official."""

    id: Ident
    value: Text
    zh: Text
    en: Text
    source: tuple[str, ...] = Field(min_length=1)
    review_by: date | None = None


class OnCall(Strict):
    """Who is called about a P1 of a queue that nobody has acknowledged: these people one after the other, or whoever is
    available. ``every``: wall time that each has; ``rounds``: how often it goes round before supervisors are called."""

    chain: Literal["available"] | tuple[Text, ...] = Field(min_length=1)
    every: Span = "5m"
    rounds: int = Field(default=3, ge=1, le=20)


class Queue(Strict):
    """``most_each``: open tickets up to which the desk gives a person more of this queue by itself."""

    id: QueueId
    title: Words
    calendar: Ident | Literal["24x7", "cn-business"]
    contacts: tuple[Ident, ...] = ()
    ready: tuple[Words, ...] = Field(default=(), max_length=4)
    """What the person should have at hand when somebody answers or when calling."""
    most_each: int = Field(default=8, ge=1, le=1000)
    on_call: OnCall | None = None


class Corrected(Strict):
    """A message whose category a person gave: the user who pressed a button, or the agent who corrected a ticket."""

    text: Text
    lang: Literal["zh", "en"]
    category: Ident
    by: Literal["user", "agent"]


class Corrections(Strict):
    """Reviewed corrections: further examples. File: rules/corrections.yaml, which may be missing."""

    corrections: tuple[Corrected, ...] = ()


class Thresholds(Strict):
    """rules/triage.yaml: when to answer, ask, or admit not to know. See docs/decisions on how they were chosen."""

    answer_at: float = Field(gt=0, lt=1)
    ask_mass: float = Field(gt=0, le=1)
    ask_most: int = Field(ge=2, le=4)
    unclear_below: float = Field(ge=0, lt=1)
    p1_mass: float = Field(gt=0, lt=1)
    strong_weight: float = Field(ge=0, le=20)
    weak_weight: float = Field(ge=0, le=20)
    against_weight: float = Field(ge=0, le=20)
    signature_weight: float = Field(ge=0, le=20)


class Title(Strict):
    """What a screen of this platform may have for its title, and nothing else in it."""

    platform: PlatformId
    words: tuple[Text, ...] = Field(min_length=1)


class Screens(Strict):
    """rules/screens.yaml, which may be missing: what stands on screens beside the message that matters.

    ``chrome``: whole pieces that are never the problem (buttons, tabs, labels). ``standing``: RE2 expressions of sentences
    that stand there always (notices, agreements). ``telling``: RE2 expressions by which a line says what went wrong.
    ``weight``: of a signature on a screen, as Thresholds.signature_weight in chat. ``errors``: share of its characters that may
    have been misread. ``around``: how much the rest of a screen counts beside its telling lines.
    """

    weight: float = Field(default=6.0, ge=0, le=20)
    errors: float = Field(default=0.17, ge=0, lt=0.5)
    around: float = Field(default=0.3, ge=0, le=1)
    chrome: tuple[Text, ...] = ()
    standing: tuple[Text, ...] = ()
    telling: tuple[Text, ...] = ()
    titles: tuple[Title, ...] = ()


class Phrases(Strict):
    """rules/phrases.yaml: whole messages that mean a button, and words that ask for a person."""

    solved: tuple[Text, ...]
    not_solved: tuple[Text, ...]
    skip: tuple[Text, ...]
    human: tuple[Text, ...]
    """RE2 expressions: the person wants to talk to a human being."""
    human_not: tuple[Text, ...]
    """RE2 expressions that look like it but are not."""
    correction: tuple[Text, ...] = ()
    """RE2 expressions: what was understood so far is wrong, and the message says what is right."""
    also: tuple[Text, ...] = ()
    """RE2 expressions that stand between two problems in one message."""
    greeting: tuple[Text, ...]
    who: tuple[Text, ...]
    """Whole messages that ask whether a person or a machine is answering: they get an honest answer."""
    what_now: tuple[Text, ...] = ()
    """Whole messages that ask what to do while people have the ticket (那我现在怎么办): they get something to do."""
    give_up: tuple[Text, ...] = ()
    """RE2 expressions for whole messages, as the next four: the person lets it be (算了不弄了)."""
    tried: tuple[Text, ...] = ()
    """All that was said has been tried: straight to what was not said yet."""
    how_long: tuple[Text, ...] = ()
    """When will a person answer? What is promised, or that nobody was asked yet."""
    still_waiting: tuple[Text, ...] = ()
    """As how_long, but only while people have the ticket: to the bot it may be about the report (还要等多久)."""
    worried: tuple[Text, ...] = ()
    """Will this show on the report? About the problem at hand, if there is one."""
    filler: tuple[Text, ...]
    """Whole messages without content of their own (急, 在吗, ???): they never change what the problem is."""


SourceId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*$", max_length=40)]


class Source(Strict):
    """rules/sources.yaml: where we know something from; ``source: [...]`` everywhere else names these ids.

    ``based_on``: an id that stands for a figure (a clock set by law or by a platform) names the sources it was read in.
    """

    id: SourceId
    kind: Literal["primary", "official", "vendor", "press", "observed", "community", "own"]
    title: Text
    urls: tuple[Annotated[str, StringConstraints(pattern=r"^https?://[^\s]+$", max_length=300)], ...] = ()
    note: str = ""
    based_on: tuple[SourceId, ...] = ()


class Menu(Strict):
    """rules/menu.yaml: topics offered as buttons when nothing was understood."""

    menu: tuple[Ident, ...] = Field(min_length=1, max_length=8)


MacroId = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=24)]
"""Short enough to stand in a button together with a ticket's number."""


class Macro(Strict):
    """rules/macros.yaml: an answer that agents give often. ``text`` may hold variables (rulebook.canned.VARIABLES).

    ``categories``, ``queues``: where it is offered; both empty: everywhere.
    """

    id: MacroId
    title: Words
    text: Words
    categories: tuple[Ident, ...] = ()
    queues: tuple[QueueId, ...] = ()


class RuleBook(Strict):
    """All of rules/, validated against itself. ``digest`` changes with every byte that matters to the classifier."""

    categories: dict[str, Category]
    platforms: dict[str, Platform]
    queues: dict[str, Queue]
    contacts: dict[str, Contact]
    slots: dict[str, Question]
    sla: SlaRules
    incidents: IncidentRules = IncidentRules()
    clocks: ClockRules = ClockRules()
    watch: WatchRules = WatchRules()
    inquiry: InquiryRules | None = None
    thresholds: Thresholds
    phrases: Phrases
    screens: Screens = Screens()
    calendars: dict[str, dict[str, object]]
    menu: tuple[Ident, ...]
    sources: dict[str, Source] = Field(default_factory=dict)
    macros: dict[str, Macro] = Field(default_factory=dict)
    digest: str
