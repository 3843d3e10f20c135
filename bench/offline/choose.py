#!/usr/bin/env python3
"""Chooses the weights of SLIST's text priors on the validation part, freezes them, and judges the frozen ones on the test part.

  choose.py choose SET...   sweeps on validation only; writes bench/offline/settings.json and bench/results/choose.jsonl
  choose.py test SET...     runs the frozen settings once on test; appends to bench/results/next_item.jsonl
SET is a folder of --data (amazon-beauty, ...). Vectors are --vectors/NAME.ENCODER.npy, one row an item in the order of the item file.
Nothing of the test part is read while choosing: the bench makes the validation split, in which the last event of every user is
dropped. Choice: highest NDCG@10, by family of priors.
"""
import argparse, json, pathlib, subprocess, sys

HERE = pathlib.Path(__file__).resolve().parent
RESULTS = HERE.parent / "results"
FROZEN = HERE / "settings.json"
COMMON = {"lambda": "100", "alpha": "0.1", "decay": "0.8", "window": "50"}
PAIRS = [(w, v) for w in (8, 16) for v in (20, 41, 60, 80)]
FAMILIES = {
    "ids": [""],
    "tfidf": [f"tfidf={w}" for w in (8, 16, 24)],
    "e5": [f"e5={v}" for v in (41, 80, 120)],
    "minilm": [f"minilm={v}" for v in (41, 80)],
    "tfidf+e5": [f"tfidf={w},e5={v}" for w, v in PAIRS],
    "tfidf+minilm": [f"tfidf={w},minilm={v}" for w, v in PAIRS],
    "tfidf+e5+minilm": [f"tfidf=8,e5={v},minilm={m}" for v, m in ((20, 20), (30, 30), (41, 20), (20, 41))],
}


def bench(o, name, *more):
    short = name.split("-")[-1]
    command = [o.bench, f"{o.data}/{name}"]
    for encoder in ("e5", "minilm"):
        if (pathlib.Path(o.vectors) / f"{short}.{encoder}.npy").exists():
            command += ["--vectors", f"{encoder}={o.vectors}/{short}.{encoder}.npy"]
    for key, value in COMMON.items():
        command += ["--set", f"{key}={value}"]
    done = subprocess.run(command + list(more), check=True, stdout=subprocess.PIPE, text=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def choose(o, name):
    short = name.split("-")[-1]
    there = {"tfidf"} | {e for e in ("e5", "minilm") if (pathlib.Path(o.vectors) / f"{short}.{e}.npy").exists()}
    tried = [p for family, ps in FAMILIES.items() if family == "ids" or set(family.split("+")) <= there for p in ps]
    lines = bench(o, name, "--part", "validation", "--weightings", ";".join(tried))
    with open(RESULTS / "choose.jsonl", "a") as log:
        for line in lines:
            log.write(json.dumps(line) + "\n")
    by_priors = {line["settings"]["priors"]: line for line in lines}
    frozen = json.loads(FROZEN.read_text()) if FROZEN.exists() else {}
    frozen[name] = {}
    for family, priors in FAMILIES.items():
        known = [by_priors[p] for p in priors if p in by_priors]
        if known:
            best = max(known, key=lambda line: line["ndcg@10"])
            frozen[name][family] = {"settings": {**COMMON, "priors": best["settings"]["priors"]},
                                    "validation": {"hr@10": best["hr@10"], "ndcg@10": best["ndcg@10"]}}
    FROZEN.write_text(json.dumps(frozen, indent=1, sort_keys=True) + "\n")


def test(o, name):
    frozen = json.loads(FROZEN.read_text())[name]
    families = {family: one["settings"]["priors"] for family, one in frozen.items()}
    lines = bench(o, name, "--part", "test", "--weightings", ";".join(families.values()))
    with open(RESULTS / "next_item.jsonl", "a") as log:
        for family, line in zip(families, lines):
            log.write(json.dumps({"family": family, **line}) + "\n")
            print(name, family, line["settings"]["priors"], line["hr@10"], line["ndcg@10"], flush=True)


if __name__ == "__main__":
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument("what", choices=["choose", "test"])
    a.add_argument("sets", nargs="+")
    a.add_argument("--data", required=True)
    a.add_argument("--vectors", required=True)
    a.add_argument("--bench", default=str(HERE.parent.parent / "build/release/bench_next_item"))
    o = a.parse_args()
    RESULTS.mkdir(exist_ok=True)
    for name in o.sets:
        (choose if o.what == "choose" else test)(o, name)
