"""What a job asks of the model comes back as it was written, and what is wrong is named."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from contract.errors import BadMessage
from contract.job import JobRequest, Options
from contract.retry import RetryRequest
from contract.translation import BudgetWish, Context, TranslationWish


@pytest.mark.parametrize(
    "wish",
    [
        TranslationWish(),
        TranslationWish(context_pages=0),
        TranslationWish(10, Context.SOURCE, 8, ("literal", "keep-honorifics"), BudgetWish(0.5, 1000, 20)),
        TranslationWish(styles=()),
        TranslationWish(budget=BudgetWish(calls=0)),
    ],
)
def test_a_wish_comes_back(wish: TranslationWish) -> None:
    assert TranslationWish.from_json(wish.to_json(), "t") == wish
    assert Options.from_json(Options(translation=wish).to_json(), "options").translation == wish


def test_what_is_left_to_the_deployment_is_not_written() -> None:
    assert TranslationWish().to_json() == {}
    assert "translation" not in Options().to_json()


@pytest.mark.parametrize(
    ("value", "field"),
    [
        ([], ""),
        ({"model": "x"}, ".model"),
        ({"context_pages": 11}, ".context_pages"),
        ({"context_pages": -1}, ".context_pages"),
        ({"context": "all"}, ".context"),
        ({"pages_per_call": 0}, ".pages_per_call"),
        ({"pages_per_call": 9}, ".pages_per_call"),
        ({"styles": "literal"}, ".styles"),
        ({"styles": ["../secret"]}, ".styles[0]"),
        ({"styles": ["a"] * 9}, ".styles"),
        ({"budget": {"cost": -1}}, ".budget.cost"),
        ({"budget": {"cost": float("nan")}}, ".budget.cost"),
        ({"budget": {"calls": 1.5}}, ".budget.calls"),
        ({"budget": {"dollars": 1}}, ".budget.dollars"),
    ],
)
def test_a_wish_that_cannot_be_is_named(value: Any, field: str) -> None:
    with pytest.raises(BadMessage) as caught:
        TranslationWish.from_json(value, "options.translation")
    assert caught.value.field == f"options.translation{field}"


def test_a_job_request_names_the_field_in_full() -> None:
    body = {
        "pages": [{"upload": "image/png"}],
        "chapter_id": "c",
        "options": {"translation": {"budget": {"calls": "many"}}},
    }
    with pytest.raises(BadMessage) as caught:
        JobRequest.from_json(body)
    assert caught.value.field == "options.translation.budget.calls"


def test_a_budget_is_read_from_words() -> None:
    assert BudgetWish.from_words("cost=0.5, calls=20,tokens=1000", "x") == BudgetWish(0.5, 1000, 20)
    assert BudgetWish.from_words("", "x") == BudgetWish()


@pytest.mark.parametrize(
    "words", ["20", "calls", "calls=", "calls=-1", "calls=1e3", "cost=nan", "calls=1,calls=2", "calls=1.5", "hours=1"]
)
def test_words_that_are_no_budget_are_refused(words: str) -> None:
    with pytest.raises(BadMessage, match="budget"):
        BudgetWish.from_words(words, "budget")


def test_a_retry_changes_the_budget_and_nothing_else() -> None:
    request = JobRequest.parse(
        b'{"pages": [{"upload": "image/png"}], "chapter_id": "c", "options": {"image_format": "png",'
        b' "translation": {"styles": ["literal"], "budget": {"calls": 3}}}}'
    )
    changed = RetryRequest.parse(b'{"budget": {"cost": 2.5}}').changed(request)
    assert changed.options.translation == TranslationWish(styles=("literal",), budget=BudgetWish(cost=2.5))
    assert replace(changed, options=request.options) == request
    assert RetryRequest.parse(b"").changed(request) == RetryRequest.parse(b"{}").changed(request) == request
    assert RetryRequest.parse(b'{"budget": {}}').changed(request).options.translation.budget == BudgetWish()


@pytest.mark.parametrize("asked", [RetryRequest(), RetryRequest(BudgetWish()), RetryRequest(BudgetWish(calls=0))])
def test_a_retry_is_written_as_it_is_read(asked: RetryRequest) -> None:
    assert RetryRequest.from_json(asked.to_json()) == asked
