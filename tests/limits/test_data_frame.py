"""`mf.table`: every value for a population, at its place, with its unit and its error, and nothing larger."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import xarray as xr

import meanfield as mf
from meanfield.runs.sources import ROOT

REFERENCE = ROOT / "results" / "reference"
ROWS = {
    "compare/compare": 2 * 2,  # seeds, populations
    "validity_map/validity_map": 9 * 9 * 2 * 2,
    "ostojic/ostojic": 2 * 5 * 2,  # networks, seeds, populations
    "phase_diagram/phase_diagram": 4 * 47 * 2,
    "brunel_states/brunel_states": 8 * 3 * 2,
}


def stored(name: str) -> xr.Dataset:
    return mf.load_dataset(REFERENCE / f"{name}.nc")


@pytest.mark.parametrize(("name", "n_rows"), ROWS.items(), ids=ROWS)
class TestStoredDatasets:
    def test_have_a_row_for_each_setting_seed_and_population(self, name, n_rows):
        table = mf.table(stored(name))
        assert len(table) == n_rows
        first = list(table.columns).index("population") + 1
        assert not table.iloc[:, :first].duplicated().any()

    def test_have_each_value_in_its_row(self, name, n_rows):
        """Twenty rows against the dataset, looked up by all that names a row."""
        dataset = stored(name)
        dataset = dataset.assign_coords({d: range(1, n + 1) for d, n in dataset.sizes.items() if d not in dataset})
        table = mf.table(dataset)
        plain = {column.split(" (")[0]: column for column in table}
        seen = 0
        for _, row in table.sample(min(20, n_rows), random_state=1).iterrows():
            place = {
                dimension: np.logical_and.reduce(
                    [v.values == row[plain[c]] for c, v in dataset.coords.items() if v.dims == (dimension,)]
                )
                for dimension in dataset.dims
                if dimension in plain
            }
            assert all(here.sum() == 1 for here in place.values())
            for variable, column in plain.items():
                if variable in dataset.data_vars and "population" in dataset[variable].dims:
                    at = {dimension: int(np.argmax(place[dimension])) for dimension in dataset[variable].dims}
                    np.testing.assert_array_equal(row[column], dataset[variable].isel(at).item())
                    seen += 1
        assert seen >= 3 * min(20, n_rows)

    def test_say_the_unit_of_every_column(self, name, n_rows):
        dataset = stored(name)
        table = mf.table(dataset)
        assert set(table.attrs["units"]) == set(table.columns)
        for column, unit in table.attrs["units"].items():
            assert column.endswith(f" ({unit})") or (unit == "1" and " (" not in column)
        assert "rate (spikes/s)" in table or "simulated (spikes/s)" in table

    def test_come_back_from_csv(self, name, n_rows, tmp_path):
        table = mf.table(stored(name))
        table.to_csv(tmp_path / "table.csv", index=False)
        back = pd.read_csv(tmp_path / "table.csv")
        for column in table.select_dtypes("number"):
            np.testing.assert_array_equal(back[column], table[column])


def test_errors_stand_beside_their_values():
    columns = [column.split(" (")[0] for column in mf.table(stored("compare/compare"))]
    for value, *beside in (
        ["simulated", "simulated_sem", "simulated_freedom"],
        ["deviation_percent", "deviation_percent_sem"],
        ["rate", "rate_sem", "rate_freedom"],
        ["contribution_time_grid", "contribution_error_time_grid"],
    ):
        place = columns.index(value) + 1
        assert columns[place : place + len(beside)] == beside
    assert len(set(columns)) == len(columns)


def test_steps_with_names_are_columns():
    dataset = stored("ostojic/ostojic")
    table = mf.table(dataset)
    strong = table[table["network_file"].str.contains("J0.8") & (table["population"] == "I")]
    expected = dataset["contribution"].sel(term="time_grid", population="I")[1].item()
    assert set(strong["contribution_time_grid (spikes/s)"]) == {expected}


def test_parameters_that_a_batch_varies_have_units():
    assert list(mf.table(stored("brunel_states/brunel_states")))[:6] == [
        "g",
        "duration (ms)",
        "eta",
        "dt (ms)",
        "warmup (ms)",
        "seed",
    ]
    assert "J (mV)" in mf.table(stored("validity_along_J/validity_along_J"))


def test_solutions_are_numbered():
    solutions = mf.fixed_points(mf.brunel_network(g=3.0, eta=0.8))
    table = mf.table(solutions)
    assert table["fixed_point_number"].tolist() == [1, 1, 2, 2, 3, 3]
    np.testing.assert_array_equal(table["rate (spikes/s)"], solutions["rate"].values.ravel())
    assert table["stable"].tolist() == [True, True, False, False, True, True]


def test_without_a_population_there_is_no_table():
    with pytest.raises(mf.ParameterError, match="no values over population"):
        mf.table(xr.Dataset({"rate": ("time", [1.0, 2.0])}))
