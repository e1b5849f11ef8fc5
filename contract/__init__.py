"""What all sides agree on: statuses, keys, messages, signatures, errors. Standard library only."""

PROTOCOL = 1
"""Version of the messages between orchestrator and translator; a peer accepts this one and the one before."""
