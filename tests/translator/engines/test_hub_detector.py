"""An object detector's blocks with the default detector's lines: real loading, real forward passes, tiny weights."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("torch", reason="the optional engines are not installed (make setup-engines)")

import torch

from tests.translator.engines.tiny_hub import LABELS, save_detector
from translator.engines.hub_detector import BlockSettings, HubDetector
from translator.engines.hub_models import BadModelError
from translator.engines.hub_regions import Block, BlockLabel
from translator.engines.ppocr_models import Device, DeviceUnavailableError
from translator.pipeline.types import Box, Detection, Kind, Mask, Page, Region, TextLine

EVERY = BlockSettings(least=0.0)


class Lines:
    """A detector that finds two columns in one region, and on what is looked at again, what ``again`` says."""

    name = "lines"

    def __init__(self, again: tuple[Box, ...] = ()) -> None:
        self.again, self.seen = again, list[Page]()

    def detect(self, page: Page) -> Detection:
        self.seen.append(page)
        boxes = (Box(40, 20, 50, 60), Box(25, 20, 35, 60)) if len(self.seen) == 1 else self.again
        mask: Mask = np.zeros((page.height, page.width), np.uint8)
        if not boxes:
            return Detection((), mask)
        lines = tuple(TextLine(box, box.polygon, 0.9) for box in boxes)
        around = boxes[0]
        for box in boxes[1:]:
            around = around.union(box)
            mask[around.y0 : around.y1, around.x0 : around.x1] = 255
        return Detection((Region("r0001", around, around.polygon, Kind.DIALOGUE, True, 0.9, lines),), mask)


def page(width: int = 120, height: int = 160) -> Page:
    return Page(1, np.random.default_rng(4).integers(0, 256, (height, width, 3), np.uint8))


class Told(HubDetector):
    """With the model's answer replaced: what follows from given blocks."""

    told: tuple[Block, ...] = ()

    def blocks(self, rgb: Any) -> tuple[Block, ...]:
        return self.told


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_detector(tmp_path_factory.mktemp("detector"))


def test_its_name_says_what_both_parts_are(folder: Path) -> None:
    assert HubDetector("comic-detr", folder, Lines()).name == "comic-detr (cpu) over lines"


@pytest.mark.parametrize(("width", "height"), [(120, 160), (64, 64), (300, 40), (1, 1), (2, 3)])
def test_blocks_are_in_the_page_and_of_text(folder: Path, width: int, height: int) -> None:
    image = page(width, height).rgb
    blocks = HubDetector("d", folder, Lines(), settings=EVERY).blocks(image)
    assert all(block.box.intersection(Box(0, 0, width, height)) == block.box for block in blocks)
    assert {block.label for block in blocks} <= {BlockLabel.TEXT_BUBBLE, BlockLabel.TEXT_FREE}
    assert [block.score for block in blocks] == sorted((block.score for block in blocks), reverse=True)


def test_the_forward_pass_is_the_models(folder: Path) -> None:
    """The same boxes as transformers' own way from image to objects."""
    from transformers import AutoImageProcessor, AutoModelForObjectDetection

    image = page().rgb
    processor, model = AutoImageProcessor.from_pretrained(folder), AutoModelForObjectDetection.from_pretrained(folder)
    with torch.inference_mode():
        outputs = model.eval()(**processor(images=[image], return_tensors="pt"))
    (seen,) = processor.post_process_object_detection(outputs, threshold=0.0, target_sizes=[(160, 120)])
    expected = {round(float(score), 5) for score in seen["scores"]}
    blocks = HubDetector("d", folder, Lines(), settings=EVERY).blocks(image)
    assert blocks
    assert {round(block.score, 5) for block in blocks} <= expected


def test_what_is_not_sure_enough_is_no_block(folder: Path) -> None:
    assert HubDetector("d", folder, Lines(), settings=BlockSettings(least=1.0)).blocks(page().rgb) == ()


def test_without_blocks_the_default_detection_stands(folder: Path) -> None:
    lines = Lines()
    found = HubDetector("d", folder, lines, settings=BlockSettings(least=1.0)).detect(page())
    assert [region.box for region in found.regions] == [Box(25, 20, 50, 60)]
    assert len(lines.seen) == 1


def told(folder: Path, lines: Lines, *blocks: Block) -> Detection:
    detector = Told("d", folder, lines)
    detector.told = blocks
    return detector.detect(page())


def test_the_models_blocks_hold_the_lines(folder: Path) -> None:
    blocks = [Block(Box(x - 2, 18, x + 12, 62), BlockLabel.TEXT_BUBBLE, 0.9) for x in (40, 25)]
    found = told(folder, Lines(), *blocks)
    assert [(region.id, region.box) for region in found.regions] == [
        ("r0001", Box(38, 18, 52, 62)),
        ("r0002", Box(23, 18, 37, 62)),
    ]


def test_a_block_without_lines_is_looked_at_again_enlarged(folder: Path) -> None:
    lines = Lines(again=(Box(20, 24, 40, 80),))
    found = told(folder, lines, Block(Box(70, 90, 100, 140), BlockLabel.TEXT_FREE, 0.9))
    again = lines.seen[1]
    assert (again.width, again.height) == (2 * 46, 2 * 66)
    (new,) = [region for region in found.regions if region.box.y0 >= 80]
    assert [line.box for line in new.lines] == [Box(72, 94, 82, 122)]
    assert new.box == Box(70, 90, 100, 140)


def test_a_block_in_which_no_line_is_found_is_one_line(folder: Path) -> None:
    box = Box(70, 90, 100, 140)
    detector = Told("d", folder, Lines())
    detector.told = (Block(box, BlockLabel.TEXT_FREE, 0.9),)
    paper = np.full((160, 120, 3), 255, np.uint8)
    paper[95:135, 80:90] = 0
    found = detector.detect(Page(1, paper))
    (new,) = [region for region in found.regions if region.box == box]
    assert ([line.box for line in new.lines], new.kind, new.vertical) == ([box], Kind.NARRATION, True)
    assert found.mask[box.y0 : box.y1, box.x0 : box.x1].any()


def test_a_strip_is_looked_at_in_windows_that_overlap(folder: Path) -> None:
    detector = HubDetector("d", folder, Lines(), settings=BlockSettings(least=0.0, tallest=1.5, overlap=0.5))
    sizes: list[tuple[int, ...]] = []
    asked = detector._processor

    class Processor:
        def __call__(self, images: list[Any], **more: Any) -> Any:
            sizes.append(images[0].shape[:2])
            return asked(images=images, **more)

        post_process_object_detection = staticmethod(asked.post_process_object_detection)

    detector._processor = Processor()
    blocks = detector.blocks(page(100, 700).rgb)
    assert sizes == [(150, 100)] * 7
    assert max(block.box.y1 for block in blocks) > 500


@pytest.mark.parametrize("name", ["config.json", "preprocessor_config.json", "model.safetensors"])
def test_a_folder_without_a_file_is_an_error_that_names_the_folder(tmp_path: Path, name: str) -> None:
    folder = save_detector(tmp_path / "detector")
    (folder / name).unlink()
    with pytest.raises(BadModelError, match="detector"):
        HubDetector("d", folder, Lines())


def test_weights_that_are_cut_off_are_an_error(tmp_path: Path) -> None:
    folder = save_detector(tmp_path)
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:5000])
    with pytest.raises(BadModelError):
        HubDetector("d", folder, Lines())


def test_a_detector_of_other_things_is_an_error(tmp_path: Path) -> None:
    folder = save_detector(tmp_path, labels={0: "cat", 1: "dog", 2: "bubble"})
    with pytest.raises(BadModelError, match="text_bubble"):
        HubDetector("d", folder, Lines())


def test_labels_in_another_order_mean_what_they_say(tmp_path: Path) -> None:
    folder = save_detector(tmp_path, labels={0: "text_free", 1: "bubble", 2: "TEXT_BUBBLE"})
    names = json.loads((folder / "config.json").read_text())["id2label"]
    assert names != {str(index): name for index, name in LABELS.items()}
    blocks = HubDetector("d", folder, Lines(), settings=EVERY).blocks(page().rgb)
    assert {block.label for block in blocks} <= {BlockLabel.TEXT_BUBBLE, BlockLabel.TEXT_FREE}


def test_a_gpu_that_has_to_be_there_and_is_not_is_an_error(folder: Path) -> None:
    if torch.cuda.is_available():
        pytest.skip("this machine has a GPU")
    with pytest.raises(DeviceUnavailableError):
        HubDetector("d", folder, Lines(), device=Device.CUDA)
