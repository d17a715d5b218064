"""What mean-field theory predicts for a network of spiking neurons, whether it is right, and if not, why not."""

import lazy_loader

# Each name is imported when it is first used: a run of a batch pays only for what its notebook uses, and depends on
# no other file (see batch/dependencies.py).
PUBLIC_NAMES = {
    "budget": ["budget_table", "error_budget"],
    "comparison": ["compare", "comparison_table", "deviation", "nearest_solution"],
    "correlations": ["measure_correlations"],
    "networks": ["Network", "brunel_network"],
    "parameters": [
        "CompareParameters",
        "DeviationParameters",
        "DeviationParameters",
        "ErrorBudgetParameters",
        "MeanFieldParameters",
        "RateNetworkNotebookParameters",
        "SpikingNetworkParameters",
        "ValidityParameters",
    ],
    "results": ["load_dataset", "save_results"],
    "simulation.rate_network": ["simulate_rate_network"],
    "simulation.spiking": ["simulate_spiking"],
    "simulation.surrogates": ["simulate_surrogates"],
    "theory.brunel_grid": ["brunel_fixed_points"],
    "theory.fixed_points": ["fixed_points"],
    "theory.interspike": ["siegert_cv"],
    "theory.phase_plane": ["phase_plane"],
    "theory.pseudo_time": ["basins", "pseudo_time"],
    "theory.shot_noise": ["shot_noise_rate"],
    "theory.shot_noise_network": ["shot_noise_fixed_point", "shot_noise_response"],
    "theory.siegert": ["siegert_rate", "siegert_rate_and_derivatives"],
    "validation": ["ParameterError"],
    "validity": ["seed_spread", "where_theory_holds"],
}

__getattr__, __dir__, __all__ = lazy_loader.attach(__name__, submodules=["figures"], submod_attrs=PUBLIC_NAMES)
