"""Reading a model's answer: strictly, and never with an error of another kind than our own."""

from __future__ import annotations

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from translator.translation.answer import Item, NewTerm, NotAnAnswer, read_answer, salvage

ONE = '{"id": "1", "echo": "え", "text": "Huh?"}'
ITEM = Item("1", "え", "Huh?")


@pytest.mark.parametrize(
    "text",
    [
        f'{{"translations": [{ONE}]}}',
        f"[{ONE}]",
        f'\ufeff\n {{"translations": [{ONE}]}} \n',
        f'```json\n{{"translations": [{ONE}]}}\n```',
        f'Here it is:\n```\n{{"translations": [{ONE}]}}\n```\n',
        f'<think>Let me see {{"id"}}.</think>\n{{"translations": [{ONE}]}}',
        '{"translations": [{"id": 1, "echo": "え", "text": " Huh? "}]}',
    ],
)
def test_an_answer_may_be_bare_fenced_or_thought_over(text: str) -> None:
    assert read_answer(text).items == (ITEM,)


def test_what_is_no_item_is_counted_and_left_out() -> None:
    answer = read_answer(f'{{"translations": [{ONE}, 3, {{"id": "2"}}, {{"id": true, "echo": "", "text": "x"}}]}}')
    assert (answer.items, answer.malformed) == ((ITEM,), 3)


def test_what_cannot_be_written_or_lettered_is_taken_out() -> None:
    spelt = r"Two\nlines,\u0000\u001b[0m a half \ud83d, a whole \ud83d\ude00"
    text = f'{{"translations": [{{"id": "1", "echo": "え", "text": "{spelt}"}}]}}'
    assert read_answer(text).items[0].text == "Two lines,[0m a half , a whole 😀"


def test_proposed_terms_are_read_and_nonsense_among_them_is_not() -> None:
    terms = [{"source": "黒木", "translation": "Kuroki", "kind": "person"}, {"source": "剣"}, 7]
    answer = read_answer(json.dumps({"translations": [], "new_terms": terms}))
    assert answer.terms == (NewTerm("黒木", "Kuroki", "person"),)


@pytest.mark.parametrize(
    "text", ["", "null", "12", '"text"', "{", "{}", '{"translations": 3}', f'{{"translations": [{ONE}', "[" * 100_000]
)
def test_what_is_no_answer_says_so(text: str) -> None:
    with pytest.raises(NotAnAnswer):
        read_answer(text)


def test_prose_is_told_from_broken_json() -> None:
    for text, prose in (("I'm sorry, I can't.", True), ('Sure! {"translations": [', False), ('{"tra', False)):
        with pytest.raises(NotAnAnswer) as caught:
            read_answer(text)
        assert caught.value.prose is prose


def test_the_whole_items_of_a_broken_answer_are_saved() -> None:
    answer = salvage(f'```json\n{{"translations": [{ONE}, {ONE.replace("1", "2")}, {{"id": "3", "ec')
    assert [item.label for item in answer.items] == ["1", "2"]
    assert not answer.complete


def test_nothing_is_saved_from_nothing() -> None:
    assert salvage("").items == salvage("no JSON").items == salvage('{"translations": [{"id').items == ()


JSON = st.recursive(st.none() | st.text(), lambda some: st.lists(some) | st.dictionaries(st.text(), some))


@given(st.text(max_size=300) | JSON.map(json.dumps))
def test_whatever_comes_ends_in_an_answer_or_our_error(text: str) -> None:
    assert not salvage(text).complete
    with suppress(NotAnAnswer):
        assert str(read_answer(text)).encode()
