"""A page through the stages: what is translated, what stays, and what the document says of it."""

from __future__ import annotations

import io
from collections.abc import Sequence

import numpy as np
import pytest
from PIL import Image

from contract.document import PageDocument
from contract.image_format import ImageFormat
from contract.policy import KINDS, Policies, Policy
from tests.translator.tiny_stages import Script, SilentWatch, TinyFactory, image
from translator.pipeline.pages import PageOutcome, Pairs
from translator.pipeline.pipeline import PagePipeline, PageSettings
from translator.pipeline.protocols import StageError
from translator.pipeline.types import Origin, Reading, Ruby, Translation
from translator.pipeline.watch import Stopped
from translator.stages import StageOrder


def run(
    script: Script | None = None,
    data: bytes = b"",
    context: Sequence[Pairs] = (),
    settings: PageSettings | None = None,
) -> PageOutcome:
    stages = TinyFactory(script).stages(StageOrder("ja", "en"))
    pipeline, watch = PagePipeline(stages, settings or PageSettings()), SilentWatch()
    return pipeline.finish(pipeline.translate(pipeline.read(data or image(), 1, watch), context, watch), watch)


def answer(region: str, text: str, origin: Origin = Origin.MODEL, note: str = "") -> Translation:
    return Translation(region, text, origin, note)


def test_the_document_tells_the_page_in_reading_order() -> None:
    finished = run()
    document = PageDocument.parse(finished.document.to_bytes())
    assert [(region.id, region.order) for region in document.regions] == [("r0", 0), ("r1", 1), ("r2", 2)]
    first = document.regions[0]
    assert (first.source_text, first.translation, first.origin, first.kind) == (
        "1頁r0",
        "page 1 r0",
        "model",
        "dialogue",
    )
    assert first.placement is not None
    assert first.placement.line_boxes == ((2, 2, 40, 18),)
    assert document.panels == ((0, 0, 60, 80),)
    assert set(document.timings) == {"decode", "detect", "read", "order", "translate", "clean", "typeset", "encode"}
    assert set(finished.document.engines) == {"detect", "read", "order", "translate", "clean", "typeset"}


def test_a_sound_effect_stays_as_it_was_drawn() -> None:
    script = Script()
    finished = run(script)
    sfx = finished.document.regions[2]
    assert (sfx.origin, sfx.translation, sfx.source_text) == ("kept_source", "", "1頁r2")
    assert "sound effects" in sfx.note
    assert sfx.placement is None
    assert "r2" not in script.cleaned
    assert [text.region_id for text in script.requests[0].texts] == ["r0", "r1"]


@pytest.mark.parametrize(
    ("reading", "note"),
    [
        (Reading("r0", "", 0.0), "no text could be read"),
        (Reading("r0", "  \n", 0.99), "no text could be read"),
        (Reading("r0", "文", 0.49), "read with confidence 0.49"),
        (Reading("r0", "……！？", 0.99), "punctuation alone"),
    ],
)
def test_what_was_not_read_surely_is_left_alone(reading: Reading, note: str) -> None:
    script = Script(texts={"r0": reading})
    region = run(script).document.regions[0]
    assert (region.origin, region.translation) == ("kept_source", "")
    assert region.note.startswith(note)
    assert region.confidence == reading.confidence
    assert script.cleaned == ["r1"]


def test_a_page_without_translations_is_delivered_unchanged() -> None:
    grey = image(grey=77)
    script = Script(texts={name: Reading(name, "", 0.0) for name in ("r0", "r1", "r2")})
    finished = run(script, grey, settings=PageSettings(image_format=ImageFormat.PNG))
    assert {call.stage for call in script.calls} == {"detect", "read", "order"}
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(finished.image))), np.full((80, 60, 3), 77))


def test_a_text_the_translator_kept_is_neither_cleaned_nor_drawn() -> None:
    script = Script(answers=[answer("r0", "1頁r0", Origin.KEPT_SOURCE, "no key"), answer("r1", "Hello")])
    region = run(script).document.regions[0]
    assert (region.origin, region.translation, region.note) == ("kept_source", "", "no key")
    assert script.cleaned == ["r1"]
    assert script.drawn == ["Hello"]


@pytest.mark.parametrize("echo", ["1頁r0", " 1頁 r0 "])
def test_a_source_text_never_passes_as_a_translation(echo: str) -> None:
    script = Script(answers=[answer("r0", echo), answer("r1", "Hello")])
    region = run(script).document.regions[0]
    assert (region.origin, region.translation) == ("kept_source", "")
    assert "source text" in region.note


def test_what_is_the_same_in_both_languages_may_be() -> None:
    script = Script(texts={"r0": Reading("r0", "OK!", 0.9)}, answers=[answer("r0", "OK!"), answer("r1", "Hello")])
    assert run(script).document.regions[0].origin == "model"


def test_missing_double_and_foreign_answers_each_have_their_warning() -> None:
    script = Script(answers=[answer("r1", "one"), answer("r1", "two"), answer("r9", "ghost")])
    document = run(script).document
    assert [region.translation for region in document.regions] == ["", "one", ""]
    assert document.regions[0].note == "the translator gave no answer"
    assert document.warnings == (
        "translate: 1 texts got no answer",
        "translate: 1 texts got two answers",
        "translate: 1 answers to no text",
    )


def test_an_empty_answer_keeps_the_source() -> None:
    script = Script(answers=[answer("r0", " "), answer("r1", "one")])
    assert run(script).document.regions[0].origin == "kept_source"


def test_glosses_are_counted_in_a_warning_and_are_no_context() -> None:
    script = Script(answers=[answer("r0", "cat · eat", Origin.GLOSS), answer("r1", "Hello", Origin.MEMORY)])
    assert run(script).document.warnings == ("translate: 1 of 2 texts are only a word-by-word gloss",)
    stages = TinyFactory(script).stages(StageOrder("ja", "en"))
    pipeline = PagePipeline(stages, PageSettings())
    translated = pipeline.translate(pipeline.read(image(), 1, SilentWatch()), (), SilentWatch())
    assert translated.pairs == (("1頁r1", "Hello"),)


def test_no_more_context_than_three_pages_is_shown() -> None:
    script = Script()
    run(script, context=[(("a", str(page)),) for page in range(9)])
    assert [pairs[0][1] for pairs in script.requests[0].context] == ["6", "7", "8"]


def test_furigana_is_in_the_document() -> None:
    script = Script(texts={"r0": Reading("r0", "吹き出し", 0.9, (Ruby(0, 1, "ふ"),))})
    assert run(script).document.regions[0].ruby == ((0, 1, "ふ"),)


def test_the_settings_warnings_are_on_every_page() -> None:
    assert run(settings=PageSettings(warnings=("no memory",))).document.warnings == ("no memory",)


def test_a_format_that_cannot_hold_the_page_is_replaced_and_told() -> None:
    finished = run(data=image(10, 16_384))
    assert finished.image_format is ImageFormat.PNG
    assert any("webp" in warning for warning in finished.document.warnings)


def test_the_limit_of_pixels_is_the_settings() -> None:
    with pytest.raises(StageError) as caught:
        run(settings=PageSettings(max_pixels=100))
    assert caught.value.code == "image_too_large"


def test_a_watch_can_stop_the_work_between_two_stages() -> None:
    class Impatient(SilentWatch):
        def __init__(self) -> None:
            self.left: list[str] = []

        def enter(self, stage: str) -> None:
            if stage == "read":
                raise Stopped

        def leave(self, stage: str, seconds: float) -> None:
            self.left.append(stage)

    script, watch = Script(), Impatient()
    stages = TinyFactory(script).stages(StageOrder("ja", "en"))
    with pytest.raises(Stopped):
        PagePipeline(stages, PageSettings()).read(image(), 1, watch)
    assert watch.left == ["decode", "detect"]
    assert [call.stage for call in script.calls] == ["detect"]


def test_a_stage_that_fails_is_timed_too() -> None:
    class Listening(SilentWatch):
        seen: list[str] = []  # noqa: RUF012 - one test, one list

        def leave(self, stage: str, seconds: float) -> None:
            self.seen.append(stage)

    with pytest.raises(StageError):
        PagePipeline(TinyFactory().stages(StageOrder("ja", "en")), PageSettings()).read(b"", 1, Listening())
    assert Listening.seen == ["decode"]


def handled(outcome: PageOutcome) -> dict[str, tuple[str, str]]:
    return {region.id: (region.policy, region.handling) for region in outcome.document.regions}


def test_each_region_says_what_was_asked_for_it_and_what_was_done() -> None:
    script = Script(texts={"r1": Reading("r1", "", 0.1)})
    outcome = run(script)
    assert handled(outcome) == {
        "r0": ("translate", "translated"),
        "r1": ("keep", "kept"),  # what stands in no balloon and cannot be read is taken for a drawn sound
        "r2": ("keep", "kept"),
    }
    assert [region.note for region in outcome.document.regions] == [
        "",
        "no text could be read",
        "sound effects stay as drawn",
    ]


def test_what_is_erased_is_cleaned_and_neither_translated_nor_set() -> None:
    script = Script()
    outcome = run(script, settings=PageSettings(policies=Policies(sfx=Policy.ERASE)))
    effect = outcome.document.regions[2]
    assert (effect.handling, effect.origin, effect.translation) == ("erased", "none", "")
    assert effect.note == "sound effects are erased"
    assert script.cleaned == ["r0", "r1", "r2"]
    assert "r2" not in [text.region_id for text in script.requests[0].texts]
    assert script.drawn == ["page 1 r0", "page 1 r1"]


def test_a_page_of_which_all_is_erased_is_only_cleaned() -> None:
    script = Script()
    outcome = run(script, settings=PageSettings(policies=Policies(**dict.fromkeys(KINDS, Policy.ERASE))))
    assert (script.cleaned, script.drawn, script.requests) == (["r0", "r1", "r2"], [], [])
    assert {done for _, done in handled(outcome).values()} == {"erased"}


def test_what_is_annotated_is_translated_and_keeps_its_lettering() -> None:
    script = Script()
    outcome = run(script, settings=PageSettings(policies=Policies(sfx=Policy.ANNOTATE)))
    effect = outcome.document.regions[2]
    assert (effect.handling, effect.translation) == ("annotated", "page 1 r2")
    assert script.cleaned == ["r0", "r1"]
    assert script.beside == ["page 1 r2"]


def test_a_translation_stands_beside_letters_that_could_not_be_removed() -> None:
    script = Script(is_marked=True)
    document = run(script).document
    assert [region.handling for region in document.regions] == ["annotated", "annotated", "kept"]
    assert script.beside == ["page 1 r0", "page 1 r1"]
    assert len([warning for warning in document.warnings if "left as drawn" in warning]) == 2


def test_an_annotation_without_room_says_so_and_keeps_its_translation() -> None:
    outcome = run(Script(crowded=True), settings=PageSettings(policies=Policies(sfx=Policy.ANNOTATE)))
    effect = outcome.document.regions[2]
    assert (effect.policy, effect.handling, effect.note) == ("annotate", "kept", "no room")
    assert (effect.translation, effect.placement) == ("page 1 r2", None)


def test_an_annotation_that_nobody_translated_is_kept() -> None:
    script = Script(answers=[answer("r0", "Hello"), answer("r1", "Hi")])
    outcome = run(script, settings=PageSettings(policies=Policies(sfx=Policy.ANNOTATE)))
    assert handled(outcome)["r2"] == ("annotate", "kept")
    assert script.beside == []


def test_erased_texts_are_no_context_for_the_next_page() -> None:
    stages = TinyFactory().stages(StageOrder("ja", "en"))
    pipeline = PagePipeline(stages, PageSettings(policies=Policies(dialogue=Policy.ERASE)))
    read = pipeline.read(image(), 1, SilentWatch())
    assert pipeline.translate(read, (), SilentWatch()).pairs == (("1頁r1", "page 1 r1"),)
