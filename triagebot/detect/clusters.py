"""Messages that fit nothing known, gathered by how they are worded: which group grows, and what its people say.

Time and memory are bounded: so many groups, so many messages of each; the group of which the least is left makes room.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from triagebot.detect.sayings import Rising, Saying
from triagebot.detect.usual import LONGEST_S, Usual
from triagebot.detect.wording import SIZE, Pointing, Wording, shared_words

MOST_GROUPS = 512
_MOST_KEPT = 300
"""Messages of one group; a day in which more came needs no more to be seen."""
_ALIKE = 0.2
"""Cosine from which a message belongs to a group."""
_ONE = 0.3
"""Cosine from which two groups are one."""
_SMALL_TALK = 0.5
"""Cosine from which a message is like one of the small talk."""
_WINDOWS_S = (2 * 3600.0, LONGEST_S)
"""A crowd shows in the first, a trickle in the second."""
_MONTH_S = 30 * 86400.0
_EXAMPLES = 3
_COMPARED = 40
"""Messages of a group that are looked at, the last ones, to tell what they have in common."""


@dataclass
class Group:
    """Messages that are alike, those of a day, oldest first. ``usual``: how often people say it when nothing is the matter."""

    usual: Usual
    sayings: deque[Saying] = field(default_factory=deque)


class Groups:
    """``known``: normalised messages of the service, by which its everyday words are known; ``small_talk``: those that are
    never a trouble; ``false_alarms``: in 30 days. Sayings must come in roughly the order of their times."""

    def __init__(
        self, known: Iterable[str] = (), small_talk: Iterable[str] = (), *, least_people: int = 5,
        false_alarms: float = 1.0,
    ) -> None:  # fmt: skip
        self._wording = Wording(known)
        rows = [self._wording.point(text).row() for text in small_talk]
        self._small_talk = np.array(rows, dtype=np.float32).reshape(-1, SIZE).T.copy()
        self._least = least_people
        self._share = false_alarms / (len(_WINDOWS_S) * MOST_GROUPS)
        self._groups: list[Group] = []
        self._centres = np.zeros((SIZE, MOST_GROUPS), dtype=np.float32)
        self._lengths = np.ones(MOST_GROUPS, dtype=np.float32)
        self._all: Usual | None = None

    def see(self, saying: Saying) -> Rising | None:
        """Gather it; returns its group when that has more people than usual now, again with each that joins it."""
        pointing = self._wording.point(saying.text)
        self._wording.count(saying.text)
        if not pointing.values.any() or self._is_small_talk(pointing):
            return None
        self._all = self._all or Usual(saying.at)
        self._all.add(saying.at)
        group = self._groups[self._join(pointing, saying.at)]
        group.usual.add(saying.at)
        group.sayings.append(saying)
        while group.sayings[0].at <= saying.at - LONGEST_S or len(group.sayings) > _MOST_KEPT:
            group.sayings.popleft()
        looked = (self._rising(group, saying.at, self._all, window) for window in _WINDOWS_S)
        return next(filter(None, looked), None)

    def gathered(self) -> Sequence[Group]:
        """All groups that are remembered."""
        return self._groups

    def _is_small_talk(self, pointing: Pointing) -> bool:
        if not self._small_talk.shape[1]:
            return False
        return float((pointing.values @ self._small_talk[pointing.places]).max()) >= _SMALL_TALK

    def _join(self, pointing: Pointing, now: float) -> int:
        """The group whose centre the message is nearest to, or a new one; two that have become one are joined."""
        likeness = pointing.values @ self._centres[pointing.places] / self._lengths
        number = int(np.argmax(likeness))
        if likeness[number] < _ALIKE:
            number = self._room(now)
        self._centres[pointing.places, number] += pointing.values
        self._measure(number)
        size = len(self._groups[number].sayings) + 1
        if size > 1 and size & (size - 1) == 0:  # doubled
            self._take_in_its_like(number)
        return number

    def _room(self, now: float) -> int:
        """An empty group: a new one, or that of which the least is left."""
        if len(self._groups) < MOST_GROUPS:
            self._groups.append(Group(Usual(self._since(now))))
            return len(self._groups) - 1
        number = int(np.argmin([group.usual.left(now) for group in self._groups]))
        self._empty(number, now)
        return number

    def _empty(self, number: int, now: float) -> None:
        self._groups[number] = Group(Usual(self._since(now)))
        self._centres[:, number] = 0
        self._measure(number)

    def _since(self, now: float) -> float:
        """Whatever has no group was not said since the beginning, or so seldom that it was forgotten."""
        return self._all.since if self._all is not None else now

    def _measure(self, number: int) -> None:
        self._lengths[number] = float(np.linalg.norm(self._centres[:, number])) or 1.0

    def _take_in_its_like(self, number: int) -> None:
        """Another group that has come to mean the same becomes part of this one."""
        places = np.flatnonzero(self._centres[:, number])
        middle = self._centres[places, number] / self._lengths[number]
        likeness = middle @ self._centres[places] / self._lengths
        likeness[number] = 0
        other = int(np.argmax(likeness))
        if likeness[other] < _ONE:
            return
        mine, theirs = self._groups[number], self._groups[other]
        mine.usual.take_in(theirs.usual)
        mine.sayings = deque(sorted((*mine.sayings, *theirs.sayings), key=lambda saying: saying.at))
        self._centres[:, number] += self._centres[:, other]
        self._measure(number)
        self._empty(other, theirs.usual.at)

    def _rising(self, group: Group, now: float, everything: Usual, window: float) -> Rising | None:
        """What most of its people say word for word must be more than usual too: groups change their shape, words do not.
        People who share no words, or only those that all people of the service use, share nothing new."""
        lately = [saying for saying in group.sayings if saying.at > now - window]
        people = len({saying.person for saying in lately})
        enough = self._share * window / _MONTH_S
        expected = group.usual.expected(window, everything)
        if people < self._least or group.usual.chance(people, expected) > enough:
            return None
        words = shared_words([saying.text for saying in lately[-_COMPARED:]])
        share = self._wording.share(words, sum(words in saying.text for saying in lately))
        expected = group.usual.expected(window, everything, share)
        if not words or self._wording.is_familiar(words) or group.usual.chance(people, expected) > enough:
            return None
        return Rising(
            at=now,
            since=lately[0].at,
            people=people,
            expected=expected,
            words=words,
            examples=self._examples(lately[-_COMPARED:]),
            tickets=tuple(dict.fromkeys(saying.ticket for saying in lately)),
        )

    def _examples(self, sayings: Sequence[Saying]) -> tuple[Saying, ...]:
        """Those nearest to the middle of all, no wording twice."""
        rows = np.array([self._wording.point(saying.text).row() for saying in sayings])
        nearest = np.argsort(-(rows @ rows.mean(axis=0)), kind="stable")
        different = {saying.text: saying for saying in (sayings[i] for i in reversed(nearest))}
        return tuple(reversed(different.values()))[:_EXAMPLES]
