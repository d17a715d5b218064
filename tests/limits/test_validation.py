"""What a parameter may be, and that one message tells all that is wrong."""

import math
from typing import Annotated

import numpy as np
import pytest

from meanfield.model.brunel import BrunelParameters
from meanfield.model.quantities import ParameterError, Parameters, Quantity, off_grid, stated
from meanfield.simulation.parameters import RateNetworkParameters, SpikingParameters

NO_NUMBERS = ["abc", "5", None, True, np.True_, math.nan, math.inf, -math.inf, 1j, [1.0, 2.0], {}, np.array([5.0])]


def culprits(model, **values) -> tuple[str, ...]:
    with pytest.raises(ParameterError) as caught:
        model(**values)
    return caught.value.culprits


class TestQuantity:
    @pytest.mark.parametrize("value", NO_NUMBERS, ids=repr)
    @pytest.mark.parametrize("whole", [False, True])
    def test_what_is_no_finite_number_is_refused(self, value, whole):
        with pytest.raises(ValueError, match="must be a"):
            Quantity(whole=whole).number(value)

    @pytest.mark.parametrize("value", [3, 3.0, np.int64(3), np.float64(3), np.array(3)], ids=repr)
    def test_numbers_of_all_kinds_become_pythons_own(self, value):
        assert type(Quantity().number(value)) is float
        assert type(Quantity(whole=True).number(value)) is int

    def test_a_whole_number_may_be_written_as_a_float(self):
        assert Quantity(whole=True).number(1e4) == 10000

    def test_a_large_whole_number_does_not_pass_through_a_float(self):
        assert Quantity(whole=True).number(2**53 + 1) == 2**53 + 1

    def test_a_fraction_is_no_whole_number(self):
        with pytest.raises(ValueError, match="must be a whole number"):
            Quantity(whole=True).number(2.5)

    def test_above_is_open_and_the_other_bounds_are_closed(self):
        assert not Quantity(above=1).accepts(np.array(1.0))
        assert Quantity(above=1).accepts(np.nextafter(1.0, 2))
        assert Quantity(at_least=1, at_most=2).accepts(np.array([1.0, 2.0]))
        assert not Quantity(at_least=1).accepts(np.nextafter(1.0, 0))
        assert not Quantity(at_most=1).accepts(np.nextafter(1.0, 2))

    @pytest.mark.parametrize(
        ("quantity", "words"),
        [
            (Quantity(), "a finite number"),
            (Quantity("mV"), "a finite number in mV"),
            (Quantity("ms", above=0), "a finite number > 0 ms"),
            (Quantity(at_least=1, at_most=2**32 - 1, whole=True), "a whole number ≥ 1 and ≤ 4294967295"),
        ],
    )
    def test_what_is_allowed_is_said_in_words(self, quantity, words):
        assert quantity.allowed == words

    def test_one_bad_element_spoils_an_array(self):
        with pytest.raises(ValueError, match="in every element"):
            Quantity(ndim=1).array([1.0, math.nan], 2)

    @pytest.mark.parametrize("value", [[1, 2], [[1, 2]], [[1], [2]], np.ones((3, 3))], ids=repr)
    def test_an_array_of_another_shape_is_refused_rather_than_stretched(self, value):
        with pytest.raises(ValueError, match=r"array of shape \(2, 2\), not of shape"):
            Quantity(ndim=2).array(value, 2)

    def test_rows_of_unequal_length_are_refused(self):
        with pytest.raises(ValueError, match="rows of equal length"):
            Quantity(ndim=2).array([[1, 2], [3]], 2)


class TestOneMessageTellsAll:
    def test_every_culprit_is_named_with_value_unit_and_what_is_allowed(self):
        told = culprits(BrunelParameters, g="abc", theta=-3.0, epsilon=1.2)
        assert set(told) == {
            "g = 'abc' must be a finite number ≥ 0",
            "theta = -3.0 mV must be a finite number > 0 mV",
            "epsilon = 1.2 must be a finite number > 0 and ≤ 1",
        }

    def test_the_message_has_one_line_for_each_culprit(self):
        with pytest.raises(ParameterError) as caught:
            BrunelParameters(g="abc", theta=-3.0)
        assert str(caught.value).splitlines() == list(caught.value.culprits)

    def test_rules_between_good_fields_are_checked_beside_a_bad_field(self):
        told = culprits(BrunelParameters, g="abc", theta=10.0, V_reset=10.0, order=5)
        assert len(told) == 3
        assert any("theta = 10.0 mV must be above V_reset = 10.0 mV" in line for line in told)
        assert any("epsilon · order = 0.5 must be ≥ 1" in line for line in told)

    @pytest.mark.parametrize("bad", [*NO_NUMBERS, -1.0, 0], ids=repr)
    @pytest.mark.parametrize("name", ["order", "epsilon", "theta"])
    def test_a_rule_with_a_bad_field_in_it_is_left_out(self, name, bad):
        assert len(culprits(BrunelParameters, **{name: bad})) == 1

    @pytest.mark.parametrize("bad", [*NO_NUMBERS, -1.0], ids=repr)
    @pytest.mark.parametrize("name", ["duration", "dt", "bin_width", "target_sem", "max_duration", "seed", "n_seeds"])
    def test_the_same_holds_for_a_simulations_parameters(self, name, bad):
        assert len(culprits(SpikingParameters, **{name: bad})) == 1

    def test_an_unknown_name_is_told_with_the_known_one_that_it_resembles(self):
        assert culprits(BrunelParameters, thta=20.0) == ("thta is not a parameter here; did you mean theta?",)

    def test_an_unknown_name_that_resembles_none_is_told_with_all_known_ones(self):
        (told,) = culprits(BrunelParameters, colour="red")
        assert told.startswith("colour is not a parameter here; known are order, g, eta, J,")

    def test_a_missing_value_is_told(self):
        class Needs(Parameters):
            x: Annotated[float, Quantity("mV")]

        assert culprits(Needs) == ("x is missing",)

    def test_numpys_numbers_are_shown_as_numbers(self):
        assert culprits(BrunelParameters, g=np.float64(-1)) == ("g = -1.0 must be a finite number ≥ 0",)
        assert "dt = 0.3 ms" in culprits(SpikingParameters, dt=np.float64(0.3))[0]

    def test_a_long_array_is_shown_shortened(self):
        assert len(stated("x", np.zeros(10000), "mV")) < 100

    def test_what_was_checked_can_no_longer_be_changed(self):
        with pytest.raises(ValueError, match="frozen"):
            BrunelParameters().g = -1.0


class TestGrid:
    @pytest.mark.parametrize(("time", "step"), [(1.5, 0.1), (0.3, 0.1), (0.7, 0.1), (1e6, 0.1), (0.0, 0.1), (2.1, 0.7)])
    def test_multiples_are_on_the_grid_whatever_the_floating_point_error(self, time, step):
        assert list(off_grid("dt", step, time=time)) == []

    @pytest.mark.parametrize(("time", "step"), [(1.5, 0.2), (0.05, 0.1), (1000.01, 0.1)])
    def test_what_lies_between_is_named_with_value_and_step(self, time, step):
        assert list(off_grid("the step", step, time=time)) == [
            f"time = {time} ms must be a multiple of the step = {step} ms"
        ]

    def test_one_element_off_the_grid_is_enough(self):
        assert len(list(off_grid("dt", 0.1, delay=np.array([1.5, 1.55])))) == 1

    def test_what_is_unusable_is_on_every_grid(self):
        assert list(off_grid("dt", math.nan, time=1.0)) == list(off_grid("dt", 0.1, time=math.nan)) == []


class TestParametersOfASimulation:
    @pytest.mark.parametrize(
        ("values", "told"),
        [
            ({"duration": 0}, "duration = 0 ms must be a finite number > 0 ms"),
            ({"warmup": -1}, "warmup = -1 ms must be a finite number ≥ 0 ms"),
            ({"threads": 0}, "threads = 0 must be a whole number ≥ 1 and ≤ 511"),
            ({"threads": 1.5}, "threads = 1.5 must be a whole number"),
            ({"seed": 0}, "seed = 0 must be a whole number ≥ 1"),
            ({"seed": 2**32}, "seed = 4294967296 must be a whole number ≥ 1 and ≤ 4294967295"),
            ({"seed": 2**32 - 1, "n_seeds": 2}, "n_seeds = 2 from seed = 4294967295 on"),
            ({"n_seeds": 0}, "n_seeds = 0 must be"),
            ({"dt": 0.3}, "duration = 1000.0 ms must be a multiple of the time step dt = 0.3 ms"),
            ({"dt": 0.0015}, "dt = 0.0015 ms must be a multiple of NEST's unit of time = 0.001 ms"),
            ({"bin_width": 3.0}, "duration = 1000.0 ms must be a multiple of bin_width = 3.0 ms"),
            ({"bin_width": 0.25}, "bin_width = 0.25 ms must be a multiple of the time step dt"),
            ({"warmup": 0.05}, "warmup = 0.05 ms must be a multiple of the time step dt"),
            ({"record": 2.5}, "record = 2.5 must be 'all' or a whole number ≥ 0"),
            ({"record": "some"}, "record = 'some' must be 'all' or a whole number ≥ 0"),
            ({"record": True}, "record = True must be 'all' or a whole number ≥ 0"),
            ({"V_init": "up"}, "V_init = 'up' is not allowed"),
            ({"target_sem": 0.1, "max_duration": 10.0}, "max_duration = 10.0 ms must be ≥ duration = 1000.0 ms"),
            ({"target_sem": 0.1, "max_duration": 2500.05}, "max_duration = 2500.05 ms must be a multiple of bin_width"),
            ({"durations": 5.0}, "durations is not a parameter here; did you mean duration?"),
        ],
        ids=str,
    )
    def test_a_spiking_simulation_refuses(self, values, told):
        assert any(line.startswith(told) for line in culprits(SpikingParameters, **values))

    @pytest.mark.parametrize(
        "values",
        [{}, {"seed": 2**32 - 1}, {"duration": 0.9, "dt": 0.3, "bin_width": 0.3, "warmup": 0.0}, {"record": "all"}],
        ids=str,
    )
    def test_a_spiking_simulation_allows(self, values):
        SpikingParameters(**values)

    @pytest.mark.parametrize(
        ("values", "told"),
        [
            ({"pseudo_duration": 0.0}, "pseudo_duration = 0.0 ms must be a finite number > 0 ms"),
            ({"pseudo_dt": 0.3}, "pseudo_duration = 500.0 ms must be a multiple of pseudo_dt = 0.3 ms"),
            ({"pseudo_dt": 0.0005}, "pseudo_dt = 0.0005 ms must be a multiple of NEST's unit of time"),
            ({"pseudo_duration": 1.0, "tau": 2.0}, "pseudo_duration = 1.0 ms must be ≥ tau = 2.0 ms"),
            ({"tau": "1"}, "tau = '1' ms must be a finite number > 0 ms"),
            ({"initial_rate": -1.0}, "initial_rate = -1.0 spikes/s must be a finite number ≥ 0 spikes/s"),
        ],
        ids=str,
    )
    def test_a_rate_network_refuses(self, values, told):
        assert any(line.startswith(told) for line in culprits(RateNetworkParameters, **values))
