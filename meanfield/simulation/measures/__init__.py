"""Measures of simulated spikes."""
