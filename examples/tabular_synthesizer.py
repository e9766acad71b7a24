"""A synthesizer of tables, and in which columns its rows give themselves away.

    python examples/tabular_synthesizer.py [--rows 3000]

A Gaussian copula is fitted to a table of numbers and categories: it keeps every column as it is, and of what ties them
together a correlation. Here that is not all: who is paid by the hour works very little or very much. The audit finds
the two columns, and `tell` says it in words.
"""

from __future__ import annotations

import argparse

import numpy as np
import pandas as pd
from sklearn.preprocessing import QuantileTransformer

import ganprobe


def staff(n: int, rng: np.random.Generator) -> pd.DataFrame:
    """Invented employees: two categories, three numbers."""
    age = rng.integers(18, 66, n)
    contract = rng.choice(["fixed", "open", "hourly"], n, p=[0.3, 0.5, 0.2])
    # Who is paid by the hour works very little or very much.
    extreme = np.where(rng.random(n) < 0.5, 8, 55)
    hours = np.where(contract == "hourly", extreme, 38) + rng.integers(-3, 4, n)
    salary = np.exp(rng.normal(7.5 + age / 90, 0.25)).round()
    site = rng.choice(["north", "south", "west"], n, p=[0.6, 0.3, 0.1])
    return pd.DataFrame({"age": age, "contract": contract, "hours": hours, "salary": salary, "site": site})


def copula(table: pd.DataFrame, n: int, rng: np.random.Generator) -> pd.DataFrame:
    """``n`` rows of the Gaussian copula of ``table``: normal scores of each column, correlated, taken back."""
    codes = {name: pd.Categorical(table[name]) for name in table.select_dtypes(exclude="number")}
    numbers = table.assign(**{name: column.codes for name, column in codes.items()}).to_numpy(float)
    # Ties are spread over their step, so that a category has an interval of scores, not a point.
    spread = numbers + rng.uniform(-0.5, 0.5, numbers.shape)
    scores = QuantileTransformer(n_quantiles=len(table), output_distribution="normal").fit(spread)
    correlation = np.corrcoef(scores.transform(spread), rowvar=False)
    drawn = scores.inverse_transform(rng.multivariate_normal(np.zeros(len(correlation)), correlation, n))
    fake = pd.DataFrame(np.clip(drawn.round(), numbers.min(0), numbers.max(0)), columns=table.columns)
    for name, column in codes.items():
        fake[name] = np.asarray(column.categories)[fake[name].astype(int)]
    return fake.astype(table.dtypes)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=3_000)
    n = parser.parse_args().rows
    rng = np.random.default_rng(0)
    known, held_out = staff(n, rng), staff(n, rng)
    # One probe is enough for an example; without `probes` and `parts` all there is would be measured.
    audit = ganprobe.between(copula(known, n, rng), held_out, budget="fast", probes=("boosting",), parts=("views",))
    m = audit.measurements
    print(f"JS >= {m.js.floor:.3f} nats, estimate {m.js.nats:.3f}")
    print(m.tell or f"no tell: {m.unmeasured['tell']}")
    views = ganprobe.frame(audit, "views").sort_values("js", ascending=False)
    print(views[["label", "js", "floor"]].head(8).to_string(index=False))


if __name__ == "__main__":
    main()
