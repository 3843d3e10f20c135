#!/usr/bin/env python3
"""Our metrics against independent evaluators, on the lists of a real model.

bench_eval_export (built from bench/micro/eval_export.cpp) fits a model, writes its lists as a TREC run with judgements and
says what we measured on them. Here PyPI pytrec_eval-terrier (trec_eval's own C code), PyPI ranx and plain numpy written from
the definitions measure the same files. Prints one JSON line with the largest difference of every figure; exit status 1 when
one is 5e-7 or more (equal to 6 digits).

Run:     python eval_vs_peers.py --export build/dev/bench_eval_export --data FOLDER [--model NAME] [--settings JSON]
                                 [--split NAME] [--split-settings JSON] [--depth 100] [--users 0] [--no-ranx]
Install: scripts/setup --oracles (numpy, ranx, pytrec_eval-terrier)
"""
import argparse, json, os, subprocess, sys, tempfile
import numpy as np

KS = (5, 10, 20)


def read(path, is_run):
    """-> {user: {item: score or relevance}}, in file order"""
    found = {}
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            f = line.split(" ")
            found.setdefault(f[0], {})[f[2]] = float(f[4]) if is_run else int(f[3])
    return found


def by_pytrec(qrels, run):
    import pytrec_eval
    cuts = ",".join(map(str, KS))
    names = {"ndcg": "ndcg_cut", "recall": "recall", "hr": "success", "precision": "P", "map_r": "map_cut"}
    judge = pytrec_eval.RelevanceEvaluator(qrels, {m + "." + cuts for m in names.values()} | {"recip_rank", "map"})
    users = judge.evaluate(run)
    mean = lambda key: sum(users[u][key] for u in users) / len(qrels)
    out = {"%s@%d" % (ours, k): mean("%s_%d" % (theirs, k)) for ours, theirs in names.items() for k in KS}
    return {**out, "mrr_full": mean("recip_rank"), "map_full": mean("map")}


def by_ranx(qrels, run):
    import ranx
    names = {"ndcg": "ndcg", "recall": "recall", "hr": "hit_rate", "precision": "precision", "f1": "f1", "mrr": "mrr", "map_r": "map"}
    asked = {"%s@%d" % (ours, k): "%s@%d" % (theirs, k) for ours, theirs in names.items() for k in KS}
    asked.update(mrr_full="mrr", map_full="map")
    got = ranx.evaluate(ranx.Qrels(qrels), ranx.Run(run), list(asked.values()))
    return {ours: float(got[theirs]) for ours, theirs in asked.items()}


def by_numpy(qrels, run, items, is_whole):
    """Everything that can be seen in the files, from the definitions."""
    sums, shown = {}, {k: {} for k in KS}
    add = lambda name, v: sums.__setitem__(name, sums.get(name, 0.0) + v)
    for user, relevant in qrels.items():
        order = [i for i, _ in sorted(run.get(user, {}).items(), key=lambda p: -np.float32(p[1]))]
        hits = np.array([i in relevant for i in order], bool)
        places, total = np.flatnonzero(hits) + 1, len(relevant)
        precision_at = np.arange(1, places.size + 1) / places
        add("mrr_full", 1 / places[0] if places.size else 0)
        add("map_full", precision_at.sum() / total)
        if is_whole:                                             # else what stands below a target is not known
            add("auc", 1 - (places - np.arange(1, total + 1)).sum() / (total * (len(order) - total)))
        for k in KS:
            h = int(hits[:k].sum())
            add("precision@%d" % k, h / k)
            add("recall@%d" % k, h / total)
            add("recall_capped@%d" % k, h / min(k, total))
            add("f1@%d" % k, 2 * (h / k) * (h / total) / (h / k + h / total) if h else 0)
            add("hr@%d" % k, float(h > 0))
            add("ndcg@%d" % k, (1 / np.log2(places[:h] + 1)).sum() / (1 / np.log2(np.arange(2, min(k, total) + 2))).sum())
            add("mrr@%d" % k, 1 / places[0] if h else 0)
            add("map@%d" % k, precision_at[:h].sum() / min(k, total))
            add("map_r@%d" % k, precision_at[:h].sum() / total)
            for i in order[:k]:
                shown[k][i] = shown[k].get(i, 0) + 1
    out = {name: v / len(qrels) for name, v in sums.items()}
    for k in KS:
        counts = np.sort(np.concatenate([np.zeros(items - len(shown[k])), list(shown[k].values())]))
        out["coverage@%d" % k] = len(shown[k]) / items
        # half the mean difference of all pairs over the mean, by the sorted sum
        out["gini@%d" % k] = 1 - 2 * (np.cumsum(counts) / counts.sum()).sum() / items + 1 / items
    return out


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--export", required=True)
    p.add_argument("--data", required=True)
    p.add_argument("--model", default="slist")
    p.add_argument("--settings", default="{}")
    p.add_argument("--split", default="leave_one_out")
    p.add_argument("--split-settings", default="{}")
    p.add_argument("--depth", default="100")
    p.add_argument("--users", default="0")
    p.add_argument("--no-ranx", action="store_true", help="ranx compiles for a minute")
    o = p.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([o.export, "--data", o.data, "--out", folder, "--model", o.model, "--settings", o.settings, "--split", o.split,
                        "--split-settings", o.split_settings, "--depth", o.depth, "--users", o.users], check=True)
        ours = json.load(open(os.path.join(folder, "ours.json")))
        qrels, run = read(os.path.join(folder, "qrels.txt"), False), read(os.path.join(folder, "run.txt"), True)
    full = int(o.depth) >= ours["items"]
    programs = {"pytrec_eval": by_pytrec(qrels, run), "numpy": by_numpy(qrels, run, ours["items"], full)}
    if not o.no_ranx:
        programs["ranx"] = by_ranx(qrels, run)
    differences, compared = {}, 0
    for name, figures in programs.items():
        for figure, value in figures.items():
            sides = ["as_lists", "as_scores"] if "_full" not in figure or full else ["as_lists"]
            for side in sides:
                if figure in ours[side]:
                    differences[figure] = max(differences.get(figure, 0.0), abs(value - ours[side][figure]))
                    compared += 1
    largest = float(max(differences.values()))
    print(json.dumps({"bench": "eval/vs_peers", "data": os.path.basename(o.data.rstrip("/")), "model": ours["model"], "split": ours["split"],
                      "users": ours["users"], "items": ours["items"], "depth": int(o.depth), "programs": sorted(programs),
                      "figures": len(differences), "comparisons": compared, "largest_difference": largest,
                      "worst": max(differences, key=differences.get), "equal_to_6_digits": largest < 5e-7,
                      "ndcg@10": ours["as_scores"]["ndcg@10"], "hr@10": ours["as_scores"]["hr@10"]}))
    sys.exit(0 if largest < 5e-7 else 1)


if __name__ == "__main__":
    main()
