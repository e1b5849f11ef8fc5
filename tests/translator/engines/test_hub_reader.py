"""A vision encoder-decoder reads whole blocks: real loading, real forward passes, tiny random weights."""

from __future__ import annotations

import json
import pickle
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="the optional engines are not installed (make setup-engines)")

from tests.translator.engines.tiny_hub import VOCABULARY, save_reader
from translator.engines.hub_models import BadModelError
from translator.engines.hub_reader import BlockReaderSettings, HubReader
from translator.engines.ppocr_models import Device, DeviceUnavailableError
from translator.pipeline.types import Box, Detection, Kind, Page, Region

SHORT = BlockReaderSettings(longest=5)


def page_of(*boxes: Box) -> tuple[Page, Detection]:
    rgb = np.random.default_rng(3).integers(0, 256, (200, 300, 3), np.uint8)
    regions = tuple(
        Region(f"r{number}", box, box.polygon, Kind.DIALOGUE, True, 0.9) for number, box in enumerate(boxes, start=1)
    )
    return Page(1, rgb), Detection(regions, np.zeros((200, 300), np.uint8))


BLOCKS = tuple(Box(20 * n, 10, 20 * n + 15, 60 + n) for n in range(11))


@pytest.fixture(scope="module")
def sure(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_reader(tmp_path_factory.mktemp("sure"), says="猫")


def test_each_block_is_read_in_its_order(sure: Path) -> None:
    reader = HubReader("manga-ocr", sure, settings=SHORT)
    readings = reader.read(*page_of(*BLOCKS))
    assert [reading.region_id for reading in readings] == [f"r{n}" for n in range(1, 12)]
    assert {reading.text for reading in readings} == {"猫猫猫猫猫"}
    assert all(reading.confidence > 0.99 for reading in readings)
    assert reader.name == "manga-ocr (cpu)"


@pytest.mark.parametrize("beams", [1, 4])
def test_what_it_is_unsure_of_is_unread_and_says_how_unsure(tmp_path: Path, beams: int) -> None:
    folder = save_reader(tmp_path, says="猫", surely=0.5)
    (reading,) = HubReader("manga-ocr", folder, settings=BlockReaderSettings(longest=5, beams=beams)).read(
        *page_of(BLOCKS[0])
    )
    expected = np.exp(0.5) / (np.exp(0.5) + len(VOCABULARY) - 1)
    assert reading.text == ""
    assert reading.confidence == pytest.approx(expected, abs=0.02)


def test_an_end_at_once_is_an_empty_text(tmp_path: Path) -> None:
    (reading,) = HubReader("manga-ocr", save_reader(tmp_path, says="[SEP]")).read(*page_of(BLOCKS[0]))
    assert reading.text == ""
    assert reading.confidence > 0.99


def test_parts_of_words_lose_their_mark(tmp_path: Path) -> None:
    (reading,) = HubReader("manga-ocr", save_reader(tmp_path, says="##ね"), settings=SHORT).read(*page_of(BLOCKS[0]))
    assert reading.text == "ねねねねね"


def test_weights_of_an_older_version_are_read_alike(tmp_path: Path, sure: Path) -> None:
    old = save_reader(tmp_path, says="猫", old=True)
    assert {path.name for path in old.iterdir()} == {
        "config.json",
        "preprocessor_config.json",
        "pytorch_model.bin",
        "vocab.txt",
    }
    asked = page_of(*BLOCKS[:3])
    assert HubReader("a", old, settings=SHORT).read(*asked) == HubReader("b", sure, settings=SHORT).read(*asked)


def test_a_page_without_blocks_has_no_readings(sure: Path) -> None:
    assert HubReader("manga-ocr", sure).read(*page_of()) == ()


def test_a_block_at_the_edge_or_without_an_inside_is_no_error(sure: Path) -> None:
    reader = HubReader("manga-ocr", sure, settings=SHORT)
    assert len(reader.read(*page_of(Box(290, 190, 300, 200), Box(0, 0, 1, 1), Box(300, 200, 300, 200)))) == 3


@pytest.mark.parametrize("name", ["config.json", "preprocessor_config.json", "model.safetensors", "vocab.txt"])
def test_a_folder_without_a_file_is_an_error_that_names_the_folder(tmp_path: Path, name: str) -> None:
    folder = save_reader(tmp_path / "reader")
    (folder / name).unlink()
    with pytest.raises(BadModelError, match="reader"):
        HubReader("manga-ocr", folder)


def test_a_vocabulary_of_another_model_is_an_error(tmp_path: Path) -> None:
    folder = save_reader(tmp_path)
    (folder / "vocab.txt").write_text("[PAD]\n猫\n", encoding="utf-8")
    with pytest.raises(BadModelError, match="has 2 tokens and the model 10"):
        HubReader("manga-ocr", folder)


def test_weights_that_lack_a_part_are_an_error_and_not_random(tmp_path: Path) -> None:
    folder = save_reader(tmp_path, old=True)
    import torch

    state = torch.load(folder / "pytorch_model.bin", weights_only=True)
    torch.save(
        {name: value for name, value in state.items() if "encoder.layer" not in name}, folder / "pytorch_model.bin"
    )
    with pytest.raises(BadModelError, match="no weights for"):
        HubReader("manga-ocr", folder)


def test_weights_that_would_run_code_are_refused(tmp_path: Path) -> None:
    folder = save_reader(tmp_path, old=True)
    proof = tmp_path / "it ran"

    class Evil:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return Path.touch, (proof,)  # type: ignore[return-value]

    (folder / "pytorch_model.bin").write_bytes(pickle.dumps({"encoder": Evil()}, protocol=2))
    with pytest.raises(BadModelError):
        HubReader("manga-ocr", folder)
    assert not proof.exists()


def test_code_that_comes_with_weights_is_not_run(tmp_path: Path) -> None:
    folder = save_reader(tmp_path)
    proof = tmp_path / "it ran"
    (folder / "processing.py").write_text(f"open({str(proof)!r}, 'w').close()\nclass Own: pass\n")
    config = json.loads((folder / "preprocessor_config.json").read_text())
    config |= {"image_processor_type": "Own", "auto_map": {"AutoImageProcessor": "processing.Own"}}
    (folder / "preprocessor_config.json").write_text(json.dumps(config))
    with pytest.raises(BadModelError):
        HubReader("manga-ocr", folder)
    assert not proof.exists()


def test_a_gpu_that_has_to_be_there_and_is_not_is_an_error(sure: Path) -> None:
    import torch

    if torch.cuda.is_available():
        pytest.skip("this machine has a GPU")
    with pytest.raises(DeviceUnavailableError):
        HubReader("manga-ocr", sure, device=Device.CUDA)
