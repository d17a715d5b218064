"""Spike trains that are fired again, as they were recorded or moved in time."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import xarray as xr


class PlayedTrains(NamedTuple):
    """Spikes of neurons that do nothing but fire when they are made to.

    Attributes
    ----------
    size : array of int, shape (N,)
        Neurons in each population.
    step, neuron : array of int, shape (n_spikes,)
        The end of the time step in which each spike is fired, from 1, ascending, and which neuron fires it.
    """

    size: np.ndarray
    step: np.ndarray
    neuron: np.ndarray

    def between(self, start: int, end: int) -> tuple[np.ndarray, np.ndarray]:
        """Spikes fired after step `start`, up to `end`: the neuron, and within which step after `start`, from 0."""
        first, last = np.searchsorted(self.step, [start, end], side="right")
        return self.neuron[first:last], self.step[first:last] - start - 1


def played_trains(recorded: xr.Dataset, size: np.ndarray, n_steps: int, shift: np.ndarray | int = 0) -> PlayedTrains:
    """All spikes of one run of `n_steps`, shifted by whole steps around its end.

    Parameters
    ----------
    recorded : Dataset
        From `spikes_of_seed`.
    size : array of int, shape (N,)
        Neurons in each population.
    n_steps : int
    shift : array of int, shape (n_spikes,), or int
        For each spike, or for all.
    """
    neuron = recorded["spike_neuron"].values
    moved = (recorded["spike_step"].values - 1 + shift) % n_steps + 1
    order = np.lexsort((neuron, moved))
    return PlayedTrains(size, moved[order].astype(np.int32), neuron[order].astype(np.int32))


def spikes_of_seed(spiking: xr.Dataset, seed: int) -> xr.Dataset:
    """The run of one seed, and its spikes alone, of what `simulate_spiking` with ``record="all"`` gives."""
    return spiking.sel(seed=seed).isel(spike=np.flatnonzero(spiking["spike_seed"].values == seed))
