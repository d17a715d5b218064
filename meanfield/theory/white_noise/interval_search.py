"""All fixed points of networks of few populations, by exclusion: what is left of the box of possible rates.

Every fixed point lies in the box 0 ≤ rate ≤ 1/t_ref. A box is replaced by its overlap with bounds of its own response,
and with Krawczyk's bounds; it is discarded when that is empty, accepted when they prove that it holds exactly one
fixed point, and otherwise halved (Krawczyk 1969, Computing 4:187–201, doi:10.1007/BF02234767; Moore, Kearfott & Cloud
2009, Introduction to Interval Analysis, ch. 8, doi:10.1137/1.9780898717716). Nothing is sampled, so no pair of
solutions can slip through a grid. The bounds are computed in plain floating point and widened by more than its errors,
instead of with directed rounding. What remains open is told: at a double root, where two fixed points meet, no finite
box can decide between two solutions, one and none. Such a box, once it is as small as `UNDECIDED_WIDTH`, counts as one
fixed point, to be judged by its residual.
"""

from __future__ import annotations

import numpy as np

from meanfield.theory.white_noise.enclosure import SMALLEST_RATE, jacobian_bounds, moment_bounds, response_bounds
from meanfield.theory.white_noise.input import StationaryInput

UNDECIDED_WIDTH = 1e-7  # relative: about where rounding, which the bounds cover, hides what happens at a double root
ROUNDING = 1e-14  # relative error of a sum of few terms, generously
NARROW_WIDTH = 1e-11  # relative: the bounds of the response are no closer
SILENCE = 2.0 * SMALLEST_RATE  # spikes/s: responses that are lower cannot be told from 0
SILENT = 1e-12  # spikes/s: widths are relative to the rate, or to this where it is lower
MOST_ROUNDS = 300
MOST_BOXES = 100_000  # for one network
LARGEST_SLOPE = 1e100  # beyond it, nothing is known
# What is left of a box's width after a contraction: below the first the costlier bounds can wait for the next round,
# above the second the box is halved.
SHRUNK, PROGRESS = 0.6, 0.7


def search(inputs: StationaryInput):
    """Boxes that hold one fixed point each, and together all of them.

    Parameters
    ----------
    inputs : StationaryInput
        A stack, with one leading dimension, of networks of M populations. The effort grows steeply with M.

    Returns
    -------
    network : array of int, shape (R,)
        Index of the network of each fixed point.
    low, high : array, shape (R, M), spikes/s
        The boxes.
    complete : array of bool, one for each network
        False if the search was given up after `MOST_BOXES` boxes or `MOST_ROUNDS` rounds; then some may be missing.
    """
    n_networks, n = inputs.mu_0.shape
    boxes = np.arange(n_networks), np.zeros((n_networks, n)), inputs.highest_rate
    examined = np.zeros(n_networks, dtype=int)
    complete = np.ones(n_networks, dtype=bool)
    accepted = []
    for _ in range(MOST_ROUNDS):
        network = boxes[0]
        examined += np.bincount(network, minlength=n_networks)
        complete &= examined <= MOST_BOXES
        boxes = tuple(x[complete[network]] for x in boxes)
        if not boxes[0].size:
            break
        boxes, new = _round(inputs.take(boxes[0]), *boxes)
        accepted.append(new)
    complete[boxes[0]] = False
    network, low, high = (np.concatenate(parts) for parts in zip(*accepted, strict=True))
    return network, low, high, complete


def _round(inputs, network, low, high):
    """Contract each box, then sort them: those still open, halved if need be, and those that are accepted."""
    width, box = high - low, np.stack([low, high])
    mu, sigma = moment_bounds(inputs, low, high)
    image = response_bounds(inputs, mu, sigma)
    low, high = np.maximum(low, image[0]), np.minimum(high, image[1])
    alive = (low <= high).all(-1)
    # Where the response alone has shrunk the box a lot, the costlier bounds can wait.
    shrunk = ((high - low) < SHRUNK * width).any(-1)
    narrow = _narrower(NARROW_WIDTH, low, high)
    accept = alive & narrow & ~shrunk
    test = np.flatnonzero(alive & ~narrow & ~shrunk)
    if test.size:
        low[test], high[test], proven = _krawczyk(
            inputs.take(test), mu[:, test], sigma[:, test], image[:, test], low[test], high[test], box[:, test]
        )
        alive[test] = (low[test] <= high[test]).all(-1)
        accept[test] = alive[test] & (proven | _narrower(UNDECIDED_WIDTH, low[test], high[test]))
    open_ = alive & ~accept
    halve = open_ & ((high - low) > PROGRESS * width).all(-1)
    parts = [(network[open_ & ~halve], low[open_ & ~halve], high[open_ & ~halve]), *_halves(network, low, high, halve)]
    return tuple(np.concatenate(x) for x in zip(*parts, strict=True)), (network[accept], low[accept], high[accept])


def _narrower(width, low, high):
    """Which boxes are narrower than a relative `width` on all sides."""
    return (high - low <= width * np.maximum(high, SILENT)).all(-1)


def _krawczyk(inputs, mu, sigma, image, low, high, box):
    """The boxes' overlap with Krawczyk's bounds, and whether these prove one and only one fixed point in it.

    `mu`, `sigma` and `image` are bounds over the wider `box`.
    """
    middle, radius = 0.5 * (low + high), 0.5 * (high - low)
    response = response_bounds(inputs, *moment_bounds(inputs, middle, middle))
    unit = np.eye(low.shape[-1])
    slopes = unit - jacobian_bounds(inputs, mu, sigma, image, *box)[::-1]  # bounds of 1 − Jacobian
    known = (np.abs(slopes) < LARGEST_SLOPE).all((0, 2, 3))
    slopes = np.where(known[:, None, None], slopes, unit)
    centre, spread = 0.5 * (slopes[1] + slopes[0]), 0.5 * (slopes[1] - slopes[0])
    # Inverted with rates relative to the box: else rounding mixes a rate of 1e-20 with one of 1.
    scale = np.maximum(high, 1e-100 * high.max(-1, keepdims=True) + SMALLEST_RATE)
    ratio = scale[:, None, :] / scale[:, :, None]
    centre_response, uncertainty = 0.5 * (response[1] + response[0]), 0.5 * (response[1] - response[0])
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        relative = centre * ratio
        known &= np.isfinite(relative).all((1, 2)) & (np.linalg.det(relative) != 0.0)
        inverse = np.linalg.inv(np.where(known[:, None, None], relative, unit)) / ratio
        # Any matrix that is nearly the inverse will do. Silent populations are taken at their response, as it stands.
        silent = image[1] <= SILENCE
        inverse = np.where(silent[..., None], unit, inverse)
        size = np.abs(inverse)
        # Where rates differ by many orders of magnitude the inverse is not exact: what it leaves counts as spread.
        left = np.abs(unit - inverse @ centre) + size @ spread
        newton = middle - _apply(inverse, middle - centre_response)
        reach = _apply(left, radius) + _apply(size, uncertainty)
        reach += ROUNDING * (middle + _apply(size, middle + centre_response))
        new_low, new_high = newton - reach, newton + reach
        known &= (np.isfinite(new_low) & np.isfinite(new_high)).all(-1)
        contraction = (_apply(left, scale) / scale).max(-1)
        inside = np.where(silent, (image[0] >= box[0]) & (image[1] <= box[1]), (new_low >= low) & (new_high <= high))
        proven = known & (contraction < 1.0) & inside.all(-1)
    low = np.where(known[:, None], np.maximum(low, new_low), low)
    high = np.where(known[:, None], np.minimum(high, new_high), high)
    return low, high, proven


def _apply(matrix, vector):
    return (matrix @ vector[..., None])[..., 0]


def _halves(network, low, high, which):
    """Both halves of the boxes `which`, cut across the relatively widest side: in ratio if it spans decades."""
    network, low, high = network[which], low[which], high[which]
    rows = np.arange(network.size)
    side = ((high - low) / np.maximum(high, SILENT)).argmax(-1)
    # Roots are multiplied, since a product of two rates may be too small for a number.
    cut = np.sqrt(high[rows, side]) * np.sqrt(np.maximum(low[rows, side], 1e-4 * high[rows, side]))
    left_high, right_low = high.copy(), low.copy()
    left_high[rows, side] = right_low[rows, side] = cut
    return (network, low, left_high), (network, right_low, high)
