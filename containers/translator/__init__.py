"""The translator: the container that runs the page pipeline."""
