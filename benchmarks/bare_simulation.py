"""One simulation as a plain script, as one would write it without batches:  python bare_simulation.py SEED FOLDER"""

import sys
from pathlib import Path

import meanfield as mf
from meanfield.runs.results import save_dataset

seed, folder = int(sys.argv[1]), Path(sys.argv[2])
network = mf.brunel_network(order=1000)
spiking = mf.simulate_spiking(network, duration=1500.0, seed=seed, threads=1, record=0)
save_dataset(mf.deviation(network, spiking), folder / f"{seed}.nc")
