"""How crops are batched and decoded, with a network that the test plays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from translator.engines.ppocr_recognizer import LineRecognizer

LETTERS = "あいう"


@dataclass
class Named:
    name: str = "x"
    shape: tuple[Any, ...] = ("n", "t", len(LETTERS) + 2)


@dataclass
class Meta:
    custom_metadata_map: Mapping[str, str] = field(default_factory=lambda: {"character": "\n".join(LETTERS)})


@dataclass
class Network:
    """Answers each 8 columns of a line with the class that is its first pixel's level; padding is blank."""

    shapes: list[tuple[int, ...]] = field(default_factory=list)

    def get_inputs(self) -> list[Named]:
        return [Named()]

    def get_outputs(self) -> list[Named]:
        return [Named()]

    def get_modelmeta(self) -> Meta:
        return Meta()

    def run(self, _names: None, inputs: Mapping[str, NDArray[np.float32]]) -> list[NDArray[np.float32]]:
        (blob,) = inputs.values()
        self.shapes.append(blob.shape)
        levels = np.rint((blob[:, 0, 0, ::8] + 1) * 127.5).astype(int)
        levels[levels > len(LETTERS)] = 0
        return [np.eye(len(LETTERS) + 2, dtype=np.float32)[levels]]


def crop(width: int, level: int = 1) -> NDArray[np.uint8]:
    return np.full((48, width, 3), level, np.uint8)


def everything(recognizer: LineRecognizer) -> NDArray[np.bool_]:
    return recognizer.mask(frozenset(LETTERS))


def test_lines_of_different_lengths_share_no_batch() -> None:
    network = Network()
    recognizer = LineRecognizer(network)
    widths = [64, 600, 66, 610, 300, 70]
    recognizer.recognize([crop(width) for width in widths], everything(recognizer))
    assert sorted(shape[0] for shape in network.shapes) == [1, 2, 3]
    assert sum(shape[0] * shape[3] for shape in network.shapes) <= 1.15 * (sum(widths) + 6 * 16)


def test_a_batch_is_bounded() -> None:
    network = Network()
    recognizer = LineRecognizer(network)
    recognizer.recognize([crop(400)] * 30, everything(recognizer))
    assert max(shape[0] * shape[3] for shape in network.shapes) <= 2000


def test_the_answers_keep_the_order_of_the_crops() -> None:
    recognizer = LineRecognizer(Network())
    crops = [crop(200, 3), crop(64, 1), crop(900, 2), crop(66, 2)]
    read = recognizer.recognize(crops, everything(recognizer))
    assert [[character.text for character in line] for line in read] == [["う"], ["あ"], ["い"], ["い"]]


def test_a_character_outside_the_mask_gives_way_to_the_likeliest_inside() -> None:
    recognizer = LineRecognizer(Network())
    (line,) = recognizer.recognize([crop(64, 2)], recognizer.mask(frozenset("あう")))
    assert "い" not in [character.text for character in line]


def test_every_line_has_padding_after_it() -> None:
    network = Network()
    recognizer = LineRecognizer(network)
    recognizer.recognize([crop(200), crop(80)], everything(recognizer))
    assert sorted(shape[3] for shape in network.shapes) == [96, 216]


def test_no_crops_are_no_run() -> None:
    network = Network()
    recognizer = LineRecognizer(network)
    assert recognizer.recognize([], everything(recognizer)) == []
    assert network.shapes == []


def test_a_closer_look_leaves_the_rim_out_and_is_as_wide() -> None:
    network = Network()
    recognizer = LineRecognizer(network)
    rimmed = crop(200, 2)
    rimmed[:5] = rimmed[-5:] = 1
    (line,) = recognizer.recognize([rimmed], everything(recognizer), closer=0.12)
    assert [character.text for character in line] == ["い"]
    assert [shape[3] for shape in network.shapes] == [216]


def test_a_crop_too_low_to_be_cut_is_looked_at_whole() -> None:
    recognizer = LineRecognizer(Network())
    (line,) = recognizer.recognize([crop(64, 3)[:4]], everything(recognizer), closer=0.49)
    assert [character.text for character in line] == ["う"]


class Wavering(Network):
    """Sees い with 0.6 and あ with 0.3 everywhere."""

    def run(self, _names: None, inputs: Mapping[str, NDArray[np.float32]]) -> list[NDArray[np.float32]]:
        (steps,) = super().run(_names, inputs)
        return [np.full_like(steps, 0.0) + np.array([0.05, 0.3, 0.6, 0.0, 0.05], dtype=np.float32)]


def test_the_next_best_character_is_told_unless_the_language_cannot_have_it() -> None:
    recognizer = LineRecognizer(Wavering())
    ((both, *_),) = recognizer.recognize([crop(64)], everything(recognizer))
    assert (both.text, both.other) == ("い", "あ")
    assert both.other_confidence < both.confidence
    ((one, *_),) = recognizer.recognize([crop(64)], recognizer.mask(frozenset("い")))
    assert (one.text, one.other, one.other_confidence) == ("い", "", 0.0)
