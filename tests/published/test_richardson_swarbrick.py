"""Exponentially distributed jumps, in closed form by Richardson & Swarbrick (2010), doi:10.1103/PhysRevLett.105.178102.

Excitatory shot noise only, reset to rest, no refractory time: their eq. for the rate ν reads
1/(ν tau) = ∫₀^{1/a} dc/c (1 − a c)^{tau R} [exp(v_th c)/(1 − a c) − 1].
"""

import math

import pytest
from scipy.integrate import quad

from meanfield.theory.shot_noise.rate import shot_noise_rate

TAU, THETA = 20.0, 20.0  # ms, mV


def closed_form(rate, mean):
    """spikes/s; the integral is taken in y = 1 − a c, its integrable singularity y^(tau R − 1) by quad's weight."""
    power = 1e-3 * rate * TAU

    def smooth(y):
        c = (1.0 - y) / mean
        if c < 1e-9:
            return THETA + mean
        return (math.exp(THETA * c) - y) / c

    integral, _ = quad(smooth, 0.0, 1.0, weight="alg", wvar=(power - 1.0, 0.0), epsrel=1e-12)
    return 1e3 / (TAU * integral / mean)


def continuous(rate, mean):
    return shot_noise_rate([rate], [mean], tau_m=TAU, t_ref=0.0, theta=THETA, V_reset=0.0, dt=0.0, jumps="exponential")


def test_the_closed_form_gives_the_known_value():
    assert closed_form(100.0, 5.0) == pytest.approx(8.6687760498, rel=1e-10)


@pytest.mark.parametrize(("rate", "mean"), [(100.0, 5.0), (300.0, 2.0), (1000.0, 1.5), (20.0, 12.0)])
def test_solver_reproduces_the_closed_form(rate, mean):
    found = continuous(rate, mean)
    assert found.converged
    assert found.rate == pytest.approx(closed_form(rate, mean), rel=1e-5)
    assert abs(found.rate - closed_form(rate, mean)) <= found.error


def test_small_time_steps_tend_to_it():
    """Through the chain on the time grid, a solver of its own."""
    deviations = [
        shot_noise_rate([100.0], [5.0], tau_m=TAU, t_ref=0.0, theta=THETA, V_reset=0.0, dt=dt, jumps="exponential").rate
        - closed_form(100.0, 5.0)
        for dt in (0.2, 0.1, 0.05)
    ]
    # A step later by dt/2 on average: linear in dt.
    assert deviations[0] / deviations[1] == pytest.approx(2.0, abs=0.1)
    assert deviations[1] / deviations[2] == pytest.approx(2.0, abs=0.1)
