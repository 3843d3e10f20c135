#!/usr/bin/env python3
"""A workspace to load the service with, from a folder of sequences (sequential_data.txt.gz: user item item ...; items.tsv: id, name, phrase).

Prices and departments are drawn by a fixed seed, for filters to work on; events are a day apart. Run:
  workspace.py --attune PROGRAM --data FOLDER --out WORKSPACE [--models slist,ease,item_knn,popularity]
"""
import argparse, csv, gzip, pathlib, random, subprocess


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--attune", required=True)
    options.add_argument("--data", required=True, type=pathlib.Path)
    options.add_argument("--out", required=True, type=pathlib.Path)
    options.add_argument("--models", default="")
    asked = options.parse_args()
    dice = random.Random(7)
    folder = asked.out.with_suffix(".files")
    folder.mkdir(parents=True, exist_ok=True)
    with open(asked.data / "items.tsv", encoding="utf-8") as source, open(folder / "items.csv", "w", newline="", encoding="utf-8") as target:
        rows, out = csv.reader(source, delimiter="\t", quoting=csv.QUOTE_NONE), csv.writer(target)
        next(rows)
        out.writerow(["item", "text", "price", "department"])
        for row in rows:
            out.writerow(["i" + row[0], row[-1], round(dice.lognormvariate(2.5, 0.8), 2), "d%d" % dice.randrange(12)])
    with gzip.open(asked.data / "sequential_data.txt.gz", "rt") as source, open(folder / "events.csv", "w", newline="") as target:
        out = csv.writer(target)
        out.writerow(["user", "item", "time", "type"])
        for line in source:
            user, *items = line.split()
            for n, item in enumerate(items):
                out.writerow(["u" + user, "i" + item, 1700000000 + 86400 * n + int(user), "purchase"])
    attune = [asked.attune, "-q", "-w", str(asked.out)]
    subprocess.run([*attune, "init"], check=True)
    subprocess.run([*attune, "import", str(folder / "items.csv"), str(folder / "events.csv")], check=True)
    subprocess.run([*attune, "fit", *(["--models", asked.models] if asked.models else [])], check=True)


if __name__ == "__main__":
    main()
