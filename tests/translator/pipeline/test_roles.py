"""What a text's font is chosen for: large lettering on the art is a sound only where it says no more than one."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import pytest

from translator.pipeline.roles import are_alike, is_burst, role_of
from translator.pipeline.types import Balloon, Box, Kind, Polygon, Region, TextLine

PANEL, OTHER_PANEL = Box(0, 0, 600, 400), Box(0, 400, 600, 800)


def on_art(name: str, kind: Kind, letters: int = 50, top: int = 50, left: int = 100) -> Region:
    box = Box(left, top, left + letters, top + 200)
    return Region(name, box, box.polygon, kind, True, 1.0, (TextLine(box, box.polygon, 1.0),))


def ring(radius: Callable[[float], float]) -> Polygon:
    angles = [math.radians(degree) for degree in range(360)]
    return tuple((round(300 + radius(a) * math.cos(a)), round(200 + radius(a) * math.sin(a))) for a in angles)


BURST, OVAL, CLOUD = (
    ring(lambda a: 190 - 60 * abs(math.sin(5 * a))),
    ring(lambda a: 150),
    ring(lambda a: 130 + 40 * abs(math.sin(4.5 * a))),
)


def spoken(contour: Polygon, letters: int = 40) -> Region:
    region = on_art("shout", Kind.DIALOGUE, letters=letters)
    return replace(region, balloon=Balloon(Box(100, 0, 500, 400), contour, (255, 255, 255)))


QUIET = [replace(spoken(OVAL, letters=30), id=f"quiet-{n}") for n in range(3)]
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


@pytest.mark.parametrize("text", ["What!?", "Nooo!!", "“Stop!”", "なに！？", "{危|あぶ}ない！"])
def test_what_is_cried_out_in_a_burst_in_larger_letters_is_a_shout(text: str) -> None:
    assert role_of(spoken(BURST), text, [spoken(BURST), *QUIET], [PANEL]) == "shout"


@pytest.mark.parametrize(
    ("region", "text"),
    [
        (spoken(BURST), "What?"),
        (spoken(BURST), "Stop! Or it will be over."),
        (spoken(BURST, letters=30), "What!?"),
        (spoken(OVAL), "What!?"),
        (replace(spoken(BURST), balloon=None), "What!?"),
        (replace(spoken(BURST), lines=()), "What!?"),
        (replace(spoken(BURST), kind=Kind.THOUGHT), "What!?"),
    ],
    ids=["no cry", "a cry before the end", "usual letters", "round balloon", "no balloon", "no lines", "thought"],
)
def test_a_shout_needs_the_cry_the_burst_and_the_letters(region: Region, text: str) -> None:
    assert role_of(region, text, [region, *QUIET], [PANEL]) == region.kind.value


def test_a_burst_has_spikes_that_point_outwards() -> None:
    assert is_burst(BURST)
    assert is_burst(BURST[::-1])
    assert not any(is_burst(contour) for contour in (OVAL, CLOUD, PANEL.polygon, ((0, 0), (1, 0), (1, 1))))
