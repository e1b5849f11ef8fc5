"""What is tried, in which order, when a model refuses, answers wrongly or is gone.

With the pictures → without them → the texts in halves, until what is refused stands alone → the fallback model. Each
rung asks only for what is still missing. A refusal goes to the next rung; an answer that breaks off to the one that
halves; wrong answers that stay wrong, and an endpoint that is gone, to the next model: neither gets better by hiding a
picture.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import IntEnum

from translator.translation.answer import Answer, NotAnAnswer, read_answer, salvage
from translator.translation.asked import Asked
from translator.translation.asking import Asker
from translator.translation.checks import Checked
from translator.translation.model import (
    BadAnswer,
    BadCredentials,
    Finish,
    ModelError,
    ModelReply,
    ModelRequest,
    RateLimited,
    Refused,
    Rejected,
    Unavailable,
    UnknownModel,
)
from translator.translation.progress import Progress


class End(IntEnum):
    """How a rung ended; the higher, the worse."""

    DONE = 0
    FAULTY = 1
    CUT = 2
    REFUSED = 3
    LOST = 4


_SPLIT_AGAIN = (End.REFUSED, End.CUT)
_MOST_PARTS = 12
"""So many parts of a page are asked for: with one refused text among 32, down to that text."""


@dataclass(frozen=True, slots=True)
class Rung:
    """One way to ask. ``halves``: in two halves, and where one was answered, the other in halves again, and so on."""

    asker: Asker
    images: bool
    halves: bool = False


@dataclass(frozen=True, slots=True)
class Exchange:
    """How texts become a request, an answer is judged, and what was answered is kept at once."""

    compose: Callable[[Sequence[Asked], Progress, bool], ModelRequest]
    check: Callable[[Sequence[Asked], Answer], Checked]
    keep: Callable[[Progress, dict[str, str]], None]


def rungs(primary: Asker, fallback: Asker | None, *, vision: bool, fallback_vision: bool) -> tuple[Rung, ...]:
    """The ladder for one or two models; ``vision`` says which of them sees pictures."""
    ladder = [Rung(primary, images=vision), Rung(primary, images=False), Rung(primary, images=False, halves=True)]
    if fallback is not None:
        ladder += [Rung(fallback, images=fallback_vision), Rung(fallback, images=False)]
    return tuple(ladder)


def _halves(texts: Sequence[Asked]) -> tuple[Sequence[Asked], Sequence[Asked]]:
    middle = (len(texts) + 1) // 2
    return texts[:middle], texts[middle:]


class Ladder:
    """One way up for one group of pages; as far as it must."""

    def __init__(self, steps: Sequence[Rung], exchange: Exchange, *, repairs: int) -> None:
        self._rungs, self._exchange, self._repairs = tuple(steps), exchange, repairs
        self._pictures = True
        self._gone: ModelError | None = None

    def climb(self, progress: Progress, *, until: float) -> ModelError | None:
        """Asks until nothing is missing or nothing is left to try. Returns the error where the last model was gone.

        Raises ``BudgetSpent``, ``OutOfTime`` or ``Stopped``; what was answered by then is in ``progress``.
        """
        tried: set[tuple[int, bool, bool]] = set()
        at = 0
        while at < len(self._rungs) and (progress.missing or (not at and progress.pending)):
            rung = self._rungs[at]
            images = rung.images and self._pictures
            way = (id(rung.asker), images, rung.halves)
            if way in tried or (rung.halves and len(progress.missing) < 2):
                at += 1
                continue
            tried.add(way)
            end = self._rung(rung, images, progress, until)
            at = self._next(at, end)
        return self._gone if progress.missing else None

    def _next(self, at: int, end: End) -> int:
        rung = self._rungs[at]
        if end is End.REFUSED:
            self._pictures = False
        later = range(at + 1, len(self._rungs))
        if end is End.CUT and not rung.halves:
            return next(
                (i for i in later if self._rungs[i].halves or self._rungs[i].asker is not rung.asker), len(self._rungs)
            )
        if end in (End.FAULTY, End.CUT, End.LOST):
            return next((i for i in later if self._rungs[i].asker is not rung.asker), len(self._rungs))
        return at + 1

    def _rung(self, rung: Rung, images: bool, progress: Progress, until: float) -> End:
        if not rung.halves:
            return self._group(rung.asker, progress.pending, images, progress, until)
        groups, ends, was_answered = deque(_halves(progress.pending)), [End.DONE], False
        while groups and ends[-1] is not End.LOST and len(ends) <= _MOST_PARTS:
            group = groups.popleft()
            ends.append(self._group(rung.asker, group, images, progress, until))
            was_answered = was_answered or ends[-1] <= End.FAULTY
            if ends[-1] in _SPLIT_AGAIN and len(group) > 1:
                groups.extend(_halves(group))
            if not was_answered and len(ends) > 2:
                break
        return max(ends)

    def _group(self, asker: Asker, group: Sequence[Asked], images: bool, progress: Progress, until: float) -> End:
        """Asks for a group, and again for what was wrong, at most ``repairs`` times."""
        cut = False
        for _ in range(self._repairs + 1):
            texts = [one for one in group if one in progress.pending]
            if not texts:
                return End.DONE
            try:
                answer = self._answer(asker, texts, images, progress, until)
            except (Refused, Rejected) as error:
                self._gone = error if isinstance(error, Rejected) else None
                progress.refuse(texts, f"refused by {error}")
                return End.REFUSED
            except (RateLimited, Unavailable, BadCredentials, UnknownModel) as error:
                self._gone = error
                progress.refuse(texts, f"no answer from {error}")
                return End.LOST
            self._gone = None
            new = progress.take(self._exchange.check(texts, answer), asker.model)
            progress.terms += answer.terms
            self._exchange.keep(progress, new)
            cut = not answer.complete
            if cut and not new and len(texts) > 1:
                return End.CUT
        return End.DONE if not [one for one in group if one in progress.missing] else End.CUT if cut else End.FAULTY

    def _answer(self, asker: Asker, texts: Sequence[Asked], images: bool, progress: Progress, until: float) -> Answer:
        """What came of one request. An answer that breaks off counts as far as it goes; prose is a refusal."""
        request = self._exchange.compose(texts, progress, images)
        pages = sorted({one.page for one in texts})
        try:
            reply = asker.ask(request, pages=pages, answers=len(texts), until=until)
        except BadAnswer as error:
            return salvage(error.text)
        return _read(reply, asker.model)


def _read(reply: ModelReply, model: str) -> Answer:
    try:
        return read_answer(reply.text)
    except NotAnAnswer as error:
        if error.prose and reply.finish is Finish.STOP:
            raise Refused(model, error.detail, usage=reply.usage) from None
        return salvage(reply.text)
