"""Batches of notebook runs: an experiment as a file, its runs, what they cost, and their datasets as one."""
