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

    def command(self):
        """As it was called, less the paths."""
        args = self.args
        parts = ["--encoder " + args.encoder] * (args.encoder != "tfidf") + ["--validate"] * args.validate + ["--ablate"] * args.ablate + ["--more=" + " ".join(args.more)] * bool(args.more)
        return " ".join(["bench/offline/conversation.py", *parts])

    def attune(self, workspace, *arguments):
        run = subprocess.run([self.args.attune, "-q", "-w", str(self.work / workspace), *map(str, arguments)], capture_output=True, text=True)
        if run.returncode:
            sys.exit(f"attune {' '.join(map(str, arguments))}: {run.stderr}")
        return run.stdout

    def workspace(self, name, items, likes, models, encoder=None):
        """The name of a workspace with these items and likes, fitted; made once for an encoder."""
        encoder = encoder or self.args.encoder
        name += "" if encoder == "tfidf" else "-" + encoder
        folder = self.work / name
        if any((folder / "snapshots").glob("2*")):
            return name
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
        self.attune(name, "fit", "--no-evaluate", "--set", f"models.use={models}", "--set", f"encoders.use={encoder}")
        return name

    def judge(self, set_name, workspace, asked, learn, label, *more):
        out = self.attune(workspace, "--json", "evaluate", "--protocol", "conversation", *asked, *[x for f in learn for x in ("--learn", f)], "--at", "1,5,10,20,50", *more)
        report = json.loads(out)
        for row in report["rows"]:
            line = {"bench": f"conversation/{set_name}", "commit": self.commit, "machine": f"{os.cpu_count()} cores", "learned": label, "dialogues": report["dialogues"],
                    "turns": report["turns"], "cases": report["cases"], "items": report["items"], "encoder": "tfidf" if set_name == "crosswoz" else self.args.encoder}
            line.update({name: round(value, 4) if isinstance(value, float) else value for name, value in row.items()})
            line["command"] = self.command()
            print(json.dumps(line), flush=True)
        if self.args.show:
            print(json.dumps({"weights": report.get("weights"), "notes": report["notes"]}, ensure_ascii=False), file=sys.stderr)

    def redial_dialogues(self):
        """The training dialogues by their number, which is by time."""
        folder = self.data / "redial"
        return sorted((d for name in ("dialogs_train_550", "dialogs_valid_1000") for d in lines(folder / f"{name}.jsonl.gz")), key=lambda d: int(d["conversationId"]))

    def written(self, name, dialogues):
        self.work.mkdir(parents=True, exist_ok=True)
        path = self.work / name
        with open(path, "w") as file:
            file.writelines(json.dumps(d, ensure_ascii=False) + "\n" for d in dialogues)
        return path

    def redial(self):
        items = redial_items(self.data)
        workspace = self.workspace("redial", items, list(movielens_likes(self.data, keyed(items))), "ease,popularity")
        every, name = self.redial_dialogues(), "redial"
        train, asked = [self.written("redial-train.jsonl", every)], [self.data / "redial/test_turns.jsonl.gz"]
        if self.args.validate:
            train = [self.written("redial-early.jsonl", every[: len(every) * 4 // 5])]
            asked, name = [self.written("redial-late.jsonl", every[len(every) * 4 // 5 :])], "redial-validation"
        if self.args.validate:
            self.judge(name, workspace, asked, train, "dialogues and ratings", *self.args.more)
        else:   # learned once, as a shop does; then also the turns of He et al. as they give them: more turns, items by the titles in the answer
            self.attune(workspace, "dialogues", *train)
            self.judge(name, workspace, asked, [], "dialogues and ratings", *self.args.more)
            self.judge("redial-cikm", workspace, [self.data / "redial/test_full_context.jsonl.gz"], [], "dialogues and ratings", *self.args.more)
            (self.work / workspace / "talk" / "ranker.bin").unlink()   # the next runs begin with nothing learned
        if self.args.ablate:
            for without in ABLATIONS:
                self.judge(name, workspace, asked, train, "without " + without, "--brief", *self.args.more, *[x for w in without.split("+") for x in ("--without", w)])
            self.judge(name, workspace, asked, train, "general figures alone", "--brief", "--general", *self.args.more)
            self.judge(name, workspace, asked, [], "nothing learned from dialogues", "--brief")

    def inspired(self):
        """Films: ReDial's, MovieLens latest-small's, and all that any of the 198 dialogues names (a name alone, no text)."""
        items = redial_items(self.data)
        likes = list(movielens_likes(self.data, keyed(items)))
        known = keyed(items)
        with gzip.open(self.data / "movielens-latest-small/movies_with_overview.csv.gz", "rt", encoding="utf-8") as file:
            for row in csv.DictReader(file):
                plain, year = key(row["title"])
                if (plain, year) in known or not year:
                    continue
                name = squeezed(row["title"])
                known[plain, year] = name
                items[name] = {"item": name, "title": name, "year": int(year), "genre": [g.lower() for g in row["genres"].split("|") if g[0] != "("],
                               "text": f"{name}. {row['genres'].replace('|', ', ').lower()}. {row.get('overview') or ''}"}
        for part in ("dev", "test"):
            with gzip.open(self.data / f"inspired/{part}.tsv.gz", "rt", encoding="utf-8") as file:
                for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
                    for name in re.findall(r"(?:'([^']*)'|\"([^\"]*)\"): \d+", row["movie_dict"]):
                        name = squeezed(name[0] or name[1])
                        if name and key(name) not in known:
                            known[key(name)] = name
                            items[name] = {"item": name, "title": name, "text": name}
                            if key(name)[1]:
                                items[name]["year"] = int(key(name)[1])
        workspace = self.workspace("inspired", items, likes, "item_knn,popularity")
        train = [self.written("redial-train.jsonl", self.redial_dialogues()), self.data / "inspired/dev.tsv.gz"]
        asked = [self.data / "inspired/test.tsv.gz"]
        if self.args.validate:
            rows = gzip.open(asked[0].with_name("dev.tsv.gz"), "rt", encoding="utf-8").read().split("\n")
            ids = list(dict.fromkeys(row.split("\t")[0] for row in rows[1:] if row))
            late = set(ids[len(ids) // 2 :])
            for part, keep in (("early", False), ("late", True)):
                (self.work / f"inspired-{part}.tsv").write_text("\n".join([rows[0]] + [r for r in rows[1:] if r and (r.split("\t")[0] in late) == keep]) + "\n")
            train[1], asked = self.work / "inspired-early.tsv", [self.work / "inspired-late.tsv"]
        self.judge("inspired-validation" if self.args.validate else "inspired", workspace, asked, train, "ReDial and dev", *self.args.more)

    def books(self):
        """OpenDialKG's book dialogues: the first four fifths are learned from, the rest is asked about; books are names alone."""
        dialogues = list(lines(self.data / "opendialkg-books/dialog_Books.jsonl.gz"))
        cut = len(dialogues) * 4 // 5
        items = {name: {"item": name, "title": name, "text": name} for d in dialogues for turn in d for name in turn["item"]}
        likes = [(f"d{n}", name) for n, d in enumerate(dialogues[:cut]) for name in dict.fromkeys(name for turn in d for name in turn["item"])]
        workspace = self.workspace("books", items, likes, "item_knn,popularity")
        self.judge("opendialkg-books", workspace, [self.written("books-test.jsonl", dialogues[cut:])], [self.written("books-train.jsonl", dialogues[:cut])], "four fifths", *self.args.more)

    def crosswoz(self):
        """Hotels, restaurants and sights of Beijing, in Chinese: learned from val, asked about test."""
        items = {}
        for kind in ("restaurant", "hotel", "attraction"):
            for name, fields in json.load(gzip.open(self.data / f"crosswoz/database/{kind}_db.json.gz")):
                item = {"item": name, "title": name, "领域": {"restaurant": "餐馆", "hotel": "酒店", "attraction": "景点"}[kind]}
                for field, value in fields.items():
                    number = re.match(r"[\d.]+", str(value)) if field in ("评分", "人均消费", "价格", "门票") else None
                    if number and number[0] != ".":
                        item[field] = float(number[0])
                    elif field in ("推荐菜", "酒店设施", "酒店类型") and value:
                        item[field] = value if isinstance(value, list) else [value]
                item["text"] = " ".join([name, item["领域"], *(str(v) for f, v in fields.items() if isinstance(v, str)), *(w for f in ("推荐菜", "酒店设施") for w in listed(item.get(f)))])
                items.setdefault(name, item)
        folder = self.data / "crosswoz"
        likes = []
        for number, d in json.load(gzip.open(folder / "val.json.gz")).items():
            names = [act[3] for m in d["messages"] for act in m["dialog_act"] if act[2] == "名称" and act[3] in items]
            likes += [(f"d{number}", name) for name in dict.fromkeys(names)]
        workspace = self.workspace("crosswoz", items, likes, "item_knn,popularity", "tfidf")
        self.judge("crosswoz", workspace, [folder / "test.json.gz"], [folder / "val.json.gz"], "val", *self.args.more)

ABLATIONS = ["model:*", "language*+alike_language", "words*", "title", "shared:*", "named:*", "called:*", "near:*+is:*", "takers", "together*", "alike", "told", "recommended+mentioned"]

def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data")
    parser.add_argument("--only", default="redial")
    parser.add_argument("--attune", default="build/release/attune")
    parser.add_argument("--work", default=str(Path(tempfile.gettempdir()) / "attune-conversation"))
    parser.add_argument("--encoder", default="tfidf")
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
