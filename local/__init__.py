"""The embedded platform: everything that the orchestrator needs of the outside, on one machine, with no account."""
