"""What is known of the texts of one call so far: answered, answered with a doubt, or what was wrong the last time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from translator.translation.answer import NewTerm
from translator.translation.asked import Asked
from translator.translation.checks import Checked


class Progress:
    """Of one group of pages. An answer that was good is never asked for again, and never replaced."""

    def __init__(self, asked: Sequence[Asked], decided: Mapping[str, str], by: Mapping[str, str]) -> None:
        """``decided`` are answers that are known already, ``by`` the models that gave them; both by label."""
        self.asked = tuple(asked)
        self.good: dict[str, str] = dict(decided)
        self.doubtful: dict[str, str] = {}
        self.wrong: dict[str, str] = {}
        """By label: what was wrong with the last answer, or is doubtful about the one there is."""
        self.refused: dict[str, str] = {}
        """By label: why the last request for it got no answer at all."""
        self.by: dict[str, str] = dict(by)
        """By label: the model that answered."""
        self.terms: list[NewTerm] = []

    @property
    def missing(self) -> tuple[Asked, ...]:
        """The texts without any answer that could be used."""
        return tuple(one for one in self.asked if one.label not in self.good and one.label not in self.doubtful)

    @property
    def pending(self) -> tuple[Asked, ...]:
        """The texts to ask for: those without an answer, and those whose answer may still be mended."""
        return tuple(one for one in self.asked if one.label not in self.good)

    @property
    def settled(self) -> tuple[tuple[Asked, str], ...]:
        return tuple((one, self.good[one.label]) for one in self.asked if one.label in self.good)

    def take(self, checked: Checked, model: str) -> dict[str, str]:
        """Keeps what is usable and returns what is new. A doubt that was there before is no longer asked about."""
        doubted = set(self.doubtful)
        new = {label: text for label, text in checked.good.items() if label not in self.good}
        for label, text in checked.doubtful.items():
            self.doubtful[label] = text
            self.by[label] = model
            if label in doubted:
                new[label] = text
        for label in new:
            self.doubtful.pop(label, None)
            self.by[label] = model
        self.good.update(new)
        self.wrong.update({label: why for label, why in checked.wrong.items() if label not in doubted})
        for label in (*checked.good, *checked.wrong):
            self.refused.pop(label, None)
        for label in checked.good:
            self.wrong.pop(label, None)
        return new

    def refuse(self, texts: Sequence[Asked], why: str) -> None:
        """The request for these texts got no answer."""
        self.refused.update({one.label: why for one in texts})

    def why(self, one: Asked) -> str:
        """Why a text has no answer, or what is doubtful about the one it has; empty for a good answer."""
        wrong = self.wrong.get(one.label, "")
        return wrong if one.label in self.good else self.refused.get(one.label) or wrong

    def accept_doubtful(self) -> dict[str, str]:
        """Takes the doubtful answers, because no better ones will come; returns them."""
        accepted, self.doubtful = self.doubtful, {}
        self.good.update(accepted)
        return accepted
