"""What is asked of a language model, on the command line."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass

from contract.engines import DEFAULT_ENGINE
from contract.errors import BadMessage
from contract.translation import (
    MOST_CONTEXT_PAGES,
    MOST_PAGES_PER_CALL,
    BudgetWish,
    Context,
    TranslationWish,
)
from fukidashi.errors import UsageError


@dataclass(frozen=True, slots=True)
class ModelOptions:
    """The engine, and what it is asked."""

    translator: str
    wish: TranslationWish


def add_model_options(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("with a language model", "What is left out is the server's choice.")
    group.add_argument("--translator", default=DEFAULT_ENGINE, metavar="NAME", help="gemini_hq, openai or keyless, "
                       "whichever the server is configured with")  # fmt: skip
    group.add_argument("--context-pages", type=_between(0, MOST_CONTEXT_PAGES), metavar="N", help="pages before it "
                       f"that each page is shown (0 to {MOST_CONTEXT_PAGES})")  # fmt: skip
    group.add_argument("--context", choices=[item.value for item in Context], help="what of them: their texts, the "
                       "translations, both or nothing; with their texts alone no page waits for another")  # fmt: skip
    group.add_argument("--pages-per-call", type=_between(1, MOST_PAGES_PER_CALL), metavar="N", help="pages that go "
                       f"into one call (1 to {MOST_PAGES_PER_CALL})")  # fmt: skip
    group.add_argument("--style", action="append", metavar="NAME", help="a style of the server's dict/styles; may be "
                       "given several times")  # fmt: skip
    add_budget(group)


def add_budget(parser: argparse._ActionsContainer) -> None:
    parser.add_argument("--budget", type=budget_of, metavar="WHAT=AMOUNT", help="a cap, such as cost=0.5 (dollars), "
                        "calls=20 or tokens=100000, or several with commas; pages that it does not reach fail with "
                        "budget_spent, and can be retried")  # fmt: skip


def model_options(options: argparse.Namespace) -> ModelOptions:
    """Raises :class:`UsageError`."""
    wish = TranslationWish(
        context_pages=options.context_pages,
        context=Context(options.context) if options.context else None,
        pages_per_call=options.pages_per_call,
        styles=None if options.style is None else tuple(options.style),
        budget=options.budget or BudgetWish(),
    )
    try:
        return ModelOptions(options.translator, TranslationWish.from_json(wish.to_json(), ""))
    except BadMessage as error:
        raise UsageError(str(error)) from None


def budget_of(words: str) -> BudgetWish:
    try:
        return BudgetWish.from_words(words, "budget")
    except BadMessage as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _between(least: int, most: int) -> Callable[[str], int]:
    def number(text: str) -> int:
        if not (text.isascii() and text.isdigit() and least <= int(text[:9]) <= most):
            raise argparse.ArgumentTypeError(f"{text!r} is not between {least} and {most}")
        return int(text)

    return number
