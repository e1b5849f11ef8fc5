"""The translator that asks a language model: numbered texts out, checked answers in, each text paid for once."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from contract.status import PageErrorCode
from contract.translation import Context
from translator.pipeline.protocols import Pacing, StageError, TranslateRequest
from translator.pipeline.types import Origin, Translation
from translator.translation.answer import Answer, NewTerm
from translator.translation.asked import Asked, Told, number, told
from translator.translation.asking import Patience
from translator.translation.checks import Checked, check
from translator.translation.decided import Deciding, Decisions, MemoryDecisions, picture_digest
from translator.translation.glossary import Glossary
from translator.translation.ladder import Exchange, Ladder, Rung
from translator.translation.ledger import BudgetSpent
from translator.translation.model import BadCredentials, ModelError, ModelRequest, Rejected, UnknownModel
from translator.translation.progress import Progress
from translator.translation.prompt import MOST_TERMS, Ask, Pairs, compose
from translator.translation.replacements import Replacements
from translator.translation.style import Style, StyleBook
from translator.translation.views import View, views_of
from translator.translation.waiting import Clockwork, OutOfTime

_LOG = logging.getLogger(__name__)
_FOR_GOOD = (BadCredentials, UnknownModel, Rejected)


def _nothing() -> None:
    """The models belong to somebody else."""


@dataclass(frozen=True, slots=True)
class Manner:
    """How a job is translated, apart from the models. ``context_pages`` 0 to 10, ``pages_per_call`` 1 to 8."""

    context_pages: int = 3
    context: Context = Context.BOTH
    styles: tuple[str, ...] = ()
    propose_terms: bool = False
    pages_per_call: int = 1


@dataclass(frozen=True, slots=True)
class PageAnswers:
    """The translations of one page, in the order asked, and what a reader must know of them."""

    page: int
    translations: tuple[Translation, ...]
    warnings: tuple[str, ...] = ()
    proposed: tuple[NewTerm, ...] = ()


class LlmTranslator:
    """A :class:`~translator.pipeline.protocols.PageTranslator` for one job. Safe to share by threads.

    Every id asked is answered once, with a translation or with the reason why its lettering stays. Raises
    ``StageError`` where a page cannot be translated now (retryable) or with this configuration, and ``Stopped`` when
    the job is called off.
    """

    def __init__(
        self,
        *,
        name: str,
        ladder: Sequence[Rung],
        book: StyleBook,
        clockwork: Clockwork = Clockwork(),  # noqa: B008 - frozen
        patience: Patience = Patience(),  # noqa: B008 - frozen
        manner: Manner = Manner(),
        glossary: Glossary | None = None,
        decisions: Decisions | None = None,
        replacements: Replacements | None = None,
        closing: Callable[[], None] = _nothing,
    ) -> None:
        """``ladder`` begins with the model that is asked first; its ``images`` says whether pages are shown at all.

        ``closing`` is what :meth:`close` calls, where the models are this translator's own.
        """
        self.name = name
        self._rungs, self._closing = tuple(ladder), closing
        self._book, self._clockwork, self._patience, self._manner = book, clockwork, patience, manner
        self._glossary = glossary if glossary is not None else Glossary()
        self._decisions: Decisions = decisions if decisions is not None else MemoryDecisions()
        self._replacements = replacements if replacements is not None else Replacements()

    @property
    def pacing(self) -> Pacing:
        """How the pages are wanted. Pages go side by side where none needs the translations of those before it."""
        manner = self._manner
        pages = 0 if manner.context is Context.NONE else manner.context_pages
        waits = pages > 0 and manner.context is not Context.SOURCE
        return Pacing(pages, waits, manner.pages_per_call)

    def close(self) -> None:
        """Lets go of the models' connections, where they are its own."""
        self._closing()

    def translate(self, request: TranslateRequest) -> tuple[Translation, ...]:
        return self.translate_pages((request,))[0].translations

    def translate_pages(self, requests: Sequence[TranslateRequest]) -> tuple[PageAnswers, ...]:
        """Several pages in one call, in page order, each with the same context of pages before the first of them."""
        if not requests:
            return ()
        job = _Group(requests, self)
        job.run()
        return tuple(job.answers(request) for request in requests)


class _Group:
    """One group of pages on its way through the ladder."""

    def __init__(self, requests: Sequence[TranslateRequest], owner: LlmTranslator) -> None:
        self._owner, self._requests = owner, tuple(requests)
        first = self._requests[0]
        self._style: Style = owner._book.style(source=first.source, target=first.target, styles=owner._manner.styles)
        correct = owner._replacements.source(first.source)
        self._asked = number(self._requests, correct)
        self._told = tuple(one for request in self._requests for one in told(request, correct))
        self._context: tuple[Pairs, ...] = _last(first.context, owner._manner)
        seen = owner._rungs[0].images
        self._pictures = {one.page: picture_digest(one.rgb) if seen else "" for one in self._requests}
        models = dict.fromkeys(rung.asker.model for rung in owner._rungs)
        self._keys = {
            (request.page, model): self._key(request, model) for model in models for request in self._requests
        }
        self._progress = self._known()
        self._reason, self._is_spent = "", False

    def run(self) -> None:
        """Asks for what is not decided yet."""
        owner, progress = self._owner, self._progress
        if not progress.pending:
            return
        if owner._book.are_one(self._requests[0].source, self._requests[0].target):
            self._reason = f"source and target are both {self._requests[0].target}"
            return
        exchange = Exchange(self._compose, self._check, self._keep)
        ladder = Ladder(owner._rungs, exchange, repairs=owner._patience.repairs)
        until = owner._clockwork.clock() + owner._patience.page_s * len(self._requests)
        try:
            gone = ladder.climb(progress, until=until)
        except BudgetSpent as error:
            gone, self._reason, self._is_spent = None, str(error), True
        except OutOfTime:
            raise StageError(
                "translate", PageErrorCode.TIMEOUT.value, "the page's time is up", retryable=True
            ) from None
        self._keep(progress, progress.accept_doubtful())
        if gone is not None:
            raise _stage_error(gone, answered=bool(progress.good))

    def answers(self, request: TranslateRequest) -> PageAnswers:
        """What became of one page."""
        post = self._owner._replacements.translation(request.target)
        asked = [one for one in self._asked if one.page == request.page]
        translations = tuple(self._translation(one, post) for one in asked)
        return PageAnswers(request.page, translations, self._warnings(asked, translations), tuple(self._progress.terms))

    def _translation(self, one: Asked, post: Callable[[str], str]) -> Translation:
        text = self._progress.good.get(one.label)
        why = self._progress.why(one)
        if text is not None:
            return Translation(one.region_id, post(text), Origin.MODEL, why)
        reason = self._reason or why or "the model gave no answer"
        return Translation(one.region_id, "", Origin.KEPT_SOURCE, reason, is_unpaid=self._is_spent)

    def _warnings(self, asked: Sequence[Asked], translations: Sequence[Translation]) -> tuple[str, ...]:
        reasons = Counter(one.note for one in translations if one.origin is Origin.KEPT_SOURCE)
        count = len(translations)
        warnings = [f"translate: {n} of {count} texts stay untranslated: {why}" for why, n in reasons.items()]
        primary = self._owner._rungs[0].asker.model
        by = [self._progress.by[one.label] for one in asked if one.label in self._progress.good]
        others = Counter(model for model in by if model != primary)
        warnings += [
            f"translate: {n} of {count} texts come from the fallback model {name}" for name, n in others.items()
        ]
        doubts = sum(bool(one.note) for one in translations if one.origin is Origin.MODEL)
        return (*warnings, f"translate: {doubts} of {count} texts lack a glossary term") if doubts else tuple(warnings)

    def _key(self, request: TranslateRequest, model: str) -> str:
        """The hash of what decides a page's translations by one model. The glossary counts with what of it occurs."""
        owner = self._owner
        asked = [one for one in self._asked if one.page == request.page]
        return Deciding(
            model=model,
            prompt=self._style.version,
            source=request.source,
            target=request.target,
            asked=asked,
            context=self._context,
            mode=owner._manner.context,
            terms=owner._glossary.matched([one.text for one in asked]),
            settled=request.settled,
            picture=self._pictures[request.page],
        ).key

    def _known(self) -> Progress:
        """What is stored already; what the model that is asked first has said counts before what others have."""
        stored = {place: self._owner._decisions.get(key) for place, key in self._keys.items()}
        known: dict[str, str] = {}
        by: dict[str, str] = {}
        for (page, model), answers in stored.items():
            for one in self._asked:
                if one.page == page and one.index in answers and one.label not in known:
                    known[one.label], by[one.label] = answers[one.index], model
        return Progress(self._asked, known, by)

    def _keep(self, progress: Progress, new: dict[str, str]) -> None:
        """Stores answers as soon as they are there: whatever happens next, they are paid for."""
        for (page, model), key in self._keys.items():
            mine = [one for one in progress.asked if one.page == page and progress.by.get(one.label) == model]
            if places := {one.index: new[one.label] for one in mine if one.label in new}:
                self._owner._decisions.put(key, places, page=page)

    def _compose(self, texts: Sequence[Asked], progress: Progress, images: bool) -> ModelRequest:
        manner = self._owner._manner
        pages = {one.page for one in texts}
        ask = Ask(
            texts=tuple(texts),
            views=self._views(texts) if images else (),
            context=self._context,
            terms=self._owner._glossary.matched([one.text for one in texts])[:MOST_TERMS],
            settled=tuple(one for one in (*self._told, *_answered(progress)) if one.page in pages),
            wrong=progress.wrong,
            propose_terms=manner.propose_terms,
        )
        return compose(
            ask,
            self._style,
            mode=manner.context,
            timeout_s=self._owner._patience.silence_s,
        )

    def _views(self, texts: Sequence[Asked]) -> tuple[View, ...]:
        views: list[View] = []
        for request in self._requests:
            if on_page := [one for one in texts if one.page == request.page]:
                views += views_of(request.page, request.rgb, on_page)
        return tuple(views)

    def _check(self, texts: Sequence[Asked], answer: Answer) -> Checked:
        checked = check(texts, answer.items, self._style.language, self._owner._glossary)
        if checked.faults:
            found = dict(Counter(fault.kind.value for fault in checked.faults))
            _LOG.info("answers were wrong", extra={"pages": sorted({one.page for one in texts}), "faults": found})
        return checked


def _answered(progress: Progress) -> tuple[Told, ...]:
    """What was answered before the present call."""
    return tuple(Told(one.page, one.index, one.text, text) for one, text in progress.settled)


def _last(context: Sequence[Pairs], manner: Manner) -> tuple[Pairs, ...]:
    if manner.context is Context.NONE or not manner.context_pages:
        return ()
    return tuple(
        tuple(_told(pair, manner.context) for pair in page) for page in context[-manner.context_pages :] if page
    )


def _told(pair: tuple[str, str], mode: Context) -> tuple[str, str]:
    """What of a pair the model is told: what it is not told decides nothing."""
    source, target = pair
    return source if mode is not Context.TARGET else "", target if mode is not Context.SOURCE else ""


def _stage_error(error: ModelError, *, answered: bool) -> StageError:
    """A model that is gone fails the page, so that a retry can have the rest; what was answered is stored."""
    stored = "; what was answered is stored" if answered else ""
    retryable = not isinstance(error, _FOR_GOOD)
    return StageError("translate", PageErrorCode.STAGE_FAILED.value, f"{error}{stored}", retryable=retryable)
