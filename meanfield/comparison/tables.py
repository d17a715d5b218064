"""The comparison and the error budget as text, a column for each population."""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr

from meanfield.comparison.terms import split_above, term

# Numerical errors are below this part of a value, and not shown.
COMPUTED = 1e-3
MISSING = "–"


def number(value: float, how: str) -> str:
    """A number in a format, or a dash if there is none."""
    return format(float(value), how) if np.isfinite(value) else MISSING


def with_error(value: float, error: float) -> str:
    """A value with as many decimals as its error's two leading digits have, and the error, if there is one."""
    if not error > 0:
        return number(value, ".4g")
    decimals = max(0, 1 - int(f"{error:.1e}".split("e")[1]))
    return f"{value:.{decimals}f} ± {error:.{decimals}f}"


def comparison_table(comparison: xr.Dataset) -> pd.DataFrame:
    """The comparison as text, one column for each population; what does not exist is shown as a dash.

    Parameters
    ----------
    comparison : Dataset
        From `compare` or `deviation`; if `error_budget` is merged into it, the deviation's terms are shown too.
    """
    return pd.DataFrame({str(name): _column(comparison, name) for name in comparison["population"].values})


def _column(comparison: xr.Dataset, name: str) -> dict[str, str]:
    """One population of the comparison."""
    at = comparison.sel(population=name)
    simulated, upper = float(at["simulated"]), float(at["simulated_upper"])
    rows = {
        "simulated rate (spikes/s)": with_error(simulated, float(at["simulated_sem"]))
        if simulated > 0
        else f"0 (below {upper:.2g})"
    }
    if (comparison.get("simulated_doubt", xr.DataArray("")) != "").any():
        rows["  but"] = str(at["simulated_doubt"].item())
    if "rate_network" in at:
        rows["rate network in NEST (spikes/s)"] = number(at["rate_network"], ".12g")
    rows |= {
        "Siegert's rate (spikes/s)": number(at["siegert"], ".12g"),
    }
    if "unequal_rate" in at:
        rows["  averaged over unequal neurons"] = number(at["unequal_rate"], ".4g")
    rows |= {
        "deviation (spikes/s)": number(at["deviation"], "+.3g"),
        "deviation (%)": number(at["deviation_percent"], "+.3g"),
        "deviation (standard errors)": number(at["deviation_sem"], "+.1f"),
    }
    if "contribution" in at and starts_at_siegert(comparison):
        rows |= {f"  by {term(step).words} (%)": _in_percent(at.sel(term=step)) for step in at["term"].values}
    if "white_noise_growth" in at:
        rows |= _stability(at)
    rows |= {
        "mean input mu (mV)": number(at["mu"], ".4f"),
        "noise intensity sigma (mV)": number(at["sigma"], ".4f"),
        "CV of intervals, simulated": number(at["simulated_cv"], ".3f"),
        "CV of intervals, white noise": number(at["siegert_cv"], ".3f"),
    }
    if "unequal_rate" in at:
        rows |= {
            "SD of rates over neurons, simulated": number(at["simulated_spread"], ".3g"),
            "SD of rates over neurons, unequal and by chance": number(at["unequal_spread"], ".3g"),
        }
    if "rung_cv" in at and starts_at_siegert(comparison):
        for words, rung in (("shot noise", "time_grid"), ("self-consistent trains", "self_consistent_trains")):
            rows[f"CV of intervals, {words}"] = number(at["rung_cv"].sel(rung=rung), ".3f")
    return rows


def starts_at_siegert(dataset: xr.Dataset) -> bool:
    """Whether a budget's terms add up to the deviation from the rate that is called Siegert's beside it."""
    return "rung" in dataset.coords and dataset["rung"].values[0] == "siegert"


def _stability(comparison: xr.Dataset) -> dict[str, str]:
    """Whether Siegert's solution is stable, the same for all populations; no name where nothing is known."""
    growth, state = float(comparison["white_noise_growth"]), str(comparison["white_noise_state"].item())
    return {
        "stable against small disturbances": ("no" if growth > 0 else "yes") if state else MISSING,
        "  growth of the leading one (1/s)": number(growth, "+.1f"),
        "  its frequency (Hz)": number(comparison["white_noise_frequency"], ".1f"),
        "  state, white noise": state or MISSING,
    }


def missing(dataset: xr.Dataset) -> list[str]:
    """Why values of a dataset are missing, a sentence each.

    Parameters
    ----------
    dataset : Dataset
        From `compare`, `deviation`, `error_budget` or another prediction.
    """
    reasons = [dataset.attrs.get("missing", ""), *(v.attrs.get("missing", "") for v in dataset.variables.values())]
    return list(dict.fromkeys(filter(None, reasons)))


def _in_percent(step: xr.Dataset) -> str:
    """One population's term in percent of Siegert's rate, with its error unless that is a numerical one."""
    siegert, percent = float(step["siegert"]), float(step["contribution_percent"])
    error = 100 * float(step["contribution_error"]) / siegert if siegert > 0 else np.nan
    return with_error(percent, error) if error > COMPUTED else number(percent, ".3f")


def state_table(state: xr.Dataset) -> pd.DataFrame:
    """A network's simulated state beside the predicted one, one column for each population.

    Parameters
    ----------
    state : Dataset
        As the notebook state saves it.
    """
    columns = {}
    for name in state["population"].values:
        at = state.sel(population=name)
        rows = {
            "state, simulated": at["state"].item(),
            "rate, simulated (spikes/s)": with_error(float(at["rate"]), float(at["rate_sem"])),
            "CV of intervals, simulated": number(at["neuron_cv"], ".3f"),
            "frequency, simulated (Hz)": number(at["peak_frequency"], ".1f"),
            "synchrony": number(at["synchrony"], ".3f"),
            "coherence": number(at["coherence"], ".3f"),
        }
        for theory, rate, cv in (
            ("white noise", "siegert", "siegert_cv"),
            ("shot noise", "shot_noise_rate", "shot_noise_cv"),
        ):
            leading = at[[f"{theory.replace(' ', '_')}_{what}" for what in ("growth", "frequency", "state")]].isel(
                mode=0
            )
            growth, frequency, predicted = leading.data_vars.values()
            rows |= {
                f"state, {theory}": predicted.item() or MISSING,
                f"rate, {theory} (spikes/s)": number(at[rate], ".3f"),
                f"CV of intervals, {theory}": number(at[cv], ".3f"),
                f"growth, {theory} (1/s)": number(growth, "+.1f"),
                f"frequency, {theory} (Hz)": number(frequency, ".1f"),
            }
        columns[str(name)] = rows
    return pd.DataFrame(columns)


def budget_table(budget: xr.Dataset) -> pd.DataFrame:
    """The budget as text, one column for each population, and why each term is there; what is missing is a dash.

    Parameters
    ----------
    budget : Dataset
        From `error_budget`.
    """
    rows = [("Siegert's rate", "", budget["rung_rate"].isel(rung=0), None, None)]
    for name in budget["term"].values:
        row, step = term(name), budget.sel(term=name)
        values = step["contribution"], step["contribution_error"], step["contribution_percent"]
        rows.append((f"+ {row.words}", row.cause, *values))
    for name in budget["part"].values if "part_contribution" in budget else ():
        row, step, above = term(name), budget.sel(part=name), split_above(budget)
        which = "of which" if above == budget["rung"].values[-2] else f"above {term(above).words}:"
        rows.append((f"    {which} {row.words}", row.cause, step["part_contribution"], step["part_error"], None))
    simulated = budget.isel(rung=-1)
    rows.append(("= simulated rate", "", simulated["rung_rate"], simulated["rung_error"], budget["total_percent"]))

    table = pd.DataFrame(index=[label for label, *_ in rows])
    for name in budget["population"].values:
        cells = [[None if v is None else float(v.sel(population=name)) for v in values] for _, _, *values in rows]
        table[str(name)] = [_value(*cell) for cell in cells]
    return table.assign(because=[cause for _, cause, *_ in rows])


def _value(value: float, error: float | None, percent: float | None) -> str:
    """A rate in spikes/s, with its error unless that is a numerical one, and what that is in percent of Siegert's."""
    if not np.isfinite(value):
        return MISSING
    computed = error is not None and 0.0 < error < COMPUTED * max(1.0, abs(value))
    shown = f"{value:.3f}" if computed else with_error(value, error or 0.0)
    return f"{shown} ({percent:+.2f} %)" if percent is not None and np.isfinite(percent) else shown
