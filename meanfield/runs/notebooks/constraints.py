"""Parameters of ``constraints.ipynb``."""

from typing import Annotated, Any, ClassVar

from meanfield.model.network import Network
from meanfield.model.quantities import ParameterError, Quantity, stated
from meanfield.runs.parameters import NotebookParameters
from meanfield.simulation.parameters import SpikingParameters

J, K_EXT, PUSHING = 0.02, 420, 2000  # mV; external sources; neurons that push


class ConstraintsParameters(NotebookParameters):
    """Two stable states, the border between them, and the connections that keep it where it was."""

    headings: ClassVar[dict[str, str]] = {
        "K": "The network: Schuecker et al.'s, one excitatory population",
        "push": "The spiking network",
    }

    K: Annotated[float, Quantity(meaning="mean in-degree", above=0, at_most=10_000)] = 420.0
    rate_ext: Annotated[float, Quantity("spikes/s", "rate of each external source", above=0)] = 160.0
    perturbed_rate_ext: Annotated[float, Quantity("spikes/s", "the same after the perturbation", above=0)] = 161.0
    delay: Annotated[float, Quantity("ms", "mean synaptic delay", above=0)] = 10.0
    delay_sd: Annotated[float, Quantity("ms", "its standard deviation", at_least=0)] = 5.0
    size: Annotated[int, Quantity(meaning="neurons", at_least=100, at_most=1_000_000, whole=True)] = 5000
    push: Annotated[float, Quantity(meaning="weakest push: synapses from neurons that fire once", at_least=0)] = 400.0
    n_pushes: Annotated[int, Quantity(meaning="pushes, each as strong again", at_least=1, at_most=20, whole=True)] = 3
    duration: Annotated[float, Quantity("ms", "biological time of each run", at_least=500, at_most=2000)] = 800.0
    seed: Annotated[int, Quantity(meaning="of connections and drive", at_least=1, at_most=2**31, whole=True)] = 1
    output: str = "results/constraints"

    @classmethod
    def violations(cls, values):
        yield from super().violations(values)
        if values.delay_sd > values.delay:
            yield f"{stated('delay_sd', values.delay_sd, 'ms')} must be ≤ delay = {values.delay!r} ms"

    def network(self, rate_ext: float = 0.0, K: float = 0.0) -> Network:
        """The network, with another drive or in-degree if they are given."""
        return Network(
            populations=["E"],
            size=self.size,
            rule="fixed_total_number",
            K=K or self.K,
            J=J,
            delay=self.delay,
            delay_sd=self.delay_sd,
            K_ext=K_EXT,
            J_ext=J,
            rate_ext=rate_ext or self.rate_ext,
            tau_m=10.0,
            tau_syn=0.5,
            t_ref=2.0,
            theta=15.0,
        )

    def refuse_impossible(self) -> None:
        from meanfield.theory.white_noise.fixed_points import fixed_points  # here, since it needs xarray

        super().refuse_impossible()
        drives = {name: getattr(self, name) for name in ("rate_ext", "perturbed_rate_ext")}
        stable = {
            name: int(fixed_points(self.network(rate_ext=drive))["stable"].sum()) for name, drive in drives.items()
        }
        culprits = [
            f"{stated(name, drives[name], 'spikes/s')} must leave the network two stable states, and leaves {n}"
            for name, n in stable.items()
            if n != 2
        ]
        if culprits:
            raise ParameterError(culprits)

    def pushed(self, network: Network, push: float) -> Network:
        """The network with further neurons that fire once in the first 300 ms, each neuron having `push` of them."""
        return Network(
            **network.to_dict()
            | {
                "populations": ["E", "push"],
                "size": [self.size, PUSHING],
                "K": [[float(network.K[0, 0]), push], [0.0, 0.0]],
                "J": J,
                "delay": self.delay,
                "delay_sd": [[self.delay_sd, self.delay_sd], [0.0, 0.0]],
                "K_ext": [K_EXT, 0],
                "J_ext": J,
                "rate_ext": [float(network.rate_ext[0]), 0.0],
                "mu_ext": [0.0, 20.0],
                "tau_m": [10.0, 200.0],
                "tau_syn": 0.5,
                "t_ref": [2.0, 3000.0],  # longer than any run
                "theta": 15.0,
                "V_reset": 0.0,
            }
        )

    @property
    def simulation(self) -> dict[str, Any]:
        """The arguments of `simulate_spiking`."""
        run = {"duration": self.duration, "warmup": 0.0, "seed": self.seed, "record": 0, "threads": 1}
        return SpikingParameters(**run, simulator="compiled").model_dump()
