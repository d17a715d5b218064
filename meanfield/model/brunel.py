"""Brunel's network of excitatory and inhibitory neurons, from a few numbers."""

from __future__ import annotations

import math
from typing import Annotated, ClassVar, Literal

from meanfield.model.network import Network
from meanfield.model.network_rules import MOST, threshold_above_reset
from meanfield.model.quantities import Meaning, Parameters, Quantity, stated

# Frequency times delay: about 1/4 on the fast branch of oscillations, about 1 where recurrent excitation synchronises
# regular firing (Brunel 2000).
SLOW_BELOW, REGULAR_ABOVE = 0.12, 0.6


Inhibition = Annotated[
    float, Quantity(meaning="inhibitory weights are g times as strong as excitatory ones", at_least=0)
]
Drive = Annotated[
    float,
    Quantity(meaning="external rate, relative to the rate that alone brings the mean input to threshold", at_least=0),
]


class BrunelParameters(Parameters):
    """Parameters of Brunel's network of excitatory (E) and inhibitory (I) neurons; see `brunel_network`."""

    headings: ClassVar[dict[str, str]] = {"order": "The network: Brunel's, with the defaults of NEST's examples"}

    order: Annotated[
        int,
        Quantity(
            meaning="scale: 4·order excitatory and order inhibitory neurons",
            at_least=1,
            at_most=MOST // 4,
            whole=True,
        ),
    ] = 2500
    g: Inhibition = 5.0
    eta: Drive = 2.0
    J: Annotated[float, Quantity("mV", "excitatory weight", above=0)] = 0.1
    epsilon: Annotated[float, Quantity(meaning="connection probability", above=0, at_most=1)] = 0.1
    delay: Annotated[float, Quantity("ms", "synaptic delay", above=0)] = 1.5
    tau_m: Annotated[float, Quantity("ms", "membrane time constant", above=0)] = 20.0
    t_ref: Annotated[float, Quantity("ms", "refractory period", at_least=0)] = 2.0
    theta: Annotated[float, Quantity("mV", "threshold above rest", above=0)] = 20.0
    V_reset: Annotated[float, Quantity("mV", "reset potential (Brunel's paper has 10)")] = 0.0
    multapses: Annotated[bool, Meaning("whether a neuron may be drawn more than once as a source of another one")] = (
        True
    )
    autapses: Annotated[
        bool, Meaning("whether a neuron may be drawn as a source of itself (not in Brunel's paper)")
    ] = True
    tau_syn: Annotated[
        float,
        Quantity("ms", "time constant of exponential synapses; 0 for delta synapses (Brunel's paper)", at_least=0),
    ] = 0.0
    rule: Annotated[
        Literal["fixed_indegree", "fixed_total_number", "pairwise_bernoulli"],
        Meaning('"fixed_indegree", "fixed_total_number" or "pairwise_bernoulli" (see Network)'),
    ] = "fixed_indegree"

    @classmethod
    def violations(cls, values):
        yield from super().violations(values)
        yield from threshold_above_reset(values)
        if values.epsilon * values.order < 1 - 1e-9:
            yield (
                f"{stated('epsilon', values.epsilon)} with {stated('order', values.order)} gives no inhibitory "
                f"synapse: epsilon · order = {values.epsilon * values.order:.6g} must be ≥ 1"
            )
        if values.order == 1 and values.multapses and not values.autapses:
            yield (
                f"{stated('order', values.order)} makes the one inhibitory neuron its own source, which "
                "autapses = False forbids: order must be ≥ 2"
            )
        if values.rule == "fixed_total_number" and not values.multapses:
            yield "rule = 'fixed_total_number' cannot do without multapses: its synapses are dealt independently"
        once = not values.multapses or values.rule == "pairwise_bernoulli"
        if once and not values.autapses and values.epsilon * values.order > values.order - 1 + 1e-9:
            yield (
                f"{stated('epsilon', values.epsilon)} with {stated('order', values.order)} leaves too few neurons to "
                "draw distinct sources from without autapses: epsilon · order must be ≤ order − 1"
            )

    def network(self) -> Network:
        """The network that these parameters describe."""
        # A product such as 0.29 * 100 falls just short of a whole number in floating point; the tiny step mends that.
        C_E, C_I = (math.floor(self.epsilon * size + 1e-9) for size in (4 * self.order, self.order))
        nu_threshold = 1e3 * self.theta / (self.J * C_E * self.tau_m)
        return Network(
            populations=("E", "I"),
            size=[4 * self.order, self.order],
            K=[[C_E, C_I], [C_E, C_I]],
            J=[[self.J, -self.g * self.J], [self.J, -self.g * self.J]],
            delay=self.delay,
            K_ext=C_E,
            J_ext=self.J,
            rate_ext=self.eta * nu_threshold,
            tau_m=self.tau_m,
            t_ref=self.t_ref,
            theta=self.theta,
            V_reset=self.V_reset,
            multapses=self.multapses,
            autapses=self.autapses,
            tau_syn=self.tau_syn,
            rule=self.rule,
        )


def brunel_network(
    order: int = 2500,
    g: float = 5.0,
    eta: float = 2.0,
    J: float = 0.1,
    epsilon: float = 0.1,
    delay: float = 1.5,
    tau_m: float = 20.0,
    t_ref: float = 2.0,
    theta: float = 20.0,
    V_reset: float = 0.0,
    multapses: bool = True,
    autapses: bool = True,
    tau_syn: float = 0.0,
    rule: str = "fixed_indegree",
) -> Network:
    """The sparsely connected network of excitatory and inhibitory neurons of Brunel (2000), with model A's symmetry.

    Parameters
    ----------
    order : int
        Scale: 4·order excitatory and order inhibitory neurons.
    g : float
        Inhibitory weights are −g·J; inhibition dominates beyond g = 4.
    eta : float
        External rate in units of the rate nu_th = theta/(J·C_E·tau_m) that alone brings the mean input to threshold.
    J : float, mV
        Excitatory weight, recurrent and external.
    epsilon : float
        Connection probability: in-degrees are C_E = epsilon·4·order and C_I = epsilon·order, rounded down.
    delay : float, ms
    tau_m, t_ref : float, ms
    theta, V_reset : float, mV
        The default V_reset = 0 is that of NEST's example networks; Brunel's paper has 10.
    multapses, autapses : bool
        As of `Network`. NEST's examples allow both; in Brunel's paper neurons connect to "other neurons", so that
        autapses is False there. Theory does not see the difference.
    tau_syn : float, ms
        Time constant of the synapses, recurrent and external, 0 for delta synapses as in Brunel's paper.
    rule : {"fixed_indegree", "fixed_total_number", "pairwise_bernoulli"}
        How sources are drawn, as of `Network`; C_E and C_I are mean in-degrees unless the rule is "fixed_indegree".

    Returns
    -------
    Network
        Populations "E" and "I".

    Raises
    ------
    ParameterError
        Naming every value that cannot be used.

    References
    ----------
    Brunel N (2000) J Comput Neurosci 8:183–208, sec. 2, doi:10.1023/A:1008925309027
    """
    return BrunelParameters(**locals()).network()
