"""What mean-field theory predicts for a network of spiking neurons, whether it is right, and if not, why not."""

import lazy_loader

# Each name is imported when it is first used: a run of a batch pays only for what its notebook uses, and depends on
# no other file (see batch/dependencies.py).
PUBLIC_NAMES = {
    "model.brunel": ["brunel_network"],
    "comparison.brunel_2000": ["brunel_table", "examples_in"],
    "comparison.error_budget": ["budget_table", "error_budget"],
    "comparison.deviation": ["compare", "comparison_table", "deviation"],
    "simulation.measures.correlations": ["measure_correlations"],
    "model.network": ["Network"],
    "runs.parameters": [
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
    "theory.linear.phase_diagram": ["lines_for_delays", "stationary_curves"],
    "runs.results": ["load_dataset", "save_results"],
    "simulation.measures.excerpt": ["excerpt"],
    "simulation.rate_network": ["simulate_rate_network"],
    "simulation.spiking": ["simulate_spiking"],
    "simulation.surrogates": ["simulate_surrogates"],
    "simulation.measures.spectra": ["activity_spectrum", "confidence_band"],
    "comparison.spectrum": ["ratio_in_bands", "spectrum_deviation"],
    "theory.linear.predicted_state": ["predict_state"],
    "simulation.measures.states": ["classify_state", "measure_states"],
    "theory.white_noise.brunel_grid": ["brunel_fixed_points"],
    "theory.linear.critical_lines": ["critical_lines"],
    "theory.linear.eigenvalues": ["eigenvalues"],
    "theory.white_noise.fixed_points": ["fixed_points", "nearest_solution"],
    "theory.white_noise.cv": ["siegert_cv"],
    "theory.white_noise.transfer": ["transfer_function"],
    "theory.white_noise.phase_plane": ["phase_plane"],
    "theory.linear.spectrum": ["predicted_spectrum"],
    "theory.white_noise.flow": ["basins", "pseudo_time"],
    "theory.linear.shot_noise_eigenvalues": ["shot_noise_eigenvalues"],
    "theory.shot_noise.intervals": ["shot_noise_intervals"],
    "theory.shot_noise.fixed_point": ["shot_noise_fixed_point", "shot_noise_response"],
    "theory.shot_noise.rate": ["shot_noise_rate"],
    "theory.linear.shot_noise_spectrum": ["shot_noise_spectrum"],
    "theory.shot_noise.transfer": ["shot_noise_transfer_function"],
    "theory.white_noise.siegert": ["siegert_rate", "siegert_rate_and_derivatives"],
    "model.quantities": ["ParameterError"],
    "comparison.validity": ["seed_spread", "where_theory_holds"],
}

__getattr__, __dir__, __all__ = lazy_loader.attach(__name__, submodules=["figures"], submod_attrs=PUBLIC_NAMES)
