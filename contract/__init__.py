"""What all sides agree on: statuses, keys, messages, signatures, errors. Standard library only."""

PROTOCOL = 2
"""Version of the messages between orchestrator and translator; a peer accepts this one and the one before.

A report speaks the version of the order that it is about, so that translators can be rolled out first.
"""
PROTOCOL_HEADER = "x-fukidashi-protocol"
"""Says the sender's version, in requests between the two and in every answer of the orchestrator."""
