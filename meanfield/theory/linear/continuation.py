"""Follows a curve F(z) = 0, n equations in n + 1 unknowns, by pseudo-arclength continuation."""

from __future__ import annotations

import numpy as np

STEP = 1e-6  # of the one-sided differences
CONVERGED = 1e-9
MOST_ITERATIONS = 8
LEAST_COSINE = 0.992  # between the directions at neighbouring points


class Curve:
    """A curve in unknowns that are scaled so that 1 is a large change of each.

    Parameters
    ----------
    equations : callable
        From points, shape (m, n + 1), to residuals, shape (m, n); not finite where it is not defined.
    box : array, shape (k, 2)
        Bounds of the last k unknowns. The curve ends where it leaves them, exactly on the bound.
    longest : float
        Longest step along the curve.
    """

    def __init__(self, equations, box, longest):
        self.equations, self.box, self.longest = equations, np.asarray(box, dtype=float), longest
        self.first_bounded = -len(self.box)

    def solve(self, z, row, value, reach=np.inf):
        """The point near `z` on the curve with row · z = value, and how many iterations it took.

        Instead of a point None, if there is none or an iterate strays farther than `reach` in a bounded unknown.
        """
        z = np.array(z, dtype=float)
        bounded = z[self.first_bounded :]
        guess = bounded.copy()
        for iteration in range(MOST_ITERATIONS):
            residual, jacobian = self._linearised(z)
            residual = np.append(residual, row @ z - value)
            if not (np.all(np.isfinite(residual)) and np.all(np.isfinite(jacobian))):
                return None, iteration
            try:
                step = np.linalg.solve(np.vstack([jacobian, row]), -residual)
            except np.linalg.LinAlgError:
                return None, iteration
            largest = np.abs(step).max()
            z += step * min(1.0, 0.3 / max(largest, 1e-300))
            np.clip(bounded, *self.box.T, out=bounded)
            if np.abs(bounded - guess).max() > reach:
                return None, iteration
            if largest < CONVERGED:
                return z, iteration
        return None, MOST_ITERATIONS

    def trace(self, z, most_points=2000):
        """Points of the curve through `z`, shape (p, n + 1), in order; the last is the first if it is closed."""
        z, tangent = np.array(z, dtype=float), self._tangent(z)
        there, closed = self._one_way(z, tangent, most_points)
        back = [] if closed else self._one_way(z, -tangent, most_points)[0]
        return np.array([*back[::-1], z, *there])

    def _one_way(self, z, tangent, most_points):
        start, points, length = z, [], 0.5 * self.longest
        while len(points) < most_points:
            predicted = z + length * tangent
            crossed = self._bound_crossed(predicted)
            if crossed is not None:
                unknown, bound = crossed
                row = np.eye(z.size)[unknown]
                end, _ = self.solve(z + tangent * (bound - z[unknown]) / tangent[unknown], row, bound)
                if end is not None and np.linalg.norm(end - z) < 3.0 * length:
                    if np.linalg.norm(end - z) > 1e-9:
                        points.append(end)
                    return points, False
            new, iterations = self.solve(predicted, tangent, tangent @ predicted)
            new_tangent = None if new is None else self._tangent(new, tangent)
            if new is None or new_tangent is None or new_tangent @ tangent < LEAST_COSINE or self._bound_crossed(new):
                length *= 0.5
                if length < 1e-5:
                    return points, False
                continue
            if len(points) > 3 and np.linalg.norm(new - start) < length and (start - z) @ tangent > 0.0:
                return [*points, start], True
            points.append(new)
            z, tangent = new, new_tangent
            length = min(self.longest, length * (1.5 if iterations <= 3 else 1.0))
        return points, False

    def _bound_crossed(self, z):
        """An unknown that is out of bounds, and the bound; None if all are within."""
        bounded = z[self.first_bounded :]
        outside = np.flatnonzero((bounded < self.box[:, 0]) | (bounded > self.box[:, 1]))
        if not outside.size:
            return None
        i = outside[0]
        return z.size + self.first_bounded + i, float(np.clip(bounded[i], *self.box[i]))

    def _linearised(self, z):
        # Differences are taken towards the middle of the box, beyond whose bounds nothing need be defined.
        steps = np.full(z.size, STEP)
        steps[self.first_bounded :] *= np.where(z[self.first_bounded :] > self.box.mean(axis=1), -1.0, 1.0)
        values = self.equations(np.vstack([z, z + np.diag(steps)]))
        return values[0], ((values[1:] - values[0]) / steps[:, None]).T

    def _tangent(self, z, like=None):
        jacobian = self._linearised(z)[1]
        if not np.all(np.isfinite(jacobian)):
            return None
        tangent = np.linalg.svd(jacobian)[2][-1]
        return -tangent if like is not None and tangent @ like < 0.0 else tangent
