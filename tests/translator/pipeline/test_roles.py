"""What a text's font is chosen for: large lettering on the art is a sound only where it says no more than one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from translator.pipeline.roles import are_alike, role_of
from translator.pipeline.types import Balloon, Box, Kind, Region, TextLine

PANEL, OTHER_PANEL = Box(0, 0, 600, 400), Box(0, 400, 600, 800)


def on_art(name: str, kind: Kind, letters: int = 50, top: int = 50, left: int = 100) -> Region:
    box = Box(left, top, left + letters, top + 200)
    return Region(name, box, box.polygon, kind, True, 1.0, (TextLine(box, box.polygon, 1.0),))


SOUND = on_art("sound", Kind.SFX, left=400)


@pytest.mark.parametrize("text", ["Boom", "thump thump thump", "BA-DUM! BA-DUM!", "ドドド", "Grab!", "", "!?"])
def test_what_says_a_sound_is_set_as_one(text: str) -> None:
    assert role_of(SOUND, text, [], [PANEL]) == "sfx"


@pytest.mark.parametrize("text", ["The wings of dreams,", "I won't give up", "Les ailes du rêve"])
def test_a_sentence_in_large_letters_is_narrated(text: str) -> None:
    assert role_of(SOUND, text, [], [PANEL]) == "narration"


def test_two_words_are_narrated_beside_narration_that_looks_the_same() -> None:
    narration = on_art("narration", Kind.NARRATION)
    assert role_of(SOUND, "Of dreams", [SOUND, narration], [PANEL]) == "narration"
    assert role_of(SOUND, "Of dreams", [SOUND], [PANEL]) == "sfx"
    assert role_of(SOUND, "Boom", [SOUND, narration], [PANEL]) == "sfx"


@pytest.mark.parametrize("kind", [Kind.DIALOGUE, Kind.THOUGHT, Kind.NARRATION, Kind.SIGN])
def test_any_other_kind_is_its_own_role_however_loud(kind: Kind) -> None:
    assert role_of(replace(SOUND, kind=kind), "What on earth!!", [], [PANEL]) == kind.value


def test_texts_are_alike_on_the_art_of_one_panel_in_letters_of_one_size() -> None:
    narration = on_art("narration", Kind.NARRATION)
    assert are_alike(SOUND, narration, [PANEL, OTHER_PANEL])
    assert not are_alike(SOUND, SOUND, [PANEL])
    assert not are_alike(SOUND, on_art("small", Kind.NARRATION, letters=30), [PANEL, OTHER_PANEL])
    assert not are_alike(SOUND, on_art("below", Kind.NARRATION, top=450), [PANEL, OTHER_PANEL])
    balloon = Balloon(narration.box, narration.box.polygon, (255, 255, 255))
    assert not are_alike(SOUND, replace(narration, balloon=balloon), [PANEL])


def test_without_source_lines_nothing_is_alike() -> None:
    bare = replace(SOUND, lines=())
    assert not are_alike(bare, replace(bare, id="other"), [PANEL])
