"""Self-consistent rates."""

from __future__ import annotations

import numpy as np
import xarray as xr
from scipy.optimize import brentq, root

from meanfield.theory.stationary_input import StationaryInput


def fixed_points(network):
    """first cut"""
    inputs = StationaryInput.of(network)
    n = len(network.populations)
    cap = 1e3 / np.maximum(inputs.t_ref, 1e-3)
    roots = []
    one = all(
        np.ptp(x, axis=0).max() == 0
        for x in (
            inputs.drift,
            inputs.diffusion,
            inputs.mu_0,
            inputs.variance_0,
            inputs.tau_m,
            inputs.t_ref,
            inputs.theta,
            inputs.V_reset,
        )
    )
    if one:
        grid = np.concatenate([[0.0], np.geomspace(1e-9, cap[0], 3000)])
        h = inputs.response(grid[:, None] * np.ones(n))[:, 0] - grid
        if h[0] == 0:
            roots.append(np.zeros(n))
        for i in np.flatnonzero(np.sign(h[:-1]) * np.sign(h[1:]) < 0):
            r = brentq(
                lambda x: float(inputs.response(np.full(n, x))[0] - x), grid[i], grid[i + 1], xtol=1e-300, rtol=1e-15
            )
            roots.append(np.full(n, r))
    else:
        for f in (0.0, 0.001, 0.01, 0.1, 0.5, 1.0):
            s = root(lambda r: inputs.response(np.abs(r)) - r, f * cap, tol=1e-13)
            if np.max(np.abs(inputs.response(np.abs(s.x)) - s.x)) < 1e-9 and not any(
                np.allclose(s.x, q, rtol=1e-6) for q in roots
            ):
                roots.append(s.x)
        roots.sort(key=lambda r: tuple(r))
    rate = np.array(roots).reshape(-1, n)
    response, jacobian = inputs.response_and_jacobian(rate)
    eigenvalues = np.linalg.eigvals(jacobian - np.eye(n))
    mu, sigma = inputs.moments(rate)
    fp, pop = "fixed_point", "population"
    return xr.Dataset(
        {
            "rate": ((fp, pop), rate, {"units": "spikes/s"}),
            "mu": ((fp, pop), mu, {"units": "mV"}),
            "sigma": ((fp, pop), sigma, {"units": "mV"}),
            "stable": (fp, (eigenvalues.real < 0).all(-1), {"units": ""}),
            "residual": (fp, np.abs(response - rate).max(-1), {"units": "spikes/s"}),
            "leading_eigenvalue": (fp, eigenvalues.real.max(-1), {"units": "1/tau"}),
        },
        coords={pop: list(network.populations)},
        attrs={"completeness": "all" if one else "found"},
    )
