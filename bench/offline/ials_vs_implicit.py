#!/usr/bin/env python3
"""iALS of attune beside PyPI implicit, in one run: seconds an epoch with the accuracy next to it.

Leave-one-out: each user's last event is held out; full catalogue, seen items left out, ties at their mean place, all users
or a seeded sample (--eval-users). implicit: its defaults (conjugate gradient), --threads threads, alpha and regularization
as given; --grid tries 9 settings of each side on the last-but-one event first and uses the best of each.
implicit's users are judged twice: as fitted, and folded in again from the final items (which is what attune does).

Usage: OPENBLAS_NUM_THREADS=1 ials_vs_implicit.py DATA --bench build/release/bench_ials_bench --factors 64
       DATA: a file `user item item ...` a line (.gz too) or a TSV `user item time`. Needs numpy, scipy, pandas, implicit.
Prints one JSON line for each side and one with the ratios.
"""
import argparse, gzip, json, os, platform, resource, subprocess, sys, tempfile, time
import numpy as np
import scipy.sparse as sp


def load(path):
    """-> users, items: index arrays, user by user, oldest first."""
    opener = gzip.open if path.endswith(".gz") else open
    if path.endswith((".tsv", ".tsv.gz")):
        import pandas as pd
        d = pd.read_csv(path, sep="\t", header=None, names=["u", "i", "t"])
        o = np.lexsort((np.arange(len(d)), d.t.to_numpy(), d.u.to_numpy()))
        u, i = d.u.to_numpy()[o], d.i.to_numpy()[o]
    else:
        us, its = [], []
        with opener(path, "rt") as f:
            for n, line in enumerate(f):
                row = line.split()[1:]
                us += [n] * len(row)
                its += row
        u, i = np.array(us), np.array(its)
    return np.unique(u, return_inverse=True)[1].astype(np.int32), np.unique(i, return_inverse=True)[1].astype(np.int32)


def leave_out(u, i, back):
    """The back-th event from the end is the target, later ones are dropped."""
    n = np.bincount(u)
    from_end = np.cumsum(n)[u] - 1 - np.arange(u.size)
    train = (from_end >= back) | (n[u] <= back)
    test = (from_end == back - 1) & (n[u] > back)
    return u[train], i[train], u[test], i[test]


def figures(users, items, x, targets, block=500):
    ranks = []
    for b in range(0, len(targets), block):
        s = users[b:b + block] @ items.T
        t = targets[b:b + block]
        own = s[np.arange(len(t)), t].copy()
        seen = x[b:b + block]
        rows = np.repeat(np.arange(seen.shape[0]), np.diff(seen.indptr))
        keep = seen.indices != t[rows]
        s[rows[keep], seen.indices[keep]] = -np.inf
        ranks.append((s > own[:, None]).sum(1) + ((s == own[:, None]).sum(1) + 1) / 2)
    r = np.concatenate(ranks)
    hit = r <= 10
    return {"ndcg@10": round(float((hit / np.log2(r + 1)).mean()), 5), "hr@10": round(float(hit.mean()), 5)}


class Data:
    def __init__(self, u, i, back, shape, limit):
        tu, ti, self.cases, self.targets = leave_out(u, i, back)
        self.x = sp.csr_matrix((np.ones(tu.size, np.float32), (tu, ti)), shape=shape)
        self.x.sum_duplicates()
        self.x.data[:] = 1
        if limit and self.cases.size > limit:
            keep = np.sort(np.random.default_rng(7).choice(self.cases.size, limit, replace=False))
            self.cases, self.targets = self.cases[keep], self.targets[keep]
        self.seen = self.x[self.cases]


def fit_implicit(d, o, alpha, reg, epochs):
    from implicit.cpu.als import AlternatingLeastSquares
    m = AlternatingLeastSquares(factors=o.factors, regularization=reg, alpha=alpha, iterations=epochs, num_threads=o.threads, random_state=1)
    wall, last, cpu = [], [time.perf_counter()], time.process_time()

    def tick(*_):
        now = time.perf_counter()
        wall.append(now - last[0])
        last[0] = now
    m.fit(d.x, show_progress=False, callback=tick)
    line = {"epoch_wall_s": round(float(np.median(wall)), 4), "epoch_wall_min_s": round(min(wall), 4), "fit_wall_s": round(sum(wall), 3),
            "epoch_cpu_s": round((time.process_time() - cpu) / epochs, 4)}
    line |= figures(m.user_factors[d.cases], m.item_factors, d.seen, d.targets)
    if o.fold_in:
        m.cg_steps = 0
        again = np.vstack([m.recalculate_user(d.cases[b:b + 1000], d.seen[b:b + 1000]) for b in range(0, d.cases.size, 1000)])
        line["ndcg@10_folded_in"] = figures(again, m.item_factors, d.seen, d.targets)["ndcg@10"]
    return line | {"alpha": alpha, "reg": reg, "epochs": epochs, "peak_rss_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)}


def fit_attune(d, o, settings, folder):
    path = os.path.join(folder, "train.tsv")
    if not os.path.exists(path):
        c = d.x.tocoo()
        np.savetxt(path, np.stack([c.row, c.col], 1), fmt="%d", delimiter="\t")
    d.cases.astype(np.uint32).tofile(os.path.join(folder, "cases.u32"))
    env = {k: v for k, v in os.environ.items() if k != "OPENBLAS_NUM_THREADS"}
    out = subprocess.run([o.bench, path, folder, "threads=%d" % o.threads, "factors=%d" % o.factors] + ["%s=%s" % s for s in settings.items()],
                         check=True, stdout=subprocess.PIPE, env=env).stdout
    line = json.loads(out)
    line["epoch_cpu_s"] = round(line.pop("fit_cpu_s") / line["settings"]["epochs"], 4)
    line = {k: round(v, 4) if isinstance(v, float) else v for k, v in line.items()}
    users, items = (np.fromfile(os.path.join(folder, n), np.float32).reshape(-1, o.factors) for n in ("users.f32", "items.f32"))
    return line | figures(users, items, d.seen, d.targets)


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("data")
    p.add_argument("--bench", required=True)
    p.add_argument("--factors", type=int, default=64)
    p.add_argument("--threads", type=int, default=2)
    p.add_argument("--epochs", type=int, default=15)
    p.add_argument("--alpha", type=float, default=1)
    p.add_argument("--reg", type=float, default=.01)
    p.add_argument("--set", action="append", default=[], help="a setting of attune's ials, NAME=VALUE")
    p.add_argument("--grid", action="store_true")
    p.add_argument("--grid-epochs", type=int, default=0, help="0 = --epochs")
    p.add_argument("--eval-users", type=int, default=0)
    p.add_argument("--fold-in", action="store_true", help="judge implicit's users folded in again, too")
    p.add_argument("--only", choices=["attune", "implicit"])
    o = p.parse_args()
    u, i = load(o.data)
    shape = (int(u.max()) + 1, int(i.max()) + 1)
    alpha, reg, settings, tried = o.alpha, o.reg, dict(s.split("=", 1) for s in o.set), {}
    settings.setdefault("epochs", o.epochs)
    if o.grid:
        d = Data(u, i, 2, shape, o.eval_users)
        epochs = o.grid_epochs or o.epochs
        if o.only != "attune":
            tried["implicit"] = [(fit_implicit(d, o, a, r, epochs)["ndcg@10"], a, r) for a in (1., 4., 16.) for r in (.01, 1., 20.)]
            _, alpha, reg = max(tried["implicit"])
        if o.only != "implicit":
            with tempfile.TemporaryDirectory() as folder:
                tried["attune"] = [(fit_attune(d, o, settings | {"unobserved": a, "reg": r, "epochs": epochs}, folder)["ndcg@10"], a, r)
                                   for a in (.06, .3, 1.) for r in (.0003, .001, .003)]
            _, settings["unobserved"], settings["reg"] = max(tried["attune"])
    d = Data(u, i, 1, shape, o.eval_users)
    import implicit
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], stdout=subprocess.PIPE, text=True).stdout.strip()
    about = {"bench": "ials", "commit": commit, "machine": "%d cores" % os.cpu_count(), "data": os.path.basename(os.path.dirname(os.path.abspath(o.data))) if o.data.endswith(".gz") else os.path.basename(o.data),
             "users": shape[0], "items": shape[1], "pairs": int(d.x.nnz), "factors": o.factors, "threads": o.threads, "judged": int(d.cases.size)}
    lines = {}
    if o.only != "attune":
        lines["implicit"] = fit_implicit(d, o, alpha, reg, o.epochs)
        print(json.dumps(about | {"who": "implicit " + implicit.__version__} | lines["implicit"] | {"grid": tried.get("implicit", [])}), flush=True)
    if o.only != "implicit":
        with tempfile.TemporaryDirectory() as folder:
            lines["attune"] = fit_attune(d, o, settings, folder)
        print(json.dumps(about | {"who": "attune"} | lines["attune"] | {"grid": tried.get("attune", [])}), flush=True)
    if len(lines) == 2:
        a, b = lines["attune"], lines["implicit"]
        print(json.dumps(about | {"who": "attune over implicit", "epoch_wall": round(a["epoch_wall_s"] / b["epoch_wall_s"], 3),
                                  "epoch_wall_min": round(a["epoch_wall_min_s"] / b["epoch_wall_min_s"], 3), "epoch_cpu": round(a["epoch_cpu_s"] / b["epoch_cpu_s"], 3), "ndcg@10": round(a["ndcg@10"] / b["ndcg@10"], 3)}))


if __name__ == "__main__":
    main()
