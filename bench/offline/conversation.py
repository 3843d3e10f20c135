#!/usr/bin/env python3
"""Recommendation from dialogue, judged as He et al. (CIKM 2023) do: attune learns from ReDial's 1,550 training dialogues and MovieLens
ratings, and is asked at every turn of the test dialogues in which the recommender names new films. One JSON line a figure.

    bench/offline/conversation.py DATA [--only redial,inspired,...] [--ablate] [--work FOLDER] [--attune build/release/attune]

DATA holds the folders redial, inspired, opendialkg-books, crosswoz, movielens-1m, movielens-1m-ratings, movielens-latest-small.
Nothing of them is written anywhere but FOLDER. `--validate` learns from the first four fifths of the training dialogues (by their
number, which is by time) and asks about the last: what settings are chosen by.
"""
import argparse, csv, gzip, json, os, re, subprocess, sys, tempfile
from pathlib import Path

def lines(path):
    with (gzip.open if str(path).endswith(".gz") else open)(path, "rt", encoding="utf-8") as file:
        yield from (json.loads(line) for line in file)

def squeezed(text):
    return re.sub(r"\s+", " ", text.strip())

def key(title):
    """Title and year in plain letters: 'Matrix, The (1999)' -> ('the matrix', '1999')."""
    title = title.lower().strip()
    year = re.search(r"\((\d{4})\)\s*$", title)
    title = re.sub(r"\(.*?\)\s*$", "", title).strip()
    moved = re.match(r"(.*), (the|a|an)$", title)
    if moved:
        title = moved[2] + " " + moved[1]
    return re.sub(r"[^a-z0-9]+", " ", title).strip(), year[1] if year else ""

def listed(value):
    return value if isinstance(value, list) else [value] if value else []

def redial_items(data):
    items = {}
    for film in json.load(gzip.open(data / "redial/movies_id2info.json.gz")).values():
        name = squeezed(film["name"])
        if name in items:
            continue
        year = key(name)[1]
        items[name] = {"item": name, "title": name, "genre": listed(film.get("genre")), "director": listed(film.get("director")),
                       "star": listed(film.get("star")), "writer": listed(film.get("writer")),
                       "text": f"{name}. {', '.join(listed(film.get('genre')))}. {film.get('plot') or ''}"}
        if year:
            items[name]["year"] = int(year)
    return items

def movielens_likes(data, by_key):
    """(user, item) of films rated 4 of 5 or better (1M), 3.5 or better (latest-small), by title and year."""
    films = {}
    for line in open(data / "movielens-1m/movies.dat", encoding="latin-1"):
        number, title, _ = line.rstrip("\n").split("::")
        if key(title) in by_key:
            films[number] = by_key[key(title)]
    with gzip.open(data / "movielens-1m-ratings/ratings.tsv.gz", "rt") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            if row["item_id"] in films and float(row["rating"]) >= 4:
                yield "m" + row["user_id"], films[row["item_id"]]
    films = {}
    with open(data / "movielens-latest-small/movies.csv", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if key(row["title"]) in by_key:
                films[row["movieId"]] = by_key[key(row["title"])]
    with gzip.open(data / "movielens-latest-small/ratings.csv.gz", "rt", newline="") as file:
        for row in csv.DictReader(file):
            if row["movieId"] in films and float(row["rating"]) >= 3.5:
                yield "s" + row["userId"], films[row["movieId"]]

def keyed(items):
    by_key = {}
    for name in items:
        by_key.setdefault(key(name), name)
        by_key.setdefault((key(name)[0], ""), name)
    return by_key

class Bench:
    def __init__(self, args):
        self.args, self.data, self.work = args, Path(args.data), Path(args.work)
        self.commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, cwd=Path(__file__).parent).stdout.strip()

    def attune(self, workspace, *arguments):
        run = subprocess.run([self.args.attune, "-q", "-w", str(self.work / workspace), *map(str, arguments)], capture_output=True, text=True)
        if run.returncode:
            sys.exit(f"attune {' '.join(map(str, arguments))}: {run.stderr}")
        return run.stdout

    def workspace(self, name, items, likes, models):
        """A workspace with these items and likes, fitted; made once."""
        folder = self.work / name
        if any((folder / "snapshots").glob("2*")):
            return
        self.work.mkdir(parents=True, exist_ok=True)
        self.attune(name, "init")
        with open(self.work / f"{name}-items.jsonl", "w") as file:
            for item in items.values():
                file.write(json.dumps(item, ensure_ascii=False) + "\n")
        with open(self.work / f"{name}-events.csv", "w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["user", "item", "time"])
            for at, (user, item) in enumerate(likes):
                writer.writerow([user, item, 1000000000 + at])
        self.attune(name, "import", self.work / f"{name}-items.jsonl", self.work / f"{name}-events.csv")
        sets = ["--set", f"models.use={models}", "--set", f"encoders.use={self.args.encoder}"]
        self.attune(name, "fit", *sets)

    def judge(self, set_name, workspace, asked, learn, label, *more):
        out = self.attune(workspace, "--json", "evaluate", "--protocol", "conversation", *asked, *[x for f in learn for x in ("--learn", f)], "--at", "1,5,10,20,50", *more)
        report = json.loads(out)
        for row in report["rows"]:
            line = {"bench": f"conversation/{set_name}", "commit": self.commit, "machine": f"{os.cpu_count()} cores", "learned": label, "dialogues": report["dialogues"],
                    "turns": report["turns"], "cases": report["cases"], "items": report["items"]}
            line.update({name: round(value, 4) if isinstance(value, float) else value for name, value in row.items()})
            line["command"] = "bench/offline/conversation.py"
            print(json.dumps(line), flush=True)
        if self.args.show:
            print(json.dumps({"weights": report.get("weights"), "notes": report["notes"]}, ensure_ascii=False), file=sys.stderr)

    def redial(self):
        items = redial_items(self.data)
        self.workspace("redial", items, list(movielens_likes(self.data, keyed(items))), "ease,item_knn,popularity")
        folder = self.data / "redial"
        train = [folder / "dialogs_train_550.jsonl.gz", folder / "dialogs_valid_1000.jsonl.gz"]
        asked = [folder / "test_turns.jsonl.gz"]
        name = "redial"
        if self.args.validate:
            every = sorted((d for path in train for d in lines(path)), key=lambda d: int(d["conversationId"]))
            early, late = every[: len(every) * 4 // 5], every[len(every) * 4 // 5 :]
            for part, dialogues in (("early", early), ("late", late)):
                with open(self.work / f"redial-{part}.jsonl", "w") as file:
                    file.writelines(json.dumps(d) + "\n" for d in dialogues)
            train, asked, name = [self.work / "redial-early.jsonl"], [self.work / "redial-late.jsonl"], "redial-validation"
        self.judge(name, "redial", asked, train, "dialogues and ratings", *self.args.more)
        if self.args.ablate:
            for without in ABLATIONS:
                self.judge(name, "redial", asked, train, "without " + without, "--brief", *[x for w in without.split("+") for x in ("--without", w)])
            self.judge(name, "redial", asked, train, "general figures alone", "--brief", "--general")
            self.judge(name, "redial", asked, [], "nothing learned from dialogues", "--brief")

ABLATIONS = ["model:*", "language*+alike_language", "words*", "title", "shared:*", "named:*", "called:*", "near:*+is:*", "takers", "together*", "alike", "told", "recommended+mentioned"]

def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data")
    parser.add_argument("--only", default="redial")
    parser.add_argument("--attune", default="build/release/attune")
    parser.add_argument("--work", default=str(Path(tempfile.gettempdir()) / "attune-conversation"))
    parser.add_argument("--encoder", default="minilm")
    parser.add_argument("--ablate", action="store_true")
    parser.add_argument("--validate", action="store_true")
    parser.add_argument("--show", action="store_true")
    parser.add_argument("--more", nargs="*", default=[], help="further arguments of attune evaluate")
    args = parser.parse_args()
    bench = Bench(args)
    for name in args.only.split(","):
        getattr(bench, name)()

if __name__ == "__main__":
    main()
