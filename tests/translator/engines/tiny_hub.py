"""Models of real architectures with a few thousand random weights, saved as the hub has them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch
from transformers import (
    BertConfig,
    RTDetrImageProcessor,
    RTDetrResNetConfig,
    RTDetrV2Config,
    RTDetrV2ForObjectDetection,
    VisionEncoderDecoderConfig,
    VisionEncoderDecoderModel,
    ViTConfig,
)
from transformers.utils import logging as hub_logging

VOCABULARY = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "猫", "だ", "！", "##ね", "コ"]
LABELS = {0: "bubble", 1: "text_bubble", 2: "text_free"}


def save_detector(folder: Path, *, labels: dict[int, str] | None = None, seed: int = 1) -> Path:
    """An RT-DETR v2 of 20 queries over images of 64 x 64."""
    labels = labels or LABELS
    torch.manual_seed(seed)
    hub_logging.disable_progress_bar()
    config = RTDetrV2Config(
        backbone_config=RTDetrResNetConfig(
            embedding_size=8,
            hidden_sizes=[8, 16, 16, 16],
            depths=[1, 1, 1, 1],
            layer_type="basic",
            out_features=["stage2", "stage3", "stage4"],
        ),
        encoder_in_channels=[16, 16, 16],
        encoder_hidden_dim=16,
        encoder_ffn_dim=16,
        encoder_attention_heads=2,
        d_model=16,
        num_queries=20,
        decoder_in_channels=[16, 16, 16],
        decoder_ffn_dim=16,
        decoder_layers=2,
        decoder_attention_heads=2,
        num_denoising=0,
        feat_strides=[8, 16, 32],
        id2label=labels,
        label2id={name: index for index, name in labels.items()},
    )
    RTDetrV2ForObjectDetection(config).save_pretrained(folder)
    RTDetrImageProcessor(size={"height": 64, "width": 64}).save_pretrained(folder)
    return folder


def save_reader(folder: Path, *, says: str = "", surely: float = 20.0, old: bool = False) -> Path:
    """A ViT with a BERT decoder over images of 32 x 32; its last bias makes it say ``says`` (one token, over and over).

    ``old``: in the files and the form of manga-ocr-base's revision, a pickled state and settings of an older version.
    """
    torch.manual_seed(1)
    hub_logging.disable_progress_bar()
    encoder = ViTConfig(
        hidden_size=32,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=32,
        image_size=32,
        patch_size=16,
    )
    decoder = BertConfig(
        vocab_size=len(VOCABULARY),
        hidden_size=32,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=32,
        is_decoder=True,
        add_cross_attention=True,
        max_position_embeddings=64,
    )
    model = VisionEncoderDecoderModel(VisionEncoderDecoderConfig.from_encoder_decoder_configs(encoder, decoder))
    if says:
        head = model.decoder.cls.predictions
        with torch.no_grad():
            head.decoder.weight.zero_()
            head.bias.zero_()
            head.decoder.bias.zero_()
            head.bias[VOCABULARY.index(says)] = surely
            head.decoder.bias[VOCABULARY.index(says)] = surely
    tokens = {"decoder_start_token_id": 2, "eos_token_id": 3, "pad_token_id": 0}
    for name, value in tokens.items():
        setattr(model.generation_config, name, value)
    model.save_pretrained(folder)
    _describe(folder, tokens, old=old)
    if old:
        torch.save(model.state_dict(), folder / "pytorch_model.bin")
        (folder / "model.safetensors").unlink()
        (folder / "generation_config.json").unlink()
    return folder


def _describe(folder: Path, tokens: dict[str, int], *, old: bool) -> None:
    processor: dict[str, Any] = {"do_normalize": True, "do_resize": True, "resample": 2}
    processor |= {"image_mean": [0.5] * 3, "image_std": [0.5] * 3}
    if old:
        processor |= {"feature_extractor_type": "ViTFeatureExtractor", "size": 32}
    else:
        processor |= {"image_processor_type": "ViTImageProcessor", "size": {"height": 32, "width": 32}}
    (folder / "preprocessor_config.json").write_text(json.dumps(processor))
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, **tokens, "max_length": 300, "num_beams": 4}))
    (folder / "vocab.txt").write_text("\n".join(VOCABULARY) + "\n", encoding="utf-8")
