"""What mean-field theory predicts for a network of spiking neurons, whether it is right, and if not, why not."""

import lazy_loader

# Each name is imported when it is first used: a run of a batch pays only for what its notebook uses, and depends on
# no other file (see batch/dependencies.py).
PUBLIC_NAMES = {
    "brunel": ["brunel_network"],
    "brunel_paper": ["brunel_table", "examples_in"],
    "budget": ["budget_table", "error_budget"],
    "comparison": ["compare", "comparison_table", "deviation", "nearest_solution"],
    "correlations": ["measure_correlations"],
    "networks": ["Network"],
    "parameters": [
        "BrunelStatesParameters",
        "CompareParameters",
        "DeviationParameters",
        "ErrorBudgetParameters",
        "MeanFieldParameters",
        "PhaseDiagramParameters",
        "RateNetworkNotebookParameters",
        "SpikingNetworkParameters",
        "StateParameters",
        "ValidityParameters",
    ],
    "phase_diagram": ["lines_for_delays", "stationary_curves"],
    "results": ["load_dataset", "save_results"],
    "run_excerpt": ["excerpt"],
    "simulation.rate_network": ["simulate_rate_network"],
    "simulation.spiking": ["simulate_spiking"],
    "simulation.surrogates": ["simulate_surrogates"],
    "spectra": ["activity_spectrum", "confidence_band"],
    "spectrum_comparison": ["ratio_in_bands", "spectrum_deviation"],
    "state_prediction": ["predict_state"],
    "states": ["classify_state", "measure_states"],
    "theory.brunel_grid": ["brunel_fixed_points"],
    "theory.critical_lines": ["critical_lines"],
    "theory.eigenvalues": ["eigenvalues"],
    "theory.fixed_points": ["fixed_points"],
    "theory.interspike": ["siegert_cv"],
    "theory.linear_response": ["transfer_function"],
    "theory.phase_plane": ["phase_plane"],
    "theory.predicted_spectrum": ["predicted_spectrum"],
    "theory.pseudo_time": ["basins", "pseudo_time"],
    "theory.shot_noise.eigenvalues": ["shot_noise_eigenvalues"],
    "theory.shot_noise.intervals": ["shot_noise_intervals"],
    "theory.shot_noise.network": ["shot_noise_fixed_point", "shot_noise_response"],
    "theory.shot_noise.rate": ["shot_noise_rate"],
    "theory.shot_noise.spectrum": ["shot_noise_spectrum"],
    "theory.shot_noise.transfer": ["shot_noise_transfer_function"],
    "theory.siegert": ["siegert_rate", "siegert_rate_and_derivatives"],
    "validation": ["ParameterError"],
    "validity": ["seed_spread", "where_theory_holds"],
}

__getattr__, __dir__, __all__ = lazy_loader.attach(__name__, submodules=["figures"], submod_attrs=PUBLIC_NAMES)
