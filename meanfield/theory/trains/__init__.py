"""Neurons driven by trains that are like the ones they fire: dynamic mean-field theory."""
