"""What every part of the orchestrator works with."""

from __future__ import annotations

import base64
from dataclasses import dataclass

from edge.config import Config
from edge.grants import Grants
from edge.platform import Platform
from edge.projection import Projection
from edge.tokens import Tokens


@dataclass(frozen=True, slots=True)
class Context:
    config: Config
    platform: Platform
    tokens: Tokens
    grants: Grants
    projection: Projection

    @classmethod
    def of(cls, config: Config, platform: Platform) -> Context:
        tokens = Tokens(config)
        projection = Projection(platform, job_ttl_s=config.job_ttl_s, kept_s=config.result_ttl_s)
        return cls(config, platform, tokens, Grants(config, tokens), projection)

    def new_id(self, prefix: str) -> str:
        """130 random bits as 26 lower-case base32 characters after ``prefix``."""
        return prefix + base64.b32encode(self.platform.random_bytes(17)).decode()[:26].lower()
