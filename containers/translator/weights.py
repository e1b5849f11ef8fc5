"""The weights of optional engines: which they are, whether the files here are those, and how they come here.

``python -m translator.weights fetch NAME... [--into DIR] [--manifest FILE]`` is for building an image. A server reads
what is there and fetches nothing. ``weights.json`` names each file by its repository's URL, its revision and its
SHA-256 (or, for a small one that the repository keeps itself, by Git's id of it).

WeightsError         base; names the weights
├── BadManifest      the manifest cannot be read
├── WeightsMissing   a file is not there
├── WeightsDiffer    a file is another one than the manifest names
└── FetchFailed      a file could not be had
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import httpx

MANIFEST = Path(__file__).with_name("weights.json")
TRIES = 4
_CHUNK = 1 << 20
_TIMEOUT_S = 60.0
_DIGEST = {"sha256": re.compile("[0-9a-f]{64}"), "git_blob": re.compile("[0-9a-f]{40}")}
_NAME = re.compile(r"[a-z0-9][a-z0-9.-]*")
_REVISION = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


class WeightsError(Exception):
    """Base of what can be wrong with weights."""


class BadManifest(WeightsError):  # noqa: N818 - names of outcomes
    """The manifest is none, or does not know a name."""


class WeightsMissing(WeightsError):  # noqa: N818
    """A file of configured weights is not there."""


class WeightsDiffer(WeightsError):  # noqa: N818
    """A file is not the one that the manifest names."""


class FetchFailed(WeightsError):  # noqa: N818
    """A file could not be downloaded."""


@dataclass(frozen=True, slots=True)
class WeightFile:
    """A file by its content: ``digest`` is a SHA-256, or, where ``kind`` is ``git_blob``, Git's id of it."""

    path: str
    size: int
    kind: str
    digest: str

    def hash(self) -> Any:
        """To be updated with the content; its ``hexdigest()`` is to be ``digest``."""
        if self.kind == "sha256":
            return hashlib.sha256()
        return hashlib.sha1(b"blob %d\0" % self.size, usedforsecurity=False)


@dataclass(frozen=True, slots=True)
class Weights:
    """The files of one model at one revision of a repository."""

    name: str
    url: str
    revision: str
    files: tuple[WeightFile, ...]

    def folder(self, root: Path) -> Path:
        return root / self.name / self.revision

    def check(self, root: Path) -> Path:
        """The folder, each file of it verified. Raises :class:`WeightsMissing` or :class:`WeightsDiffer`."""
        for file in self.files:
            path = self.folder(root) / file.path
            if not path.is_file():
                how = f"python -m translator.weights fetch {self.name}"
                raise WeightsMissing(f"{self.name}: {path} is not there; when building: {how}")
            if not is_same(path, file):
                raise WeightsDiffer(f"{self.name}: {path} is not the file of {file.kind} {file.digest}")
        return self.folder(root)


def is_same(path: Path, file: WeightFile) -> bool:
    """Whether a file has the size and the digest of the manifest."""
    if path.stat().st_size != file.size:
        return False
    found = file.hash()
    with path.open("rb") as content:
        while block := content.read(_CHUNK):
            found.update(block)
    return bool(found.hexdigest() == file.digest)


def read_manifest(path: Path = MANIFEST) -> dict[str, Weights]:
    """All weights by name. Raises :class:`BadManifest`."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        found = [_weights(entry) for entry in document["weights"]]
    except (OSError, ValueError, LookupError, TypeError) as error:
        raise BadManifest(f"{path}: {type(error).__name__}: {error}") from None
    return {weights.name: weights for weights in found}


def weights_of(name: str, manifest: Path = MANIFEST) -> Weights:
    """Raises :class:`BadManifest` for a name that is not in it."""
    known = read_manifest(manifest)
    if name not in known:
        raise BadManifest(f"{manifest}: no weights are called {name}; there are {', '.join(known)}")
    return known[name]


def _weights(entry: Any) -> Weights:
    name, url, revision = str(entry["name"]), str(entry["url"]), str(entry["revision"])
    if not _NAME.fullmatch(name) or not _REVISION.fullmatch(revision):
        raise ValueError(f"{name!r} at {revision!r} cannot be the name of a folder")
    if not url.startswith(("https://", "http://")):
        raise ValueError(f"{name}: {url!r} is no URL")
    files = tuple(_file(item) for item in entry["files"])
    if not files:
        raise ValueError(f"{name} has no files")
    return Weights(name, url.rstrip("/"), revision, files)


def _file(item: Any) -> WeightFile:
    path, size = str(item["path"]), item["bytes"]
    parts = PurePosixPath(path).parts
    if not parts or path.startswith("/") or ".." in parts or "\\" in path:
        raise ValueError(f"{path!r} would leave its folder")
    kind = "sha256" if "sha256" in item else "git_blob"
    digest = str(item[kind])
    if not _DIGEST[kind].fullmatch(digest) or isinstance(size, bool) or not isinstance(size, int) or size < 0:
        raise ValueError(f"{path}: no {kind} or no size")
    return WeightFile(path, size, kind, digest)


def fetch(
    weights: Weights, root: Path, client: httpx.Client, *, sleep: Callable[[float], None] = time.sleep
) -> Iterator[str]:
    """Brings the files that are not there yet, one by one, naming each. Raises :class:`WeightsError`.

    A file appears under its name only once it is whole and verified.
    """
    folder = weights.folder(root)
    for file in weights.files:
        path = folder / file.path
        if path.is_file() and is_same(path, file):
            yield f"{weights.name}: {file.path} is there"
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        _fetch_file(weights, file, path, client, sleep)
        yield f"{weights.name}: {file.path} fetched, {file.size:,} bytes"


def _fetch_file(
    weights: Weights, file: WeightFile, path: Path, client: httpx.Client, sleep: Callable[[float], None]
) -> None:
    url = f"{weights.url}/resolve/{weights.revision}/{file.path}"
    part = path.with_name(f"{path.name}.part")
    try:
        for attempt in range(1, TRIES + 1):
            try:
                digest = _download(client, url, file, part)
                break
            except httpx.HTTPError as error:
                if attempt == TRIES or not _may_pass(error):
                    raise FetchFailed(f"{weights.name}: {url}: {_said(error)}") from None
                sleep(2.0 ** (attempt - 1))
        if digest != file.digest:
            raise WeightsDiffer(f"{weights.name}: {url} has {file.kind} {digest}, not {file.digest}")
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


def _download(client: httpx.Client, url: str, file: WeightFile, part: Path) -> str:
    """The digest of what came. More than the manifest says is not read."""
    found, size = file.hash(), 0
    with client.stream("GET", url) as answer, part.open("wb") as out:
        answer.raise_for_status()
        for block in answer.iter_bytes(_CHUNK):
            size += len(block)
            if size > file.size:
                return f"of more than {file.size} bytes"
            found.update(block)
            out.write(block)
    return str(found.hexdigest()) if size == file.size else f"of {size} bytes"


def _may_pass(error: httpx.HTTPError) -> bool:
    if isinstance(error, httpx.HTTPStatusError):
        return error.response.status_code >= 500 or error.response.status_code in (408, 429)
    return isinstance(error, httpx.TransportError)


def _said(error: httpx.HTTPError) -> str:
    if isinstance(error, httpx.HTTPStatusError):
        return f"answered {error.response.status_code}"
    return f"{type(error).__name__}: {error}"


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit code: 0 all there, 1 not, 2 wrong usage."""
    parser = argparse.ArgumentParser(prog="translator.weights", description="Fetches and verifies weights of engines.")
    parser.add_argument("command", choices=("fetch", "check"))
    parser.add_argument("names", nargs="*", metavar="NAME", help="default: all of the manifest")
    parser.add_argument("--into", type=Path, default=Path("weights"), metavar="DIR")
    parser.add_argument("--manifest", type=Path, default=MANIFEST, metavar="FILE")
    options = parser.parse_args(arguments)
    try:
        wanted = [weights_of(name, options.manifest) for name in options.names or read_manifest(options.manifest)]
        with httpx.Client(follow_redirects=True, timeout=_TIMEOUT_S) as client:
            for weights in wanted:
                if options.command == "fetch":
                    for line in fetch(weights, options.into, client):
                        sys.stdout.write(f"{line}\n")
                sys.stdout.write(f"{weights.name}: {weights.check(options.into)}\n")
    except WeightsError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
