"""The spiking network simulated by compiled code of this project: NEST's model and time grid, and nothing of NEST."""
