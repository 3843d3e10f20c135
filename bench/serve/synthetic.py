#!/usr/bin/env python3
"""A large shop's log that is nobody's: heavy-tailed users and items, tastes that can be learned. Needs numpy.

Users draw from one to three of the clusters (weights falling), within a cluster by Zipf; activity is lognormal; a tenth of the events is
noise from the whole catalogue. Texts of items are words of their cluster. Writes items.csv and events.csv; the same seed gives the same files.
Run: synthetic.py --out FOLDER [--users 1500000 --items 150000 --events 10000000 --clusters 300 --seed 1]
"""
import argparse, json, pathlib
import numpy as np


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--out", required=True, type=pathlib.Path)
    for name, standard in (("users", 1500000), ("items", 150000), ("events", 10000000), ("clusters", 300), ("seed", 1)):
        options.add_argument("--" + name, type=int, default=standard)
    asked = options.parse_args()
    dice = np.random.default_rng(asked.seed)
    asked.out.mkdir(parents=True, exist_ok=True)
    cluster_of = dice.integers(0, asked.clusters, asked.items)
    order = np.argsort(cluster_of, kind="stable")
    starts = np.searchsorted(cluster_of[order], np.arange(asked.clusters + 1))
    words = [["w%d" % w for w in dice.integers(0, 5000, 6)] for _ in range(asked.clusters)]
    with open(asked.out / "items.csv", "w") as out:
        out.write("item,text,price\n")
        prices = np.round(np.exp(dice.normal(2.5, 0.8, asked.items)), 2)
        for item in range(asked.items):
            some = words[cluster_of[item]]
            out.write("i%d,%s %s %s model %d,%.2f\n" % (item, some[item % 6], some[(item * 7 + 1) % 6], some[(item * 3 + 2) % 6], item % 997, prices[item]))
    activity = np.exp(dice.normal(0, 1.1, asked.users))
    counts = np.maximum(1, np.round(activity * asked.events / activity.sum()).astype(np.int64))
    user = np.repeat(np.arange(asked.users), counts)
    n = len(user)
    favourites = dice.integers(0, asked.clusters, (asked.users, 3))
    which = np.minimum(dice.geometric(0.6, n) - 1, 2)
    cluster = favourites[user, which]
    sizes = (starts[cluster + 1] - starts[cluster]).astype(np.float64)
    place = np.floor(np.power(sizes, dice.random(n))).astype(np.int64) - 1          # log-uniform: Zipf of exponent 1 within a cluster
    item = order[np.minimum(starts[cluster] + place, starts[cluster + 1] - 1)]
    noise = dice.random(n) < 0.1
    item[noise] = dice.integers(0, asked.items, int(noise.sum()))
    time = 1700000000 + (dice.random(n) * 86400 * 365).astype(np.int64)
    with open(asked.out / "events.csv", "w") as out:
        out.write("user,item,time,type\n")
        for begin in range(0, n, 500000):
            part = slice(begin, begin + 500000)
            out.write("\n".join("u%d,i%d,%d,purchase" % row for row in zip(user[part].tolist(), item[part].tolist(), time[part].tolist())) + "\n")
    taken = np.sort(np.bincount(item, minlength=asked.items))[::-1]
    print(json.dumps({"users": asked.users, "items": asked.items, "events": n, "head_1_percent_share": round(float(taken[: asked.items // 100].sum() / n), 3), "seed": asked.seed}))


if __name__ == "__main__":
    main()
