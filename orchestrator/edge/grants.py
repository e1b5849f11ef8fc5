"""Grants for clients and translators: presigned URLs where there is S3 access, else our own URLs with a token."""

from __future__ import annotations

from contract.grant import DoneDocument, Grant, PageGrants, PageInput
from contract.image_format import DOCUMENT_TYPE, ImageFormat
from contract.keys import ChapterKeys, decisions, page_name, series_glossary, series_memory
from contract.series import MAX_UPDATE_BYTES
from edge.config import Config
from edge.presign import Presigner
from edge.record import Beside, Job
from edge.tokens import Claims, Role, Tokens

MAX_DOCUMENT_BYTES = 16_000_000
MAX_DECISIONS_BYTES = 2_000_000
_OUTPUT_GROWTH = 4
"""A lossless page may be this many times larger than the largest upload."""


class Grants:
    def __init__(self, config: Config, tokens: Tokens) -> None:
        self._config, self._tokens = config, tokens
        self._presigner = Presigner(config.s3) if config.s3 else None

    def upload(self, job: Job, page: int, *, now: float) -> Grant:
        """The client's PUT of a page."""
        content_type = job.request.pages[page - 1].content_type
        limit = self._config.max_page_bytes
        return self._put(job, job.input_key(page), content_type, page=page, attempt=0, max_bytes=limit, now=now)

    def page(self, job: Job, attempt: int, page: int, image_format: ImageFormat, *, now: float) -> PageGrants:
        """What the translator needs for a page in one attempt."""
        chapter, image_limit = job.chapter, _OUTPUT_GROWTH * self._config.max_page_bytes

        def put(key: str, content_type: str, max_bytes: int) -> Grant:
            return self._put(job, key, content_type, page=page, attempt=attempt, max_bytes=max_bytes, now=now)

        return PageGrants(
            page=page,
            input=self._input(job, page, now=now),
            image=put(chapter.image(attempt, page, image_format), image_format.content_type, image_limit),
            document=put(chapter.document(attempt, page), DOCUMENT_TYPE, MAX_DOCUMENT_BYTES),
            plate=put(chapter.plate(attempt, page, image_format), image_format.content_type, image_limit)
            if job.request.options.clean_plates
            else None,
            decisions=self._decisions(job, attempt, page, now=now),
            decided=self._decided(job, page, now=now) if attempt > 1 or job.inputs_of else None,
        )

    def _decisions(self, job: Job, attempt: int, page: int, *, now: float) -> Grant:
        """Replaces, for what it holds grows; it is worth its cost alone, and whoever comes last has all of it."""
        key, limit = _decisions_key(job, page), MAX_DECISIONS_BYTES
        return self._put(job, key, DOCUMENT_TYPE, page=page, attempt=attempt, max_bytes=limit, now=now, replaces=True)

    def _decided(self, job: Job, page: int, *, now: float) -> Grant:
        return self._get(job, _decisions_key(job, page), Role.GET_DECIDED, f"decisions/{page}", page=page, now=now)

    def neighbour(self, job: Job, beside: Beside, *, now: float) -> PageInput:
        """What the translator needs of a page that it is not to do."""
        document = self._document(job, beside, now=now) if beside.attempt else None
        return PageInput(beside.page, self._input(job, beside.page, now=now), document)

    def done(self, job: Job, page: Beside, *, now: float) -> DoneDocument:
        """What the translator needs of a page that is done, to tell the others of it."""
        return DoneDocument(page.page, self._document(job, page, now=now))

    def _document(self, job: Job, beside: Beside, *, now: float) -> Grant:
        """Without S3 access as a client reads it, wherever it lies: it is the newest that way."""
        if not self._presigner:
            expires_at = int(now) + self._config.grant_ttl_s
            token = self._tokens.issue(Claims(job=job.id, role=Role.READ, exp=expires_at))
            url = f"{self._config.public_url}/artifacts/{job.id}/pages/{page_name(beside.page)}.json?t={token}"
            return Grant("GET", url, {}, expires_at)
        chapter = ChapterKeys(job.owner, job.request.chapter_id, beside.job_id or job.id)
        key = chapter.document(beside.attempt, beside.page)
        url = self._presigner.url("GET", key, headers={}, now=now, ttl_s=self._config.grant_ttl_s)
        return Grant("GET", url, {}, int(now) + self._config.grant_ttl_s)

    def _input(self, job: Job, page: int, *, now: float) -> Grant:
        return self._get(job, job.input_key(page), Role.GET_INPUT, f"inputs/{page}", page=page, now=now)

    def result(self, job: Job, attempt: int, *, now: float) -> Grant:
        """The attempt's manifest. Where the chapter outlives the grant, the heartbeats have it all too."""
        key = job.keys.result(attempt)
        return self._put(job, key, DOCUMENT_TYPE, page=0, attempt=attempt, max_bytes=MAX_DOCUMENT_BYTES, now=now)

    def memory(self, job: Job, *, now: float) -> Grant:
        """The series' translation memory; the job has a series."""
        key = series_memory(job.owner, job.request.series_id or "")
        return self._get(job, key, Role.GET_MEMORY, "memory", page=0, now=now)

    def glossary(self, job: Job, *, now: float) -> Grant:
        """The series' glossary; the job has a series."""
        key = series_glossary(job.owner, job.request.series_id or "")
        return self._get(job, key, Role.GET_GLOSSARY, "glossary", page=0, now=now)

    def learn(self, job: Job, attempt: int, *, now: float) -> Grant | None:
        """What the attempt adds to the series, if the job has one."""
        if job.request.series_id is None:
            return None
        key = job.keys.series_update(attempt)
        return self._put(job, key, DOCUMENT_TYPE, page=0, attempt=attempt, max_bytes=MAX_UPDATE_BYTES, now=now)

    def _put(
        self,
        job: Job,
        key: str,
        content_type: str,
        *,
        page: int,
        attempt: int,
        max_bytes: int,
        now: float,
        replaces: bool = False,
    ) -> Grant:
        headers = {"content-type": content_type, **({} if replaces else {"if-none-match": "*"})}
        expires_at = int(now) + self._config.grant_ttl_s
        if self._presigner:
            url = self._presigner.url("PUT", key, headers=headers, now=now, ttl_s=self._config.grant_ttl_s)
            return Grant("PUT", url, headers, expires_at)
        claims = Claims(
            job=job.id,
            role=Role.REPLACE if replaces else Role.PUT,
            exp=expires_at,
            page=page,
            attempt=attempt,
            key=key,
            content_type=content_type,
            max_bytes=max_bytes,
        )
        url = f"{self._config.public_url}/upload/{job.id}/{page}?t={self._tokens.issue(claims)}"
        return Grant("PUT", url, headers, expires_at)

    def _get(self, job: Job, key: str, role: Role, place: str, *, page: int, now: float) -> Grant:
        expires_at = int(now) + self._config.grant_ttl_s
        if self._presigner:
            url = self._presigner.url("GET", key, headers={}, now=now, ttl_s=self._config.grant_ttl_s)
            return Grant("GET", url, {}, expires_at)
        token = self._tokens.issue(Claims(job=job.id, role=role, exp=expires_at, page=page, key=key))
        return Grant("GET", f"{self._config.public_url}/artifacts/{job.id}/{place}?t={token}", {}, expires_at)


def _decisions_key(job: Job, page: int) -> str:
    """All jobs of a chain of retries share it."""
    return decisions(job.owner, job.inputs_of or job.id, page)
