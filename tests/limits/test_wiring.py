"""How neurons are connected in NEST."""

import numpy as np
import pytest

import meanfield as mf
from meanfield.simulation.kernel import fresh_kernel
from meanfield.simulation.wiring import connect_populations, create_neurons


def sources_of_each(network):
    """For each neuron the identifiers of its sources."""
    nest = fresh_kernel(dt=0.1, threads=1, seed=1, chatter=False)
    neurons = create_neurons(nest, network, "rest")
    connect_populations(nest, network, neurons, neurons)
    found = nest.GetConnections()
    source, target = np.array(found.source), np.array(found.target)
    return [source[target == neuron] for neuron in np.unique(target)]


@pytest.mark.parametrize("multapses", [True, False])
def test_without_multapses_all_sources_of_a_neuron_differ(multapses):
    network = mf.Network(populations=("E",), size=60, K=30, J=0.1, delay=1.5, multapses=multapses)
    each = sources_of_each(network)
    assert [len(of) for of in each] == [30] * 60
    distinct = [len(np.unique(of)) for of in each]
    assert (min(distinct) == 30) is not multapses
    assert (max(distinct) == 30) is not multapses


@pytest.mark.parametrize("autapses", [True, False])
def test_without_autapses_no_neuron_is_its_own_source(autapses):
    network = mf.Network(populations=("E",), size=60, K=30, J=0.1, delay=1.5, autapses=autapses)
    own = [number in of for number, of in enumerate(sources_of_each(network), start=1)]
    assert any(own) is autapses


def test_more_different_sources_than_there_are_neurons_are_refused():
    with pytest.raises(mf.ParameterError, match="without multapses"):
        mf.Network(populations=("E",), size=20, K=30, J=0.1, delay=1.5, multapses=False)
    with pytest.raises(mf.ParameterError, match="without multapses"):
        mf.Network(populations=("E",), size=20, K=20, J=0.1, delay=1.5, multapses=False, autapses=False)
    mf.Network(populations=("E",), size=20, K=20, J=0.1, delay=1.5, multapses=False)
    mf.Network(populations=("E",), size=20, K=30, J=0.1, delay=1.5)
