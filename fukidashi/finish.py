"""After the last page: the archive, the contact sheets, ``result.json`` and the summary."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import PurePosixPath

from contract.document import PageDocument
from contract.keys import page_name
from contract.view import JobView, PageView
from fukidashi.cbz import CbzEntry, write_cbz
from fukidashi.chapter import Chapter
from fukidashi.collection import Fetched
from fukidashi.comic_info import translated
from fukidashi.contact_sheet import Pair, contact_sheets
from fukidashi.output import RESULT_NAME, Output
from fukidashi.summary import Summary, Texts
from fukidashi.thumbnail import thumbnail


def finish(
    chapter: Chapter,
    job: JobView,
    fetched: Mapping[int, Fetched],
    output: Output,
    *,
    server: str,
    elapsed_s: float,
    warnings: tuple[str, ...] = (),
) -> Summary:
    """Writes what stands beside the pages. A chapter of which no page came out gets no archive and no sheet."""
    documents = [page.document for page in fetched.values() if page.document is not None]
    unreadable = tuple(
        f"page {number}: its document is not readable" for number, page in fetched.items() if page.document is None
    )
    artifacts = _artifacts(chapter, job, fetched, output) if fetched else {}
    summary = Summary(
        job=replace(job, uploads=()),
        texts=Texts.of(documents),
        files={number: page.files for number, page in sorted(fetched.items())},
        skipped=chapter.skipped,
        warnings=warnings + unreadable,
        artifacts=artifacts,
        server=server,
        elapsed_s=elapsed_s,
    )
    output.write(RESULT_NAME, json.dumps(summary.to_json(), ensure_ascii=False, indent=1).encode() + b"\n")
    return summary


def _artifacts(
    chapter: Chapter, job: JobView, fetched: Mapping[int, Fetched], output: Output
) -> dict[str, str | list[str]]:
    write_cbz(output.root / "chapter.cbz", _cbz_entries(chapter, job, fetched, output))
    sheets = contact_sheets(chapter.name, _subtitle(chapter, job), _pairs(chapter, job, fetched, output))
    names = ["contact_sheet.webp", *(f"contact_sheet-{n:02}.webp" for n in range(2, len(sheets) + 1))]
    for name, sheet in zip(names, sheets, strict=True):
        output.write(name, sheet)
    return {"cbz": "chapter.cbz", "contact_sheets": names}


def _cbz_entries(chapter: Chapter, job: JobView, fetched: Mapping[int, Fetched], output: Output) -> list[CbzEntry]:
    """Every page in order. One that failed is there as it was, under a name that says so, if it is at hand and can be
    shown."""
    entries = []
    if chapter.comic_info is not None:
        entries.append(CbzEntry("ComicInfo.xml", translated(chapter.comic_info, job.target)))
    for number, page in enumerate(chapter.pages, start=1):
        if number in fetched:
            path = output.root / fetched[number].files.image
            entries.append(CbzEntry(path.name, path))
            continue
        if page.read is None:
            continue
        original = page.read()
        if thumbnail(original, width=64, height=64) is not None:
            suffix = PurePosixPath(page.name).suffix.lower()
            entries.append(CbzEntry(f"{page_name(number)}.untranslated{suffix}", original))
    return entries


def _pairs(chapter: Chapter, job: JobView, fetched: Mapping[int, Fetched], output: Output) -> list[Pair]:
    pairs = []
    for number, (page, view) in enumerate(zip(chapter.pages, job.pages, strict=True), start=1):
        done = fetched.get(number)
        after = (output.root / done.files.image).read_bytes if done else None
        title = f"{number}   {PurePosixPath(page.name).name}"
        pairs.append(Pair(title, _detail(view, done), page.read, after))
    return pairs


def _detail(view: PageView, done: Fetched | None) -> str:
    if done is None:
        return view.error.code.value if view.error else view.status.value
    return "" if done.document is None else _texts(done.document)


def _texts(document: PageDocument) -> str:
    count = len(document.regions)
    gloss = sum(region.origin == "gloss" for region in document.regions)
    if count == 0:
        return "no text"
    told = f"{count} text{'' if count == 1 else 's'}"
    return f"{told}, {'all' if gloss == count else gloss} gloss" if gloss else told


def _subtitle(chapter: Chapter, job: JobView) -> str:
    done = job.counts["done"]
    parts = [f"{job.source} > {job.target}", f"{done} of {len(job.pages)} pages", job.status.value]
    both = any(page.read is not None for page in chapter.pages)
    return "  ·  ".join([*parts, "before | after"] if both else parts)
