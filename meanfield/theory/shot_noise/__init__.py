"""Neurons and networks with shot noise: each input spike counts, no diffusion approximation."""
