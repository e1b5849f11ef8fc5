"""Where a model runs: a GPU that works, the CPU in its place, and a reason where neither would do."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from onnxruntime.capi.onnxruntime_pybind11_state import EPFail

from translator.engines.ppocr_models import (
    DETECTOR,
    Device,
    DeviceUnavailableError,
    device_of,
    engine_name,
    model_path,
    open_model,
)

CPU, CUDA = "CPUExecutionProvider", "CUDAExecutionProvider"


@dataclass
class Input:
    name: str = "x"
    shape: tuple[str | int, ...] = ("batch", 3, 48, "width")


@dataclass
class Session:
    providers: list[str]
    failure: Exception | None = None
    fed: list[tuple[int, ...]] = field(default_factory=list)

    def get_providers(self) -> list[str]:
        return self.providers

    def get_inputs(self) -> list[Input]:
        return [Input()]

    def run(self, _names: None, feed: dict[str, np.ndarray[Any, Any]]) -> list[Any]:
        self.fed.append(feed["x"].shape)
        if self.failure is not None:
            raise self.failure
        return []


class Options:
    def add_session_config_entry(self, key: str, value: str) -> None: ...


class Runtime:
    """Stands in for ``onnxruntime`` on a machine of the test's making."""

    SessionOptions = Options

    def __init__(self, *available: str, opens: bool = True, failure: Exception | None = None, works: bool = True):
        self.available, self.opens, self.failure, self.works = list(available), opens, failure, works
        self.preloaded = 0
        self.sessions: list[Session] = []

    def get_available_providers(self) -> list[str]:
        return self.available

    def preload_dlls(self) -> None:
        self.preloaded += 1

    def InferenceSession(self, path: str, options: Options, *, providers: list[str]) -> Session:
        if CUDA in providers:
            assert self.preloaded
            if self.failure is not None and self.opens is False:
                raise self.failure
        given = providers if self.opens else [CPU]
        session = Session(given, self.failure if given[0] == CUDA and not self.works else None)
        self.sessions.append(session)
        return session


def opened(runtime: Runtime, device: str) -> Device:
    return device_of(open_model(Path("model.onnx"), threads=1, device=device, runtime=runtime))


def test_the_cpu_never_asks_for_a_gpu() -> None:
    runtime = Runtime(CUDA, CPU)
    assert opened(runtime, "cpu") is Device.CPU
    assert runtime.preloaded == 0


@pytest.mark.parametrize("device", ["auto", "cuda"])
def test_a_gpu_that_works_is_taken_after_a_trial(device: str) -> None:
    runtime = Runtime(CUDA, CPU)
    assert opened(runtime, device) is Device.CUDA
    assert runtime.preloaded == 1
    assert runtime.sessions[0].fed == [(1, 3, 48, 64)]


BROKEN = {
    "a build for the CPU": (Runtime(CPU), "no CUDAExecutionProvider"),
    "a silent fallback": (Runtime(CUDA, CPU, opens=False), "fell back to the CPU"),
    "a driver that is too old": (
        Runtime(CUDA, CPU, opens=False, failure=EPFail("driver is insufficient\nat line 3")),
        "driver is insufficient",
    ),
    "a library that is missing at the first run": (
        Runtime(CUDA, CPU, works=False, failure=RuntimeError("libcudnn.so.9: cannot open")),
        "libcudnn",
    ),
}


@pytest.mark.parametrize(("runtime", "reason"), BROKEN.values(), ids=BROKEN)
def test_a_gpu_that_does_not_work_is_refused_with_its_reason(runtime: Runtime, reason: str) -> None:
    with pytest.raises(DeviceUnavailableError, match=reason) as caught:
        opened(runtime, "cuda")
    assert "\n" not in caught.value.reason


@pytest.mark.parametrize("runtime", [runtime for runtime, _ in BROKEN.values()], ids=BROKEN)
def test_auto_takes_the_cpu_instead(runtime: Runtime) -> None:
    assert opened(runtime, "auto") is Device.CPU


def test_a_device_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="tpu"):
        opened(Runtime(CPU), "tpu")


def test_the_name_says_where_the_real_model_runs() -> None:
    assert engine_name(open_model(model_path(DETECTOR), threads=1, device="cpu")) == "PP-OCRv6-small (cpu)"
