"""Models and services behind the stage protocols."""
