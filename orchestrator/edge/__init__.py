"""The orchestrator's logic: pure Python over the small Platform protocol, the same on Cloudflare and on one machine."""
