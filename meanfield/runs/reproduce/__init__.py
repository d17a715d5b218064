"""Figures and runs made again, and their comparison with the stored ones."""
