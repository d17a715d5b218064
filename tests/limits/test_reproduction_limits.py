"""Where there is no chance, none is admitted; and what cannot be compared is said."""

import numpy as np
import pytest
import xarray as xr

from meanfield.model.variables import RESIDUAL, SINGLE_DRAW, STANDARD_ERROR, variable
from meanfield.runs.reproduce.judgement import Verdict, judge


def dataset() -> xr.Dataset:
    hz, runs = "spikes/s", ("seed", "population")
    return xr.Dataset(
        {
            "rate": variable(runs, [[32.0, 32.1], [31.9, 0.0]], hz, "", error="rate_sem"),
            "rate_sem": variable(runs, [[0.2, 0.1], [0.2, np.nan]], hz, "", judged_as=STANDARD_ERROR),
            "siegert": variable("population", [32.033, 1e-20], hz, ""),
            "shot_noise": variable("population", [31.9, 20.0], hz, "", error="shot_noise_error"),
            "shot_noise_error": variable("population", [9.52614524e-07, 2e-5], hz, ""),
            "stable": variable("fixed_point", [True, False], "1", ""),
            "residual": variable("fixed_point", [1e-15, 0.0], hz, "", judged_as=RESIDUAL),
            "activity": variable("time", [30.0, 34.0], hz, "", judged_as=SINGLE_DRAW),
        },
        coords={"population": ["E", "I"]},
        attrs={"provenance": "{}"},
    )


def verdicts(anew: xr.Dataset) -> dict[str, Verdict]:
    """Of all variables that are not identical to the stored ones."""
    return {f.variable: f.verdict for f in judge(dataset(), anew).findings if f.verdict is not Verdict.IDENTICAL}


def reason(anew: xr.Dataset, name: str) -> str:
    return next(f.reason for f in judge(dataset(), anew).findings if f.variable == name)


def test_the_same_is_identical_whatever_its_provenance():
    anew = dataset().assign_attrs(provenance='{"commit": "another"}').assign(provenance="another")
    judgement = judge(dataset(), anew)
    assert judgement.verdict is Verdict.IDENTICAL
    assert str(judgement) == "identical, to the byte (9 variables)"


class TestWithoutChance:
    def test_rounding_is_told(self):
        anew = dataset()
        anew["siegert"][0] *= 1 + 1e-12
        assert verdicts(anew) == {"siegert": Verdict.ROUNDING}

    def test_more_than_rounding_is_different(self):
        anew = dataset()
        anew["siegert"][0] *= 1 + 2e-9
        assert verdicts(anew) == {"siegert": Verdict.DIFFERENT}
        assert "2.0e-09" in reason(anew, "siegert")

    def test_what_is_nothing_beside_the_rest_may_change(self):
        anew = dataset()
        anew["siegert"][1] = 0.0
        assert verdicts(anew) == {"siegert": Verdict.ROUNDING}

    def test_a_residual_may_change(self):
        anew = dataset()
        anew["residual"][:] = [0.0, 3e-15]
        assert verdicts(anew) == {"residual": Verdict.ROUNDING}

    def test_a_recording_of_the_same_simulation_may_not(self):
        anew = dataset()
        anew["activity"][0] += 1.0
        assert verdicts(anew) == {"activity": Verdict.DIFFERENT}

    @pytest.mark.parametrize("name", ["stable", "population"])
    def test_what_is_no_float_is_the_same_or_different(self, name):
        anew = dataset()
        anew[name] = anew[name].copy(data=anew[name].values[::-1])
        assert verdicts(anew) == {name: Verdict.DIFFERENT}
        assert reason(anew, name) == "2 of 2 values differ"

    def test_a_value_that_went_missing_is_different(self):
        anew = dataset()
        anew["siegert"][0] = np.nan
        assert verdicts(anew) == {"siegert": Verdict.DIFFERENT}


class TestNumericalErrors:
    """Theory that states how accurate it is, and estimates of that."""

    def test_an_estimate_may_differ_in_digits_that_do_not_count(self):
        """As seen between two processors."""
        anew = dataset()
        anew["shot_noise_error"][0] = 9.52614271e-07
        assert verdicts(anew) == {"shot_noise_error": Verdict.ROUNDING}

    @pytest.mark.parametrize(("factor", "verdict"), [(4.0, Verdict.ROUNDING), (0.02, Verdict.DIFFERENT)])
    def test_an_estimate_may_not_differ_in_magnitude(self, factor, verdict):
        anew = dataset()
        anew["shot_noise_error"][1] *= factor
        assert verdicts(anew) == {"shot_noise_error": verdict}

    @pytest.mark.parametrize(("shift", "verdict"), [(3e-5, Verdict.ROUNDING), (5e-5, Verdict.DIFFERENT)])
    def test_a_value_may_differ_within_both_errors(self, shift, verdict):
        anew = dataset()
        anew["shot_noise"][1] += shift
        assert verdicts(anew) == {"shot_noise": verdict}

    def test_a_standard_error_of_the_same_simulation_may_not_differ(self):
        anew = dataset()
        anew["rate_sem"][0, 0] *= 1 + 1e-6
        assert verdicts(anew) == {"rate_sem": Verdict.DIFFERENT}

    def test_they_do_not_let_chance_in(self):
        anew = dataset()
        anew["shot_noise"][1] += 3e-5
        anew["activity"][0] += 1.0
        assert verdicts(anew) == {"shot_noise": Verdict.ROUNDING, "activity": Verdict.DIFFERENT}


class TestStructure:
    def test_a_variable_that_went_missing_is_different(self):
        assert reason(dataset().drop_vars("siegert"), "siegert") == "is missing in the new dataset"

    def test_a_variable_that_was_added_is_told(self):
        judgement = judge(dataset(), dataset().assign(more=1.0))
        assert judgement.verdict is Verdict.IDENTICAL
        assert str(judgement).splitlines()[1] == "  new, and not in the stored dataset: more"

    def test_another_shape_is_different(self):
        assert (
            reason(dataset().isel(fixed_point=[0]), "stable")
            == "its shape differs: fixed_point 2 before, fixed_point 1 now"
        )

    def test_another_unit_is_different(self):
        anew = dataset()
        anew["rate"].attrs["units"] = "Hz"
        assert reason(anew, "rate") == "its unit differs: spikes/s before, Hz now"
        assert judge(dataset(), anew).verdict is Verdict.DIFFERENT


class TestWithChance:
    """Another draw: rates and what goes with them differ."""

    @staticmethod
    def another(rate: float = 32.2, silent: float = 0.0) -> xr.Dataset:
        anew = dataset()
        anew["rate"][:] = [[rate, 32.0], [32.1, silent]]
        anew["activity"][0] += 1.0
        return anew

    def test_recordings_may_differ_and_are_told(self):
        assert verdicts(self.another()) == {"rate": Verdict.CHANCE, "activity": Verdict.CHANCE}
        assert "not tested" in str(judge(dataset(), self.another()))
        assert "activity" in str(judge(dataset(), self.another())).splitlines()[-2]

    def test_too_large_a_difference_is_different(self):
        assert verdicts(self.another(rate=35.0))["rate"] is Verdict.DIFFERENT

    def test_recordings_may_have_another_length(self):
        anew = (
            self.another()
            .drop_vars("activity")
            .assign(activity=variable("time", [1.0], "spikes/s", "", judged_as=SINGLE_DRAW))
        )
        assert verdicts(anew)["activity"] is Verdict.CHANCE

    def test_a_value_without_an_error_is_told_and_does_not_decide(self):
        assert verdicts(self.another(silent=0.001))["rate"] is Verdict.CHANCE
        assert "1 without an error" in reason(self.another(silent=0.001), "rate")

    @pytest.mark.parametrize("lost", [0, 1])
    def test_a_value_whose_error_is_missing_in_one_does_not_decide(self, lost):
        """The other one's error alone would call what chance made a difference of 15 standard errors."""
        both = dataset(), self.another(rate=35.0)
        both[lost]["rate_sem"][0, 0] = np.nan
        judgement = judge(*both)
        assert judgement.verdict is Verdict.CHANCE
        assert "1 without an error" in str(judgement)

    def test_values_none_of_which_has_an_error_are_different(self):
        stored, anew = dataset(), self.another()
        for of in (stored, anew):
            of["rate_sem"][:] = np.nan
        assert judge(stored, anew).verdict is Verdict.DIFFERENT

    def test_the_report_states_the_tests_and_their_false_alarm_rate(self):
        last = str(judge(dataset(), self.another())).splitlines()[-1]
        assert "t, F and Stouffer tests" in last
        assert "at most 0.001" in last
