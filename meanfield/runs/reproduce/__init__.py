"""The same again: figures, runs, and whether they say the same."""
