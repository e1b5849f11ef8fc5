"""What a job's translator gets of its series and of the job's past."""

from __future__ import annotations

from dataclasses import dataclass, field

from contract.glossary import Glossary as SeriesGlossary
from contract.glossary import TermStatus
from contract.usage import NO_USAGE, Usage
from translator.pipeline.memory import same_language
from translator.translation.decided import Decisions
from translator.translation.glossary import Glossary, Term


@dataclass(frozen=True, slots=True)
class SeriesScope:
    """``glossary`` holds the accepted terms in the job's target language; ``decisions`` is where answers that were paid
    for are kept, None where nothing is. ``used`` is what the job's attempts before have asked of models."""

    glossary: Glossary = field(default_factory=Glossary)
    decisions: Decisions | None = None
    used: Usage = NO_USAGE


NO_SERIES = SeriesScope()


def glossary_of(document: bytes, target: str) -> Glossary:
    """The accepted terms of a stored glossary, into ``target``. Raises ``BadMessage``."""
    terms: list[Term] = []
    for term in SeriesGlossary.parse(document).terms:
        for tag, rendering in term.translations.items():
            if rendering.status is TermStatus.ACCEPTED and same_language(tag, target):
                terms.append(
                    Term(
                        source=term.term,
                        translation=rendering.text,
                        aliases=term.aliases,
                        kind=term.kind.value,
                        gender=term.gender,
                        register=term.register,
                        notes=term.notes,
                    )
                )
                break
    return Glossary(terms)
