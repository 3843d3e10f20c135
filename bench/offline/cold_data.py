"""Writes sets whose texts lie in other files as folders that the offline benches read: sequences.txt and items.tsv.

    python3 bench/offline/cold_data.py DATA OUT

DATA holds the folders movielens-1m, movielens-latest-small (plots, joined by movie id), online-retail and goodbooks-10k.
OUT/movielens: title, genres and plot; OUT/movielens-all: with the films that nobody in the sequences saw. OUT/retail: purchases in the order of the file, a product's commonest name; no fees.
OUT/latest: movielens-latest-small in order of time, title, genres and plot. OUT/books.tsv: title, author, mean stars, log count, for bench_tallrec --books.
"""
import collections
import csv
import gzip
import math
import pathlib
import re
import sys


def movielens(data, out, every_film=False):
    plots = {}
    with gzip.open(data / "movielens-latest-small/movies_with_overview.csv.gz", "rt", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            plots[row["movieId"]] = row["overview"]
    out.mkdir(parents=True, exist_ok=True)
    sequences = gzip.open(data / "movielens-1m/sequences.txt.gz", "rt").read()
    (out / "sequences.txt").write_text(sequences)
    used = {item for line in sequences.splitlines() for item in line.split()[1:]}
    with open(out / "items.tsv", "w", encoding="utf-8") as file:
        file.write("id\ttext\n")
        for line in open(data / "movielens-1m/movies.dat", encoding="latin-1"):
            movie, title, genres = line.rstrip("\n").split("::")
            if every_film or movie in used:
                text = f"{title}. {genres.replace('|', ', ')}. {plots.get(movie, '')}"
                file.write(f"{movie}\t{' '.join(text.split())}\n")


def latest(data, out):
    out.mkdir(parents=True, exist_ok=True)
    histories = collections.defaultdict(list)
    with gzip.open(data / "movielens-latest-small/ratings.csv.gz", "rt", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            histories[row["userId"]].append((int(row["timestamp"]), row["movieId"]))
    with open(out / "sequences.txt", "w") as file:
        for user, rows in histories.items():
            file.write(f"{user} {' '.join(movie for _, movie in sorted(rows, key=lambda r: r[0]))}\n")
    with gzip.open(data / "movielens-latest-small/movies_with_overview.csv.gz", "rt", encoding="utf-8", newline="") as source, open(out / "items.tsv", "w", encoding="utf-8") as file:
        file.write("id\ttext\n")
        for row in csv.DictReader(source):
            text = f"{row['title']}. {row['genres'].replace('|', ', ')}. {row['overview']}"
            file.write(f"{row['movieId']}\t{' '.join(text.split())}\n")


def books(data, out):
    with gzip.open(data / "goodbooks-10k/books.csv.gz", "rt", encoding="utf-8", newline="") as source, open(out, "w", encoding="utf-8") as file:
        for row in csv.DictReader(source):
            for title in sorted({row["title"], row["original_title"] or row["title"]}):
                fields = [title, row["authors"].split(",")[0], row["average_rating"], f"{math.log(float(row['ratings_count'])):.3f}"]
                if all(f.strip() for f in fields):
                    file.write("\t".join(" ".join(f.split()) for f in fields) + "\n")


def retail(data, out):
    out.mkdir(parents=True, exist_ok=True)
    names, baskets = collections.defaultdict(collections.Counter), collections.defaultdict(list)
    with gzip.open(data / "online-retail/transactions.csv.gz", "rt", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            item = row["StockCode"]
            if not row["CustomerID"] or float(row["Quantity"]) <= 0 or float(row["UnitPrice"]) <= 0 or not re.match(r"\d{5}", item):
                continue
            names[item][row["Description"].strip()] += 1
            basket = baskets[row["CustomerID"]]
            if item not in basket:
                basket.append(item)
    (out / "sequences.txt").write_text("".join(f"{user} {' '.join(items)}\n" for user, items in baskets.items()))
    with open(out / "items.tsv", "w", encoding="utf-8") as file:
        file.write("id\ttext\n")
        for item, texts in names.items():
            file.write(f"{item}\t{texts.most_common(1)[0][0]}\n")


if __name__ == "__main__":
    source, target = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    movielens(source, target / "movielens")
    movielens(source, target / "movielens-all", every_film=True)
    latest(source, target / "latest")
    retail(source, target / "retail")
    books(source, target / "books.tsv")
