"""Neurons in Gaussian white noise: Siegert's theory."""
