"""What all sides agree on: statuses, keys, messages, signatures, errors. Standard library only."""

PROTOCOL = 2
"""Version of the messages between orchestrator and translator; a peer accepts this one and the one before.

A report speaks the version of the order that it is about, so that translators can be rolled out first. A field that is
written only where a job uses what it is for makes no new version: a peer that does not know it refuses it by name.
"""
PROTOCOL_HEADER = "x-fukidashi-protocol"
"""Says the sender's version, in requests between the two and in every answer of the orchestrator."""
