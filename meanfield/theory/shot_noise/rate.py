"""Stationary rate and irregularity of a leaky integrate-and-fire neuron with shot-noise input."""

from __future__ import annotations

from meanfield.theory.shot_noise.neuron import Neuron, ShotNoiseParameters, ShotNoiseRate, trains_of
from meanfield.theory.shot_noise.refinement import rate_of_neuron


def shot_noise_rate(
    input_rates, weights, *, tau_m, t_ref, theta, V_reset, mu_ext=0.0, dt=0.1, jumps="fixed"
) -> ShotNoiseRate:
    """Stationary firing rate of a leaky integrate-and-fire neuron with delta synapses and Poisson input.

    Exact up to the numerical error that is returned with it: no diffusion approximation. Each input spike lifts the
    potential by its weight; between them it relaxes to `mu_ext`.

    Parameters
    ----------
    input_rates : array, shape (M,), spikes/s
        Rates of M independent Poisson trains; trains of equal weight add up to one.
    weights : array, shape (M,), mV
        Jump of the potential at each spike of a train, negative if inhibitory.
    tau_m : float, ms
        Membrane time constant.
    t_ref : float, ms
        Absolute refractory period; input during it is lost.
    theta, V_reset : float, mV
        Threshold and reset.
    mu_ext : float, mV
        Constant drive: the potential to which it alone would bring the membrane.
    dt : float, ms
        Time step of the simulation that is predicted, with the update order of NEST's ``iaf_psc_delta``: decay, input
        of the step, threshold; 0 for continuous time.
    jumps : {"fixed", "exponential"}
        Whether all jumps of a train have the size `weights`, or exponentially distributed ones with that mean.

    Returns
    -------
    ShotNoiseRate

    Raises
    ------
    ParameterError
        If a value is impossible, or t_ref is not a multiple of dt.

    References
    ----------
    Stein RB (1965) Biophys J 5:173–194, doi:10.1016/S0006-3495(65)86709-1 (the model)
    Richardson MJE, Swarbrick R (2010) Phys Rev Lett 105:178102, doi:10.1103/PhysRevLett.105.178102 (exponential jumps)
    Helias M, Deger M, Rotter S, Diesmann M (2010) PLoS Comput Biol 6:e1000929, doi:10.1371/journal.pcbi.1000929
    (shot noise and the time grid, to leading order)

    Notes
    -----
    The mean interval from reset to threshold solves a linear equation on a grid of potentials (`grid_chain.py`,
    `jump_drift.py`), which is refined until the result settles. The error returned is what the last changes let expect
    of further refinement. Where sums of weights equal the distance from reset to threshold, floating-point numbers
    decide whether a simulator sees a spike. The error then also holds what it would change if none were seen.
    """
    given = ShotNoiseParameters(**locals())
    return rate_of_neuron(Neuron.of(given), *trains_of(given))
