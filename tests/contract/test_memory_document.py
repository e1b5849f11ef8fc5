"""A series' memory: merging loses nothing, repeats change nothing, and the bounds are kept."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract import memory
from contract.errors import BadMessage
from contract.memory import MAX_TEXT, MemoryUpdate, Pair, PairOrigin, dump_memory, merge_memory, parse_memory
from contract.source_form import exact_form

MODEL = PairOrigin.MODEL


def update(*pairs: tuple[str, str], origin: PairOrigin = MODEL, target: str = "en", used: tuple[str, ...] = ()) -> Any:
    return MemoryUpdate("ja", target, tuple(Pair(source, text, origin) for source, text in pairs), used)


def document(*pairs: tuple[str, str], **more: Any) -> dict[str, Any]:
    entries = [{"source": source, "target": text} for source, text in pairs]
    return {"schema": 1, "source": "ja", "target": "en", "entries": entries, **more}


def merged(stored: dict[str, Any] | None, *updates: MemoryUpdate, at: int = 100) -> dict[str, Any]:
    for one in updates:
        stored = merge_memory(stored, one, at=at).document or stored
    assert stored is not None
    parse_memory(dump_memory(stored))
    return stored


def pairs_of(stored: dict[str, Any]) -> dict[str, str]:
    return {entry["source"]: entry["target"] for entry in stored["entries"]}


def test_the_first_chapter_makes_the_memory() -> None:
    stored = merged(None, update(("夢", "a dream")))
    assert stored["entries"] == [{"source": "夢", "target": "a dream", "origin": "model", "at": 100}]


def test_nothing_learned_makes_no_memory() -> None:
    assert merge_memory(None, update(used=("夢",)), at=1).document is None


texts = st.text("あいうえお!?…", min_size=1, max_size=4).filter(lambda text: bool(exact_form(text)))
chapters = st.lists(st.tuples(texts, st.sampled_from("abc")), max_size=12)


@given(chapters, chapters)
def test_of_two_chapters_in_either_order_no_text_is_lost_and_a_repeat_changes_nothing(
    first: list[tuple[str, str]], second: list[tuple[str, str]]
) -> None:
    one, other = update(*first), update(*second)
    wanted = {exact_form(source) for source, _ in first + second}
    for order in ((one, other), (other, one)):
        stored = merged(document(), *order)
        assert {exact_form(source) for source in pairs_of(stored)} == wanted
        for again in order:
            assert merge_memory(stored, again, at=999).document is None


def test_a_persons_words_are_not_replaced_by_a_models_and_replace_it() -> None:
    stored = merged(document(("夢", "a dream")), update(("夢", "dream, a"), ("光", "light")))
    assert pairs_of(stored) == {"夢": "a dream", "光": "light"}
    mended = merge_memory(stored, update(("光", "Hikaru"), origin=PairOrigin.USER), at=200)
    assert (mended.added, mended.changed) == (0, 1)
    assert mended.document is not None
    assert pairs_of(merged(mended.document, update(("光", "light"))))["光"] == "Hikaru"


def test_a_person_who_confirms_a_models_words_makes_them_theirs() -> None:
    stored = merged(None, update(("光", "light")), update(("光", "light"), origin=PairOrigin.USER))
    assert "origin" not in stored["entries"][0]


def test_other_spellings_of_a_text_are_the_text() -> None:
    stored = merged(document(("まって…！", "Wait!")), update(("まって...!", "Hold on!"), ("まって…\n！", "Stop!")))
    assert pairs_of(stored) == {"まって…！": "Wait!"}


def test_each_language_pair_has_its_part_and_what_is_unknown_stays() -> None:
    before = document(("夢", "a dream"), title="Stars")
    stored = merged(before, update(("夢", "un rêve"), target="fr"), update(("夢", "ein Traum"), target="de"))
    assert [part["target"] for part in stored["also"]] == ["fr", "de"]
    assert (stored["title"], pairs_of(stored)) == ("Stars", {"夢": "a dream"})
    assert before == document(("夢", "a dream"), title="Stars"), "what is merged into is not changed itself"


def test_above_its_bounds_the_models_entries_of_no_use_for_longest_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "MAX_ENTRIES", 6)
    stored = merged(document(("人", "a person's")), update(("一", "1"), ("二", "2")), at=10)
    stored = merged(stored, update(("三", "3"), ("四", "4")), at=20)
    stored = merged(stored, update(used=("一",)), at=30)
    found = merge_memory(stored, update(("五", "5"), ("六", "6")), at=40)
    assert (found.added, found.dropped) == (2, 1)
    assert found.document is not None
    assert set(pairs_of(found.document)) == {"人", "一", "三", "四", "五", "六"}
    assert merge_memory(found.document, update(("五", "5"), ("六", "6")), at=50).document is None


def test_a_memory_far_from_its_bounds_is_not_written_for_what_was_of_use() -> None:
    assert merge_memory(document(("夢", "a dream")), update(used=("夢",)), at=500).document is None


def test_the_bytes_are_bounded_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "MAX_BYTES", 2_000)
    stored = merged(
        None,
        *(
            update(
                (f"{n}番", "x" * 50),
            )
            for n in range(40)
        ),
    )
    assert len(dump_memory(stored)) <= 2_000
    assert "39番" in pairs_of(stored)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"schema": 2}, "schema"),
        ({"source": ""}, "source"),
        ({"target": "english please"}, "target"),
        ({"entries": {}}, "entries"),
        ({"entries": ["x"]}, "entries[0]"),
        ({"entries": [{"source": "a", "target": " "}]}, "entries[0].target"),
        ({"entries": [{"source": 1, "target": "a"}]}, "entries[0].source"),
        ({"entries": [{"source": "a" * (MAX_TEXT + 1), "target": "a"}]}, "entries[0].source"),
        ({"entries": [{"source": "a", "target": "b", "at": -1}]}, "entries[0].at"),
        ({"also": {}}, "also"),
        ({"also": [{"source": "ja", "target": "fr"}]}, "also[0].entries"),
        ({"also": [{"source": "ja", "target": "fr", "entries": []}] * 40}, "also"),
    ],
)
def test_what_is_no_memory_is_refused_by_the_name_of_the_field(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(BadMessage) as error:
        parse_memory(json.dumps({**document(), **changes}).encode())
    assert error.value.field == field


def test_too_many_entries_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "MAX_ENTRIES", 2)
    with pytest.raises(BadMessage, match="at most 2"):
        parse_memory(dump_memory(document(("a", "b"), ("c", "d"), ("e", "f"))))
    with pytest.raises(BadMessage, match="more than 2"):
        MemoryUpdate.from_json(document(("a", "b"), ("c", "d"), ("e", "f")))
