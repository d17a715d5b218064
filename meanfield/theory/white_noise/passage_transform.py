"""Laplace transforms of the first passage from reset to threshold, for complex rates of change, by two methods in turn.

u(y) is that solution of u'' = 2 y u' + 2 s u which does not grow like exp(y²) for y → −∞,
u ∝ exp(y²/2) D_{−s}(−√2 y) with the parabolic cylinder function D. It is carried along as u and v = u'/s, which obey

    u' = s v,    v' = 2 y v + 2 u

and stay regular down to s = 0, where u = 1 and v = √π erfcx(−y). For y → −∞ and for large s an asymptotic expansion
(`slow_expansion`) gives both. From where it ends, Taylor series step to the right: in that direction
every other solution dies out relative to u. Only ratios of u and differences of v and of w = y v + u between the two
ends of the interval are returned, and these are summed from increments, so that nothing cancels.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from meanfield.theory.white_noise.slow_expansion import SMALLEST_SQUARE, expansion, holds

TAYLOR_TERMS = 24
# A step is REACH over the fastest local rate of growth, |y| + |q|, and short beside the curvature of exp(y²).
REACH = 2.0
CURVATURE = 4.0
SMALLEST_END = 1e-200  # stands for u(b) = 0, by which nothing can be divided


class Passage(NamedTuple):
    """Transforms of the passage from a to b, u(b) being 1; arrays of complex numbers.

    Parameters
    ----------
    transform : array
        u(a), the Laplace transform of the passage time's density.
    integral : array
        ∫_a^b v = (u(b) − u(a))/s.
    delta_v, delta_w : array
        v(b) − v(a) and w(b) − w(a), with w = y v + u = v'/2.
    end, size : array
        What u(b) is if u = exp(y²/2) D_{−s}(−√2 y), which has no poles in s: `end` exp(`size`), `size` being real and
        |`end`| at most 1. All of the above are multiples of 1/u(b): times `end` they have no poles either.
    """

    transform: np.ndarray
    integral: np.ndarray
    delta_v: np.ndarray
    delta_w: np.ndarray
    end: np.ndarray
    size: np.ndarray


def passage(s, a, b) -> Passage:
    """The passage from `a` to `b` at rate of change `s`.

    Parameters
    ----------
    s : array of complex, shape (n,), not 0
        Per membrane time constant; as small as one likes.
    a, b : array of float, shape (n,)
        Reset and threshold, a < b, in units of the noise and relative to the mean input.
    """
    start = _last_point_of_expansion(s, a, b)
    far = np.flatnonzero(a < start)
    state = _Sums.at(s, start)
    if far.size:
        state.put_before(far, s[far], a[far], start[far])
    near = np.flatnonzero(start < b)
    if near.size:
        steps = state.take(near)
        steps.move(s[near], start[near], np.maximum(a[near], start[near]), counting=False)
        steps.move(s[near], np.maximum(a[near], start[near]), b[near], counting=True)
        state.put(near, steps)
    u = np.where(state.u == 0.0, SMALLEST_END, state.u)
    largest = np.abs(u) + np.abs(state.v)
    end = u / largest * np.exp(1j * state.logarithm.imag)
    size = state.logarithm.real + np.log(largest)
    return Passage(state.u_a / u, state.integral / u, state.delta_v / u, state.delta_w / u, end, size)


def _last_point_of_expansion(s, a, b):
    """From where to step: as far right as the expansion reaches, and b if it holds everywhere."""
    safe = -np.sqrt(SMALLEST_SQUARE + np.abs(s.real) - 2.0 * np.minimum(s.real, 0.0))
    start = np.where(holds(s, a) & holds(s, b), b, np.minimum(safe, b))
    # A narrow interval is one short step, in which differences do not cancel.
    narrow = (b - a) * (np.abs(a) + np.sqrt(np.abs(a * a + 2.0 * s))) < 1.0
    return np.where(narrow & (a < start), a, start)


class _Sums:
    """u and v at one point, u at the reset, and what has been summed between; all up to a factor, whose logarithm is
    `logarithm`.
    """

    names = ("u", "v", "u_a", "integral", "delta_v", "delta_w", "logarithm")

    def __init__(self, *values):
        self.u, self.v, self.u_a, self.integral, self.delta_v, self.delta_w, self.logarithm = values

    @classmethod
    def at(cls, s, y):
        """At `y`, where the expansion holds."""
        zero, one, here = np.zeros_like(s), np.ones_like(s), expansion(s, y)
        logarithm = here.logarithm + 0.5 * s * (1.0 - np.log(s))  # u → (−√2 y)^{−s} for y → −∞
        return cls(one, here.v, one.copy(), zero, zero.copy(), zero.copy(), logarithm)

    def take(self, which):
        return _Sums(*(getattr(self, name)[which] for name in self.names))

    def put(self, which, other):
        for name in self.names:
            getattr(self, name)[which] = getattr(other, name)

    def put_before(self, which, s, a, y):
        """Begin the elements `which` at `a` instead: the sums from there to `y` by the expansion at both."""
        from_, to = expansion(s, a), expansion(s, y)
        growth = from_.logarithm - to.logarithm
        ratio = np.exp(growth)
        self.u_a[which] = ratio
        self.integral[which] = -np.expm1(growth) / s
        self.delta_v[which] = to.v - ratio * from_.v
        self.delta_w[which] = to.w - ratio * from_.w

    def move(self, s, y, end, *, counting):
        """Step from `y` to `end`; sums start at `y` for elements that begin there, and go on if `counting`."""
        y = y.copy()
        while True:
            reach = REACH / np.hypot(np.abs(y) + np.sqrt(np.abs(y * y + 2.0 * s)), CURVATURE)
            h = np.minimum(reach, end - y)
            on = np.flatnonzero(h > 0.0)
            if 2 * on.size <= h.size:
                if on.size:
                    rest = self.take(on)
                    rest.move(s[on], y[on], end[on], counting=counting)
                    self.put(on, rest)
                return
            last = h == end - y
            self._step(s, y, h, counting)
            y = np.where(last, end, y + h)

    def _step(self, s, y, h, counting):
        """One Taylor series for all elements: coefficients c of u, d of v and e of w, times powers of h."""
        c, d, d_before = self.u, self.v, np.zeros_like(s)
        sh, hh = s * h, 2.0 * h
        sum_v, delta_v, delta_w = d.copy(), np.zeros_like(s), np.zeros_like(s)
        for n in range(TAYLOR_TERMS):
            e = y * d
            e += h * d_before
            e += c
            if n > 0:
                delta_w += e
            c = sh * d
            c /= n + 1.0
            d_before = d
            d = hh * e
            d /= n + 1.0
            delta_v += d
            sum_v += d / (n + 2.0)
        integral = h * sum_v
        u, v = self.u + s * integral, self.v + delta_v
        scale = 1.0 / (np.abs(u) + np.abs(v))
        self.logarithm = self.logarithm - np.log(scale)
        if counting:
            self.integral = (self.integral + integral) * scale
            self.delta_v = (self.delta_v + delta_v) * scale
            self.delta_w = (self.delta_w + delta_w) * scale
            self.u_a = self.u_a * scale
        else:
            self.u_a = np.where(h > 0.0, u * scale, self.u_a * scale)
            for name in ("integral", "delta_v", "delta_w"):
                setattr(self, name, getattr(self, name) * scale)
        self.u, self.v = u * scale, v * scale
