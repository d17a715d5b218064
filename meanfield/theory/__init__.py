"""What mean-field theory predicts: rates, their stability, irregularity and fluctuations. Never imports a simulator."""

from meanfield.theory.brunel_grid import brunel_fixed_points, brunel_input
from meanfield.theory.critical_lines import critical_lines
from meanfield.theory.eigenvalues import eigenvalues
from meanfield.theory.fixed_points import fixed_points
from meanfield.theory.interspike import siegert_cv
from meanfield.theory.linear_response import transfer_function
from meanfield.theory.phase_plane import phase_plane
from meanfield.theory.predicted_spectrum import predicted_spectrum
from meanfield.theory.pseudo_time import basins, pseudo_time
from meanfield.theory.shot_noise import ShotNoiseRate, shot_noise_rate
from meanfield.theory.shot_noise_network import shot_noise_fixed_point, shot_noise_response
from meanfield.theory.siegert import siegert_rate, siegert_rate_and_derivatives
from meanfield.theory.stationary_input import StationaryInput

__all__ = [
    "ShotNoiseRate",
    "StationaryInput",
    "basins",
    "brunel_fixed_points",
    "brunel_input",
    "critical_lines",
    "eigenvalues",
    "fixed_points",
    "phase_plane",
    "predicted_spectrum",
    "pseudo_time",
    "shot_noise_fixed_point",
    "shot_noise_rate",
    "shot_noise_response",
    "siegert_cv",
    "siegert_rate",
    "siegert_rate_and_derivatives",
    "transfer_function",
]
