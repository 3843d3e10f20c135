#!/usr/bin/env python3
"""EASE and SLIST fitted by attune and by SciPy on the same BLAS, in one run, turn by turn: seconds of each, one JSON line a model.

  python3 solve_vs_scipy.py DATA [--turns 3] [--bench build/release/bench_next_item] [--lam 100]
DATA: a folder with sequential_data.txt.gz. SciPy must link the BLAS that attune links: on Debian the packages python3-scipy and
libopenblas (a wheel from PyPI brings its own). Both sides count from the loaded histories to the finished weights: Gram and solve;
attune's also holds what it keeps to place new items. The weights are held against each other on the way (EASE B, SLIST W).
"""
import argparse, gzip, json, pathlib, subprocess, tempfile, time
import numpy as np, scipy, scipy.linalg as sl, scipy.sparse as sp

ALPHA, DECAY, WINDOW = .1, .8, 50


def histories(folder):
    lines = gzip.open(next(pathlib.Path(folder).glob("sequential_data.txt.gz")), "rt")
    rows = [[int(x) - 1 for x in line.split()[1:]] for line in lines]
    return [row[:-2] for row in rows], 1 + max(map(max, rows))


def mirrored(c):
    """The lower triangle copied above the diagonal, in tiles."""
    for a in range(0, len(c), 1024):
        e = min(a + 1024, len(c))
        c[a:e, e:] = c[e:, a:e].T
        d = c[a:e, a:e]
        c[a:e, a:e] = np.tril(d) + np.tril(d, -1).T
    return c


def ease(rows, n, lam):
    x = sets(rows, n)
    a = np.asfortranarray((x.T @ x).toarray())
    a[np.diag_indices(n)] += np.float32(lam)
    c, info = sl.lapack.spotrf(a, lower=1, overwrite_a=1)
    assert info == 0
    c, info = sl.lapack.spotri(c, lower=1, overwrite_c=1)
    assert info == 0
    c = mirrored(c)
    c /= -np.diag(c).copy()[None, :]
    c[np.diag_indices(n)] = 0
    return c


def sets(rows, n):
    x = sp.csr_matrix((np.ones(sum(map(len, rows)), "f4"), (np.repeat(np.arange(len(rows)), [len(r) for r in rows]), np.concatenate(rows).astype(int))), shape=(len(rows), n))
    x.data[:] = 1
    return x


def slist(rows, n, lam):
    items = np.concatenate(rows).astype(np.int64)
    lengths = np.array([len(r) for r in rows])
    place = np.arange(items.size) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    targets = np.flatnonzero(place >= 1)
    r, c, v = [], [], []
    for age in range(WINDOW):
        ok = place[targets] - 1 - age >= 0
        r.append(np.flatnonzero(ok)); c.append(items[targets[ok] - 1 - age]); v.append(np.full(int(ok.sum()), DECAY ** age, "f4"))
    s = sp.csr_matrix((np.concatenate(v), (np.concatenate(r), np.concatenate(c))), shape=(targets.size, n))
    t = sp.csr_matrix((np.ones(targets.size, "f4"), (np.arange(targets.size), items[targets])), shape=(targets.size, n))
    x = sets(rows, n)
    g = np.float32(ALPHA) * (x.T @ x)
    a = np.asfortranarray((g + s.T @ s).toarray().astype("f4"))
    a[np.diag_indices(n)] += np.float32(lam)
    b = np.asfortranarray((g + s.T @ t).toarray().astype("f4"))
    return sl.cho_solve(sl.cho_factor(a, lower=True, overwrite_a=True, check_finite=False), b, overwrite_b=True, check_finite=False)


if __name__ == "__main__":
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("data")
    p.add_argument("--turns", type=int, default=3)
    p.add_argument("--lam", type=float, default=100)
    p.add_argument("--bench", default=str(pathlib.Path(__file__).resolve().parents[2] / "build/release/bench_next_item"))
    o = p.parse_args()
    rows, n = histories(o.data)
    for model, fit in (("ease", ease), ("slist", slist)):
        ours, theirs, line, gap = [], [], {}, {}
        for turn in range(o.turns):
            start = time.perf_counter()
            weights = fit(rows, n, o.lam)
            theirs.append(round(time.perf_counter() - start, 2))
            with tempfile.NamedTemporaryFile(suffix=".npy") as out:
                more = ["--w", out.name] if turn == 0 else []
                done = subprocess.run([o.bench, o.data, "--model", model, "--set", "priors=none", "--set", f"lambda={o.lam}", *more],
                                      check=True, stdout=subprocess.PIPE, text=True)
                line = json.loads(done.stdout)
                if turn == 0:
                    w = np.load(out.name, mmap_mode="r")
                    gap = {"largest_difference": float(max(np.abs(w[a:a + 512] - weights[a:a + 512]).max() for a in range(0, n, 512))),
                           "largest_entry": float(np.abs(weights).max())}
            del weights
            ours.append(line["fit_seconds"])
        best = {"attune_seconds": min(ours), "scipy_seconds": min(theirs)}
        print(json.dumps({"bench": "solve_vs_scipy", "set": pathlib.Path(o.data).name, "model": model, "items": n, **best,
                          "ratio": round(best["attune_seconds"] / best["scipy_seconds"], 3), "turns": {"attune": ours, "scipy": theirs}, **gap,
                          "hr@10": line["hr@10"], "ndcg@10": line["ndcg@10"], "numpy": np.__version__, "scipy": scipy.__version__,
                          "blas": line["blas"], "commit": line["commit"], "machine": line["machine"]}), flush=True)
