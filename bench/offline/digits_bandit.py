#!/usr/bin/env python3
"""Digits as a bandit: the relative error of every off-policy estimator where the truth is known, mean over drawn logs.

    python bench/offline/digits_bandit.py BENCH_OFF_POLICY [--runs 30] [--work FOLDER]      needs numpy, scikit-learn

The case of zr-obp's multi-class example: 1,797 digits, 70 % of them logged; choices are the ten digits, the reward is 1 for the right
one. Log: .4 x a logistic regression's choice + .6 x chance; policy: .9 x + .1 x. Reward model: logistic regression on pixels and
choice, three folds. Each estimate is also computed here in numpy; `largest_gap` says how far the two are apart.
"""
import argparse, csv, json, pathlib, subprocess, tempfile
import numpy as np
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import KFold, train_test_split

CLIP, SWITCH, SHRINK = 10.0, 10.0, 100.0


def chances(model, x, alpha):
    p = np.full((len(x), 10), (1 - alpha) / 10)
    p[np.arange(len(x)), model.predict(x)] += alpha
    return p


def expected(x, a, r, seed):
    """q of every choice [n, 10], each row from a model that did not see it."""
    q = np.zeros((len(x), 10))
    with_choice = lambda rows, choice: np.hstack([rows, np.eye(10)[choice]])
    for learn, ask in KFold(3, shuffle=True, random_state=seed).split(x):
        model = LogisticRegression(max_iter=10000, random_state=12345).fit(with_choice(x[learn], a[learn]), r[learn])
        for k in range(10):
            q[ask, k] = model.predict_proba(with_choice(x[ask], np.full(len(ask), k)))[:, 1]
    return q


def in_numpy(r, b, e, q, v):
    w = e / b
    os = SHRINK * w / (w * w + SHRINK)
    return {"ips": (w * r).mean(), "clipped": (np.minimum(w, CLIP) * r).mean(), "snips": (w * r).mean() / w.mean(), "dm": v.mean(),
            "dr": (v + w * (r - q)).mean(), "sndr": v.mean() + (w * (r - q)).mean() / w.mean(),
            "switch_dr": (v + w * (w <= SWITCH) * (r - q)).mean(), "dr_os": (v + os * (r - q)).mean()}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("bench")
    parser.add_argument("--runs", type=int, default=30)
    parser.add_argument("--work", default=tempfile.gettempdir())
    asked = parser.parse_args()
    x, y = load_digits(return_X_y=True)
    x_learn, x_log, y_learn, y_log = train_test_split(x, y, test_size=0.7, random_state=12345)
    log_model = LogisticRegression(max_iter=10000, random_state=12345).fit(x_learn, y_learn)
    b, e = chances(log_model, x_log, 0.4), chances(log_model, x_log, 0.9)
    truth = e[np.arange(len(y_log)), y_log].mean()
    errors, gap, ends = {}, 0.0, 0
    path = pathlib.Path(asked.work) / "digits.csv"
    for seed in range(asked.runs):
        draw = np.random.RandomState(seed)
        a = np.array([draw.choice(10, p=row) for row in b])
        r = (a == y_log).astype(float)
        q = expected(x_log, a, r, seed)
        at = np.arange(len(a))
        v = (e * q).sum(1)
        with open(path, "w", newline="") as out:
            rows = csv.writer(out)
            rows.writerow(["reward", "logged", "target", "expected", "value"])
            rows.writerows([[repr(float(n)) for n in row] for row in zip(r, b[at, a], e[at, a], q[at, a], v)])
        line = json.loads(subprocess.run([asked.bench, "rounds", str(path), "--truth", repr(float(truth)), "--clip", str(CLIP), "--switch-at", str(SWITCH),
                                          "--shrinkage", str(SHRINK)], capture_output=True, text=True, check=True).stdout)
        for name, value in in_numpy(r, b[at, a], e[at, a], q[at, a], v).items():
            ours = line["estimates"][name]
            gap = max(gap, abs(ours["value"] - value))
            errors.setdefault(name, []).append(abs(ours["value"] - truth) / truth)
            ends += name == "snips" and ours["low"] <= truth <= ours["high"]
        errors.setdefault("the log's own mean", []).append(abs(r.mean() - truth) / truth)
    path.unlink()
    result = {"bench": "digits_bandit", "rounds": len(y_log), "runs": asked.runs, "truth": round(float(truth), 5),
              "relative_error": {name: round(float(np.mean(list_)), 4) for name, list_ in errors.items()},
              "snips interval holds the truth": round(ends / asked.runs, 3), "largest_gap": float(gap)}
    for key in ("commit", "machine", "blas", "kernels"):
        result[key] = line[key]
    print(json.dumps(result))


if __name__ == "__main__":
    main()
