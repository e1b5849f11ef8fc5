"""A small manga drawn by a program: the sample chapter, and test pages with exact ground truth."""
