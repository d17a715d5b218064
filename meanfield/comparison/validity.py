"""Where theory holds: the deviation at each point of an experiment, over all its seeds, and whether it is chance."""

from __future__ import annotations

import numpy as np
import xarray as xr
from scipy import special

from meanfield.simulation.measures.seed_pooling import pool_seeds
from meanfield.theory.trains.parameters import REPETITIONS

# Degrees of freedom of the errors in older datasets, which do not tell them.
OF_TEN_BLOCKS = 9.0


def where_theory_holds(collected: xr.Dataset, level: float = 0.01) -> xr.Dataset:
    """Relative deviation of the simulated from Siegert's rate at each point, with its significance.

    Parameters
    ----------
    collected : Dataset
        Runs of ``deviation.ipynb``, collected over any axes and `seed`; what `predict_trains` says of them may be
        merged into it.
    level : float
        Probability with which a point where theory holds exactly is called significant. Over a map, so many of the
        points are expected to be significant by chance.

    Returns
    -------
    Dataset
        Over the axes and population: ``percent``, the mean deviation over seeds in percent of Siegert's rate, missing
        where network and theory are both silent; its standard error ``percent_sem`` with its degrees of freedom
        ``percent_freedom``; ``significant``, by Student's t
        test of the mean against zero; ``rate``, ``rate_sem`` and ``siegert`` in spikes/s; ``cv`` and ``siegert_cv``;
        ``fano``, of the population's spike counts. Over the axes: ``n_solutions`` of the theory, and ``same_solution``,
        whether all seeds came to lie near the same one. If trains are predicted, all of `predict_trains` and
        ``trains_significant``, whether the simulated rate is more than chance away from theirs.

    Notes
    -----
    The standard error comes from the fluctuations within the runs, which know nothing of differences between drawn
    networks, and from the seeds' spread, which few seeds tell badly; see `pool_seeds`.
    """
    mean = collected[["simulated", "siegert", "simulated_cv", "siegert_cv", "population_fano"]].mean("seed")
    percent = collected["deviation_percent"]
    mean_percent = percent.mean("seed")
    error = collected["deviation_percent_sem"]
    freedom = collected.get("simulated_freedom", xr.full_like(error, OF_TEN_BLOCKS))
    runs = (array.transpose("seed", *mean_percent.dims) for array in (percent, error, freedom))
    sem, freedom = (mean_percent.copy(data=values) for values in pool_seeds(*runs))
    limit = special.stdtrit(freedom, 1 - level / 2)
    spread = (collected["siegert"].max("seed") - collected["siegert"].min("seed")).max("population")

    def described(array: xr.DataArray, units: str, long_name: str) -> xr.DataArray:
        return array.assign_attrs(units=units, long_name=long_name)

    held = xr.Dataset(
        {
            "percent": described(mean_percent, "%", "deviation of the simulated from Siegert's rate"),
            "percent_sem": described(sem, "%", "its standard error"),
            "percent_freedom": described(freedom, "1", "degrees of freedom of the standard error"),
            "significant": described(
                np.abs(mean_percent) > limit * sem, "1", f"whether it is more than chance, at {level:g}"
            ),
            "rate": described(mean["simulated"], "spikes/s", "simulated rate"),
            "rate_sem": described(sem / 100 * mean["siegert"], "spikes/s", "its standard error"),
            "siegert": described(mean["siegert"], "spikes/s", "Siegert's rate"),
            "cv": described(mean["simulated_cv"], "1", "CV of the simulated intervals"),
            "siegert_cv": described(mean["siegert_cv"], "1", "CV of the intervals in theory"),
            "fano": described(mean["population_fano"], "1", "Fano factor of the population's spike counts"),
            "n_solutions": described(collected["n_solutions"].max("seed"), "1", "self-consistent solutions"),
            "same_solution": described(spread < 1e-6, "1", "whether all seeds lie near the same solution"),
        }
    )
    if "trains_percent" in collected:
        held = held.merge(collected[[name for name in collected if name.startswith("trains_")]])
        held["trains_significant"] = described(
            abs(_normal_deviates(held, *_predicted_by(held)["self-consistent trains"])) > special.ndtri(1 - level / 2),
            "1",
            f"whether the simulated rate is not that of self-consistent trains, at {level:g}",
        )
    return held


def _predicted_by(held: xr.Dataset) -> dict[str, tuple[xr.DataArray, xr.DataArray]]:
    """For each theory the predicted deviation from Siegert's rate and its standard error, in percent."""
    none = xr.zeros_like(held["percent"])
    return {
        "white noise": (none, none),
        "self-consistent trains": (held["trains_percent"], held["trains_percent_sem"]),
    }


def _normal_deviates(held: xr.Dataset, predicted: xr.DataArray, error: xr.DataArray) -> xr.DataArray:
    """Simulated less predicted deviation in standard errors, taken from Student's t (Welch's) to normal deviates."""
    difference, sem = held["percent"] - predicted, held["percent_sem"].where(held["percent_sem"] > 0.0)
    variance = sem**2 + error**2
    freedom = variance**2 / (sem**4 / held["percent_freedom"] + error**4 / (REPETITIONS - 1))
    return np.sign(difference) * -special.ndtri(special.stdtr(freedom, -abs(difference) / np.sqrt(variance)))


def agreement(collected: xr.Dataset) -> xr.Dataset:
    """Whether simulated rates agree with Siegert's and with those of self-consistent trains, over all settings.

    Parameters
    ----------
    collected : Dataset
        Runs of ``deviation.ipynb``, collected over any axes and `seed`, with what `predict_trains` says of them.

    Returns
    -------
    Dataset
        Over theory ("white noise", "self-consistent trains") and population: ``chi2``, the sum of squared differences
        in standard errors, taken from Student's t to normal deviates; ``points``, of how many settings;
        ``probability`` of as large a sum if theory were exact; ``median_percent``, the median of the differences'
        sizes. Settings for which a theory has no number are left out.
    """
    held, rows = where_theory_holds(collected), {}
    settings = [name for name in held["percent"].dims if name != "population"]
    known = held["trains_percent_sem"] > 0.0
    for theory, (predicted, error) in _predicted_by(held).items():
        z = _normal_deviates(held, predicted, error).where(known)
        chi2, points = (z**2).sum(settings), z.count(settings)
        probability = chi2.copy(data=special.chdtrc(points, chi2))
        size = abs(held["percent"] - predicted).where(z.notnull()).median(settings)
        rows[theory] = xr.Dataset(
            {
                "chi2": chi2.assign_attrs(units="1", long_name="sum of squared differences in standard errors"),
                "points": points.assign_attrs(units="1", long_name="settings"),
                "probability": probability.assign_attrs(units="1", long_name="probability, if theory were exact"),
                "median_percent": size.assign_attrs(units="%", long_name="median size of the differences"),
            }
        )
    return xr.concat(rows.values(), xr.DataArray(list(rows), dims="theory", name="theory"))


def seed_spread(collected: xr.Dataset) -> xr.Dataset:
    """How much seeds differ, in units of what the fluctuations within their runs let expect.

    Parameters
    ----------
    collected : Dataset
        Runs of ``deviation.ipynb``, collected over any axes and at least two seeds.

    Returns
    -------
    Dataset
        Over population: ``mean_square``, the mean over all points of the seeds' variance divided by the mean of their
        squared standard errors, near 1 if nothing differs between seeds but the fluctuations in time; ``probability``
        of as large variances if that is so, which takes into account that the errors are measured, too; and the number
        of ``points`` that tell.
    """
    rate, sem = collected["simulated"], collected["simulated_sem"]
    variance = (sem**2).sum("seed", skipna=False)
    freedom = collected.get("simulated_freedom", xr.full_like(sem, OF_TEN_BLOCKS)).sum("seed")
    n_seeds, points = rate.sizes["seed"], [name for name in rate.dims if name not in ("seed", "population")]
    ratio = (rate.var("seed", ddof=1) * n_seeds / variance.where(variance > 0)).stack(point=points)
    # Each ratio, F-distributed, as the chi-squared number that is as improbable: these add up.
    tail = special.fdtrc(n_seeds - 1, freedom.stack(point=points).transpose(*ratio.dims), ratio)
    chi2 = ratio.copy(data=special.chdtri(n_seeds - 1, tail)).sum("point")
    count = ratio.count("point")
    probability = count.copy(data=special.chdtrc((n_seeds - 1) * count, chi2))
    return xr.Dataset(
        {
            "mean_square": ratio.mean("point").assign_attrs(units="1", long_name="variance of seeds over expected"),
            "probability": probability.assign_attrs(units="1", long_name="probability of as large variances by chance"),
            "points": count.assign_attrs(units="1", long_name="points that tell"),
        }
    )
