r"""Sequences ``[n, time, channels]`` whose places follow one law on both sides, and whose order does not.

For Gaussian ones L = log p/q is a constant and a weighted sum of chi squares: with mu_j the eigenvalues of Q^-1 P it is
c + sum_j (mu_j - 1)/2 z_j^2 under P, and likewise under Q. The density of L comes from its characteristic function by a
Fourier sum, and JS is an integral over it. For the others JS is the mean over 2^16 draws of the exact log ratio.
"""

from __future__ import annotations

import math

import numpy as np
from scipy import linalg, special, stats

from ganprobe.known.truths.law import Map, Sampler, Truth
from ganprobe.objective import LOG2, js, shift_js, softplus
from ganprobe.samples.sides import Floats


def _gaussian(name: str, real: Floats, fake: Floats, shape: tuple[int, ...], copies: int = 1) -> Truth:
    """Centred Gaussians of two covariances over ``shape`` (without channels), in ``copies`` independent channels."""
    factors: list[Floats] = [np.asarray(np.linalg.cholesky(cov), np.float64) for cov in (real, fake)]
    inverses = [np.linalg.inv(cov) for cov in (real, fake)]
    constant = copies * float(np.log(np.diag(factors[1])).sum() - np.log(np.diag(factors[0])).sum())

    def sampler(factor: Floats) -> Sampler:
        def rows(rng: np.random.Generator, n: int) -> Floats:
            x = rng.standard_normal((copies, n, len(factor))) @ factor.T
            return np.moveaxis(x, 0, -1).reshape(n, *shape, copies) if copies > 1 else x[0].reshape(n, *shape)

        return rows

    def logit(x: Floats) -> Floats:
        x = x.reshape(len(x), len(real), copies)
        square = np.einsum("nic,ij,njc->n", x, inverses[1] - inverses[0], x, optimize=True)
        return np.asarray(constant + square / 2)

    return Truth(name, js_of_gaussians(real, fake, copies), sampler(factors[0]), sampler(factors[1]), logit)


def js_of_gaussians(real: Floats, fake: Floats, copies: int = 1) -> float:
    """JS of centred Gaussians of two covariances, each with ``copies`` independent copies; in eight dimensions or more.

    In fewer the characteristic function falls too slowly.
    """
    ratio = np.repeat(linalg.eigh(real, fake, eigvals_only=True), copies)
    constant = -np.log(ratio).sum() / 2
    of_real = _expected(constant, (ratio - 1) / 2, -1)
    of_fake = _expected(constant, (1 - 1 / ratio) / 2, 1)
    return LOG2 - (of_real + of_fake) / 2


def _expected(constant: float, weights: Floats, sign: int, n: int = 2**15) -> float:
    """E softplus(``sign`` L) for L = ``constant`` + sum of ``weights`` times chi squares of one degree."""
    mean, spread = constant + weights.sum(), math.sqrt(2 * (weights**2).sum())
    reach = 40 * spread
    step = 2 * reach / n
    at = (np.arange(n) - n // 2) * step
    t = np.fft.fftfreq(n, step) * 2 * math.pi
    logs = -0.5 * np.log1p(-2j * t[:, None] * weights).sum(1) + 1j * t * (constant - mean)
    density = np.fft.fftshift(np.fft.fft(np.exp(logs)).real) / (n * step)
    return float((softplus(sign * (at + mean)) * density).sum() * step)


def _lags(rho: Floats) -> Floats:
    return np.asarray(linalg.toeplitz(rho))


def autoregression(time: int = 24, channels: int = 2, real: float = 0.8, fake: float = 0.6) -> Truth:
    """AR(1) of unit variance with two memories."""
    lags = np.arange(time, dtype=np.float64)
    return _gaussian("autoregression", _lags(np.power(real, lags)), _lags(np.power(fake, lags)), (time,), channels)


def seasonal(time: int = 36, channels: int = 1, period: int = 12) -> Truth:
    """Steps of one ``period`` ago resemble each other, against steps of a period one longer."""

    def lags(period: int) -> Floats:
        return np.where(np.arange(time) % period == 0, 0.5 ** (np.arange(time) // period), 0.0)

    return _gaussian("seasonal", _lags(lags(period)), _lags(lags(period + 1)), (time,), channels)


def smooth_or_rough(time: int = 32, channels: int = 1, length: float = 4.0) -> Truth:
    """A Gaussian process with a squared exponential kernel against an exponential one of equal reach, both in noise."""
    lag = np.arange(time) / length
    nugget = 0.3 * np.eye(time)
    return _gaussian(
        "smooth_or_rough", _lags(np.exp(-(lag**2) / 2)) + nugget, _lags(np.exp(-lag)) + nugget, (time,), channels
    )


def delayed(time: int = 16, lag: int = 2, rho: float = 0.6) -> Truth:
    """Two channels of noise, the second a copy of the first ``lag`` steps ago, against ``lag`` + 2."""

    def covariance(lag: int) -> Floats:
        cross = rho * np.eye(time, k=-lag)
        return np.block([[np.eye(time), cross.T], [cross, np.eye(time)]])

    return _gaussian("delayed", covariance(lag), covariance(lag + 2), (2, time))


def turned(time: int = 8, rho: float = 0.4) -> Truth:
    """Sudden rises that decay, against the same sequences backwards: one spectrum, one law at each place."""

    def forward(rng: np.random.Generator, n: int) -> Floats:
        x = rng.standard_exponential((n, time))
        for t in range(1, time):
            x[:, t] += rho * x[:, t - 1]
        return x

    def log_density(x: Floats) -> Floats:
        steps = np.concatenate((x[:, :1], x[:, 1:] - rho * x[:, :-1]), 1)
        return np.where((steps >= -1e-5).all(1), -steps.sum(1), -np.inf)

    return _drawn(
        "turned",
        forward,
        lambda rng, n: forward(rng, n)[:, ::-1],
        _difference(log_density, lambda x: log_density(x[:, ::-1])),
    )


def _difference(log_p: Map, log_q: Map) -> Map:
    def logit(x: Floats) -> Floats:
        p, q = log_p(x), log_q(x)
        both = np.isfinite(p) & np.isfinite(q)
        return np.where(both, np.where(both, p, 0) - np.where(both, q, 0), np.where(np.isfinite(p), np.inf, -np.inf))

    return logit


def _drawn(name: str, real: Sampler, fake: Sampler, logit: Map) -> Truth:
    """A truth whose JS is read off 2^16 draws of either side."""

    streams = np.random.default_rng(0).spawn(2)
    return Truth(name, js(logit(real(streams[0], 2**16)), logit(fake(streams[1], 2**16))), real, fake, logit)


def volatile(time: int = 30, alpha: float = 0.6) -> Truth:
    """Returns whose spread follows the last one's size (ARCH), against independent ones of equal variance."""

    def real(rng: np.random.Generator, n: int) -> Floats:
        x = rng.standard_normal((n, time))
        for t in range(1, time):
            x[:, t] *= np.sqrt(1 - alpha + alpha * x[:, t - 1] ** 2)
        return x

    def logit(x: Floats) -> Floats:
        spread = np.sqrt(1 - alpha + alpha * x[:, :-1] ** 2)
        now = x[:, 1:]
        return np.asarray((stats.norm.logpdf(now, 0, spread) - stats.norm.logpdf(now)).sum(1))

    return _drawn("volatile", real, lambda rng, n: rng.standard_normal((n, time)), logit)


def tones(time: int = 32, real: float = 0.10, fake: float = 0.13, noise: float = 1.6) -> Truth:
    """A tone of unknown phase in noise, at two frequencies."""
    t = np.arange(time)
    phases = 2 * math.pi * np.arange(48) / 48

    def sampler(frequency: float) -> Sampler:
        def rows(rng: np.random.Generator, n: int) -> Floats:
            phase = rng.uniform(0, 2 * math.pi, (n, 1))
            return np.cos(2 * math.pi * frequency * t + phase) + noise * rng.standard_normal((n, time))

        return rows

    def log_density(x: Floats, frequency: float) -> Floats:
        tone = np.cos(2 * math.pi * frequency * t + phases[:, None])
        return np.asarray(special.logsumexp((x @ tone.T - (tone**2).sum(1) / 2) / noise**2, axis=1))

    return _drawn("tones", sampler(real), sampler(fake), lambda x: log_density(x, real) - log_density(x, fake))


def drift(time: int = 20, up: float = 0.4) -> Truth:
    """Random walks, against walks that go ``up`` with each step. JS = J(up sqrt(time))."""

    def sampler(up: float) -> Sampler:
        return lambda rng, n: np.cumsum(rng.standard_normal((n, time)) + up, 1)

    def logit(x: Floats) -> Floats:
        return np.asarray(time * up**2 / 2 - up * x[:, -1])

    return Truth("drift", shift_js(up * math.sqrt(time)), sampler(0.0), sampler(up), logit)
