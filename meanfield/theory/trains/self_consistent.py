"""Spike trains that are like those which drive them: a network's own trains, without simulating the network."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import xarray as xr

from meanfield.model.assumptions import unsupported
from meanfield.model.quantities import ParameterError, off_grid
from meanfield.theory.shot_noise.fixed_point import checked_rate
from meanfield.theory.trains.parameters import TrainsParameters
from meanfield.theory.white_noise.fixed_points import fixed_points

KNOWN = ("tau_syn", "rule", "J_cv", "delay_sd", "drive", "sigma_ext")  # of what a network may have
WINDOWS = (10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1000.0)  # ms


def self_consistent_trains(
    network,
    dt: float = 0.1,
    *,
    variant: str = "exact",
    target_rate_sem: float = 1e-3,
    target_cv_sem: float = 1e-2,
    max_generations: int = 256,
    neurons: int = 400,
    duration: float = 4000.0,
    windows=WINDOWS,
    start=None,
    seed: int = 1,
    threads: int = 1,
    progress: Callable[[float], object] | None = None,
) -> xr.Dataset:
    """The spike trains of a network in which the trains that drive are the trains that result.

    A sparse random network's trains are independent of each other in the limit of many neurons at fixed in-degree, but
    they are not Poisson: each has the statistics of the neurons that send it. Here unconnected neurons are driven by
    trains of the last generation of neurons, drawn and shifted in time at random, until trains do not change any more.
    Jumps have their true size, external spikes are Poisson, and time advances in the steps of a simulation. Where
    in-degrees or weights are random, each neuron draws its own; synapses are delta or exponential ones.

    Parameters
    ----------
    network : Network
        Delays have no effect, since trains are independent, and sizes neither.
    dt : float, ms
        Time step of the simulation that is predicted, with the update order of NEST's ``iaf_psc_delta``; 0, only with
        Gaussian input, for continuous time.
    variant : {"exact", "gaussian"}
        Whether the input of a neuron is the superposition of its trains, or Gaussian noise with their spectrum, which
        costs the same for any number of synapses.
    target_rate_sem, target_cv_sem : float
        Relative standard errors of the rates and of the CVs of intervals that are aimed at. Those that come out are
        larger or smaller by some quarter.
    max_generations : int
        Where to stop at the latest.
    neurons : int
        Of each population, in a generation; ten independent repetitions share them.
    duration : float, ms
        Length of the trains.
    windows : sequence of float, ms
        In which spikes are counted.
    start : array, shape (N,), spikes/s, optional
        Rate of the Poisson trains of which the first generation is driven, by default Siegert's stable fixed point of
        lowest rate. Of several solutions this selects one.
    seed : int
        The result is the same to the last bit for the same seed, whatever the number of threads.
    threads : int
    progress : callable, optional
        Called now and then with the number of generations so far, which may come to `max_generations`.

    Returns
    -------
    Dataset
        Each with its standard error over the repetitions, as ``…_sem``, over population and

        - ``rate`` (spikes/s), ``cv`` of inter-spike intervals: of all of them, or, where neurons differ in their
          in-degrees or weights, the mean of each neuron's own;
        - interval: ``interval_probability``, of intervals of so many ms;
        - frequency: ``spectrum`` of a single train, two-sided, in (spikes/s)²/Hz, up to 1000 Hz;
        - lag: ``autocorrelation``, the train's covariance at other than lag 0, in (spikes/s)²;
        - nothing more: ``rate_spread``, standard deviation over neurons of the rate that each has in the long run;
        - window: ``fano``, variance over mean of spike counts; ``cv_in_window``, mean CV of the intervals of recordings
          of that length with at least 10 intervals: what simulations of that length measure;
        - generation: ``generation_rate``, ``generation_cv``, from the first generation on.

        Further ``neuron_rate`` (neuron, population): the rates of the last generation's neurons in recordings of
        length `duration`; the scalars ``generations`` and ``target_reached``. What did not become stationary is NaN,
        and attribute `missing` says why; else it is empty. Rates of populations that did not fire are 0, of which
        `missing` tells an upper bound.

    Raises
    ------
    ParameterError
        If a parameter cannot be used, a refractory period is not a multiple of dt, or numba cannot be imported.

    References
    ----------
    Lerchner A et al. (2006) Neural Comput 18:634–659, doi:10.1162/neco.2006.18.3.634
    Dummer B, Wieland S, Lindner B (2014) Front Comput Neurosci 8:104, doi:10.3389/fncom.2014.00104
    Pena RFO, Vellmer S, Bernardi D, Roque AC, Lindner B (2018) Front Comput Neurosci 12:9,
    doi:10.3389/fncom.2018.00009

    van Meegen A, van Albada SJ (2021) Phys Rev Research 3:043077, doi:10.1103/PhysRevResearch.3.043077 (neurons that
    differ)

    Notes
    -----
    Generations are averaged in stages, each as long as all before it together. Once neither rates nor CVs change within
    a stage, its errors tell how many generations are enough. A last stage of that many counts alone, whatever its own
    errors are: results on which one stops because their errors are small have too small errors. Repetitions know
    nothing of each other; so their spread is the error, of nine degrees of freedom, however much successive generations
    resemble each other.
    """
    given = {name: value for name, value in locals().items() if name not in ("network", "start", "progress")}
    run = TrainsParameters(**given)
    culprits = list(off_grid("dt", run.dt, t_ref=network.t_ref)) if run.dt > 0.0 else []
    if unknown := unsupported(network, "the theory of self-consistent trains", *KNOWN):
        culprits.append(unknown)
    if culprits:
        raise ParameterError(culprits)
    if start is None:
        solutions = fixed_points(network)
        start = solutions["rate"].values[int(np.argmax(solutions["stable"].values))]
    else:
        start = checked_rate("start", start, network)
    try:
        # Not before it is needed: numba takes a second to import.
        from meanfield.theory.trains.results import dataset
        from meanfield.theory.trains.stages import Stages
    except ImportError as error:
        raise ParameterError(
            [
                f"self_consistent_trains needs numba, which cannot be imported here ({error}); "
                "install it with `pip install numba`"
            ]
        ) from None
    stages = Stages(network, run, start)
    with ThreadPoolExecutor(run.threads) as pool:
        stages.advance(pool.map, progress or (lambda generations: None))
    return dataset(stages)
