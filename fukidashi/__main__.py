"""``python -m fukidashi`` is the command ``fukidashi``."""

from fukidashi.cli import main

raise SystemExit(main())
