"""How a neuron answers when the rates of all its inputs wax and wane: two theories, and unconnected neurons in NEST.

Writes results/reference/response_against_nest.md. The comparison is that of
tests/oracles/test_shot_noise_response_nest.py, at more frequencies.
"""

import runpy
from pathlib import Path

import numpy as np
from scipy.stats import chi2

ROOT = Path(__file__).resolve().parent.parent
OUTPUT = ROOT / "results" / "reference" / "response_against_nest.md"


def polar(response: complex) -> str:
    """Size and phase."""
    return f"{abs(response):.3f} at {np.degrees(np.angle(response)):.0f}°"


def markdown(test, responses) -> str:
    """The table, and the chi² over all its rows."""
    total, df = sum(one.chi_squared for one in responses), 2 * len(responses)
    lines = [
        "# A neuron's response to modulated input at Brunel's point C",
        "",
        "Relative change of the rate for a relative change of the rates of all recurrent inputs together: size and",
        "phase. White noise: `transfer_function`. Shot noise: `shot_noise_transfer_function`, for Poisson trains",
        f"whose spikes move the potential by 0.1 and −0.5 mV. NEST: {test['NEURONS']:,} unconnected neurons on such",
        f"trains, {test['DURATION']:g} ms, time step {test['DT']:g} ms, modulated by {test['DEPTH']:g}; the standard",
        "error is that of either part of the complex number. Made by `benchmarks/response_against_nest.py`.",
        "",
        "| frequency (Hz) | white noise | shot noise | NEST | standard error |",
        "|--:|--:|--:|--:|--:|",
        *(
            f"| {one.frequency:g} | {polar(one.white_noise)} | {polar(one.shot_noise)} | {polar(one.nest)} "
            f"| {one.standard_error:.3f} |"
            for one in responses
        ),
        "",
        f"Shot noise against NEST: chi² = {total:.1f} with {df} degrees of freedom, p = {chi2.sf(total, df):.2f}.",
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    test = runpy.run_path(str(ROOT / "tests" / "oracles" / "test_shot_noise_response_nest.py"))
    OUTPUT.write_text(markdown(test, test["compare"](sorted(test["FREQUENCIES"] + test["MORE_FREQUENCIES"]))))
    print(f"wrote {OUTPUT}")
