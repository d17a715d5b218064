"""Stages of generations in independent repetitions, until they are stationary and known well enough."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable

import numpy as np
from scipy import special

from meanfield.theory.trains.gaussian import fire_on_gaussian_noise
from meanfield.theory.trains.iteration import Repetition, Totals, cv_of
from meanfield.theory.trains.kinds import Kinds
from meanfield.theory.trains.parameters import FEWEST, FIRST_STAGE, REPETITIONS, TrainsParameters
from meanfield.theory.trains.superposition import fire_on_superposition

STEPS_PER_TAU = 200  # of the shortest membrane time constant, in continuous time
FALSE_ALARM = 1e-3  # probability that a stationary iteration is taken for a drifting one
RESERVE = 2.0  # times the generations that seem to be enough: errors are themselves known only to a quarter


class Stages:
    """All repetitions, and what has been counted in each stage.

    A stage is as long as all before it together, until one is stationary and tells how many generations are enough.
    That many follow in a last stage, which alone counts: errors at which one stops are too small, by selection.

    Parameters
    ----------
    network : Network
    run : TrainsParameters
    start : array, shape (N,), spikes/s

    Attributes
    ----------
    history : list of lists of Totals
        For each stage those of each repetition.
    drifts : array of bool, shape (A,)
        Kinds whose rate or CV was not stationary in the last stage.
    target_reached : bool
        Whether there was such a last stage, and it was stationary too.
    """

    def __init__(self, network, run: TrainsParameters, start: np.ndarray):
        self.run, self.network = run, network
        continuous = run.dt == 0.0
        self.n_steps = round(run.duration / run.dt) if run.dt > 0.0 else _enough_steps(network, run.duration)
        self.step = run.dt or run.duration / self.n_steps
        self.kinds = Kinds(network, self.step, continuous)
        lengths = np.maximum(np.rint(np.array(run.windows) / self.step).astype(np.int64), 1)
        self.windows = np.append(lengths, self.n_steps)  # the last is the whole recording
        self.n_neurons = -(-run.neurons // REPETITIONS)
        self.history: list[list[Totals]] = []
        self.drifts = np.ones(len(self.kinds), bool)
        self.target_reached = False
        rate = start[self.kinds.first]
        fire = (
            fire_on_superposition
            if run.variant == "exact"
            else functools.partial(fire_on_gaussian_noise, continuous=continuous)
        )
        size = {"n_neurons": self.n_neurons, "n_steps": self.n_steps}
        self._repetitions = [
            Repetition(self.kinds, rate, fire=fire, **size, key=(run.seed, r)) for r in range(REPETITIONS)
        ]

    @property
    def neuron_rates(self) -> np.ndarray:
        """Rates of the last generation's neurons, of all repetitions one after the other, shape (A, M), spikes/s."""
        return np.concatenate([one.trains.count / one.seconds for one in self._repetitions], axis=1)

    @property
    def generations(self) -> int:
        """How many generations there have been."""
        return sum(len(totals[0].estimate) for totals in self.history)

    def advance(self, each: Callable = map, tell: Callable[[float], object] = lambda generations: None) -> None:
        """Go through stages until one that was planned to be the last is stationary, or there is no room for more.

        `each` is `map` or does the same in parallel; `tell` is called with how many generations there have been.
        """
        n, planned = FIRST_STAGE, False
        while not self.target_reached and self.generations + n <= self.run.max_generations:
            totals = [Totals(len(self.kinds), self.n_steps, self.windows) for _ in self._repetitions]
            everything = itertools.repeat(self.generations + n >= FEWEST)
            before = self.generations
            steps = each(Repetition.advance, self._repetitions, itertools.repeat(n), totals, everything)
            for done, _ in enumerate(steps, start=1):
                tell(before + n * done / REPETITIONS)
            self.history.append(totals)
            if self.generations < FEWEST:
                n = self.generations
                continue
            enough = self._judge()
            self.target_reached = planned and not self.drifts.any()
            planned = enough <= self.generations
            n = max(FEWEST // 2, int(np.ceil(enough))) if planned else self.generations

    def _judge(self) -> float:
        """How many generations the last stage says are enough for the errors asked for; infinite if it drifts."""
        estimate, response, moments = (
            by_generation(self.history[-1], name) for name in ("estimate", "response", "moments")
        )
        n = estimate.shape[1]
        rate, rate_error = mean_and_error(estimate.mean(axis=1))
        cv, cv_error = mean_and_error(cv_of(moments.sum(axis=1)))
        near_rate, near_cv = self.run.target_rate_sem * rate, self.run.target_cv_sem * cv
        half = n // 2
        self.drifts = (
            _differ(estimate[:, :half].mean(axis=1), estimate[:, half:].mean(axis=1), near_rate)
            | _differ(cv_of(moments[:, :half].sum(axis=1)), cv_of(moments[:, half:].sum(axis=1)), near_cv)
            | _differ(estimate.mean(axis=1), response.mean(axis=1), near_rate)
            # Generations may alternate, which their mean does not show.
            | _differ(response[:, ::2].mean(axis=1), response[:, 1::2].mean(axis=1), near_rate)
        )
        fires = response.any(axis=(0, 1))
        # Clocks have neither spread nor error.
        too_large = np.array([_over(rate_error, near_rate), _over(cv_error, near_cv)])[:, fires].max(initial=0.0)
        return np.inf if self.drifts.any() or np.isnan(too_large) else RESERVE * n * too_large**2


def _enough_steps(network, duration: float) -> int:
    return int(np.ceil(duration * STEPS_PER_TAU / network.tau_m.min()))


def _over(error: np.ndarray, goal: np.ndarray) -> np.ndarray:
    return np.divide(error, goal, out=np.zeros_like(error), where=error != 0.0)


def by_generation(totals: list[Totals], name: str) -> np.ndarray:
    """A quantity of each repetition, generation and kind, shape (R, n, A, …)."""
    return np.array([getattr(one, name) for one in totals])


def mean_and_error(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean over the repetitions (first axis) and its standard error."""
    return values.mean(axis=0), values.std(axis=0, ddof=1) / len(values) ** 0.5


def _differ(one: np.ndarray, other: np.ndarray, tolerance: np.ndarray) -> np.ndarray:
    """Whether a quantity, shape (R, A), has changed by more than `tolerance` and more than chance explains."""
    difference, error = mean_and_error(one - other)
    most = special.stdtrit(REPETITIONS - 1, 1.0 - 0.5 * FALSE_ALARM / difference.size)
    return (np.abs(difference) > tolerance) & (np.abs(difference) > most * error)
