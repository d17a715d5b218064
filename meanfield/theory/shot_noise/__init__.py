"""Neurons and networks whose input spikes have finite size: no diffusion approximation."""
