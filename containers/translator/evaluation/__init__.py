"""How well pages are read, measured against pages whose truth is known."""
