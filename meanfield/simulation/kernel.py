"""NEST's kernel, made anew for each run and silent unless asked."""

from __future__ import annotations

import os
from types import ModuleType

from meanfield.model.quantities import ParameterError, stated


def refuse_more_threads_than_allowed(threads: int) -> None:
    """Compare the threads with the limit that OpenMP is given by its surroundings, of which NEST says nothing clear.

    Raises
    ------
    ParameterError
        If they are more.
    """
    limit = os.environ.get("OMP_THREAD_LIMIT", "")
    if limit.isdigit() and threads > int(limit):
        raise ParameterError([f"{stated('threads', threads)} must be ≤ {limit}, the limit in OMP_THREAD_LIMIT"])


def fresh_kernel(*, dt: float, threads: int = 1, seed: int = 1, chatter: bool = False) -> ModuleType:
    """Import NEST (about one second, so only when a simulation is wanted) and reset its kernel.

    Parameters
    ----------
    dt : float, ms
        Time step of the simulation.
    threads : int
        Virtual processes; another number is another realisation of the same network.
    seed : int
        Seed of NEST's random number generators, 1 … 2³² − 1.
    chatter : bool
        Whether NEST may print its messages.

    Returns
    -------
    module
        `nest`, without nodes.
    """
    refuse_more_threads_than_allowed(threads)
    os.environ.setdefault("PYNEST_QUIET", "1")  # no banner at import
    # By default, threads that wait for each other keep their cores busy: twenty times slower if another program runs.
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")
    import nest

    nest.ResetKernel()
    nest.verbosity = nest.VerbosityLevel.INFO if chatter else nest.VerbosityLevel.ERROR
    nest.set(resolution=dt, local_num_threads=threads, rng_seed=seed, print_time=False)
    return nest
