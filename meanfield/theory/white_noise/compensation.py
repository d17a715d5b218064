"""Which in-degrees to change so that the border between two states stays where it was."""

from __future__ import annotations

import numpy as np
import xarray as xr

from meanfield.model.quantities import ParameterError, Quantity, stated
from meanfield.model.variables import variable
from meanfield.theory.white_noise.fixed_points import solve
from meanfield.theory.white_noise.input import StationaryInput


def compensating_connectivity(network, perturbed, rate=None) -> xr.Dataset:
    """In-degrees with which a perturbed network has its separatrix where the network had it.

    In a network of two stable states, an unstable fixed point ν* lies between their basins. A perturbation,
    say of the external drive, moves it by (1 − M)⁻¹ δ, where M is the Jacobian of the rates and δ the response to the
    perturbation at ν*. Changed in-degrees move it back along the leading direction of M, with M u = λ u and v M = λ v:

        M_ij ΔK_ij/K_ij = −(v·δ)/(v·ν*) u_i v_j,    v·u = 1.

    Parameters
    ----------
    network : Network
    perturbed : Network
        The same populations and connections with something else that is changed.
    rate : array, shape (N,), spikes/s, optional
        The unstable fixed point; by default the only one with one unstable direction.

    Returns
    -------
    Dataset
        Over (population, source): ``K_change`` and ``K``, which does not fall below 0 and need not be whole: a network
        takes it with ``rule="fixed_total_number"``. Over population: ``rate``, the unstable fixed point (spikes/s),
        and ``shift``, by how much the perturbation moves it to first order; ``eigenvalue``, λ.

    Raises
    ------
    ParameterError
        If the networks differ in populations or connections, or there is no such fixed point, or more than one.

    References
    ----------
    Schuecker J, Schmidt M, van Albada SJ, Diesmann M, Helias M (2017) PLoS Comput Biol 13:e1005179,
    doi:10.1371/journal.pcbi.1005179
    """
    same = all(np.array_equal(getattr(network, name), getattr(perturbed, name)) for name in ("populations", "K", "J"))
    if not same:
        raise ParameterError(["network and perturbed must have the same populations, in-degrees K and weights J"])
    inputs, changed = StationaryInput.of(network), StationaryInput.of(perturbed)
    rate = _separatrix(inputs) if rate is None else _checked(rate, inputs)
    _, d_mu, d_variance, d_coloured = inputs.response_and_slopes(rate)
    _, jacobian = inputs.response_and_jacobian(rate)
    mu, sigma = inputs.moments(rate)
    new_mu, new_sigma = changed.moments(rate)
    response = d_mu * (new_mu - mu) + d_variance * (new_sigma**2 - sigma**2)
    response = response + d_coloured * (_coloured(changed, rate) - _coloured(inputs, rate))

    values, right = np.linalg.eig(jacobian)
    leading = int(values.real.argmax())
    left = np.linalg.inv(right)[leading]  # so that left · right = 1
    change = -(left @ response) / (left @ rate) * np.outer(right[:, leading], left)
    connected = jacobian != 0
    relative = np.divide(change.real, jacobian, out=np.zeros_like(jacobian), where=connected)
    K = np.maximum(network.K * (1 + relative), 0.0)
    pairs, names = ("population", "source"), list(network.populations)
    shift = np.linalg.solve(np.eye(len(rate)) - jacobian, response)
    return xr.Dataset(
        {
            "K_change": variable(pairs, K - network.K, "1", "change of the in-degree"),
            "K": variable(pairs, K, "1", "in-degree that keeps the separatrix"),
            "rate": variable("population", rate, "spikes/s", "unstable fixed point"),
            "shift": variable("population", shift, "spikes/s", "by how much the perturbation moves it"),
            "eigenvalue": variable((), float(values[leading].real), "1", "leading eigenvalue of the rates' Jacobian"),
        },
        coords={"population": names, "source": names},
    )


def _coloured(inputs, rate):
    return 0.0 if inputs.coloured is None else inputs.coloured_0 + inputs.coloured @ rate


def _separatrix(inputs):
    """The fixed point with one unstable direction, shape (N,)."""
    solutions = solve(inputs)
    unstable = np.flatnonzero((solutions.eigenvalues.real > 0).sum(axis=-1) == 1)
    if unstable.size != 1:
        raise ParameterError(
            [
                f"the network has {unstable.size or 'no'} fixed point{'s' * (unstable.size != 1)} with one unstable "
                "direction; which one lies on the separatrix must be given as rate"
            ]
        )
    return solutions.rate[unstable[0]]


def _checked(rate, inputs):
    try:
        return np.array(Quantity("spikes/s", above=0, ndim=1).array(rate, inputs.n_populations))
    except ValueError as error:
        raise ParameterError([f"{stated('rate', rate, 'spikes/s')} {error}"]) from None
