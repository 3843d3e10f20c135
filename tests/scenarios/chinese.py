#!/usr/bin/env python3
"""Chinese: what recommend, explain, similar and search print with --language zh has no English word but names of items, models and encoders.

Run: chinese.py --attune PROGRAM. Prints one line when all is well.
"""
import argparse, pathlib, re, subprocess, sys, tempfile

SHELVES = {"mug": "杯子", "bag": "背包", "lamp": "台灯"}
COLOURS = ["红色", "蓝色", "绿色", "白色", "黑色", "黄色", "紫色", "灰色"]
NAMES = ["slist", "ease", "popularity", "ials", "tfidf", "shelf", "price"]   # models, encoders, attributes


def shop(folder):
    """Three shelves of eight things; everybody stays on one shelf and looks at another."""
    names = list(SHELVES)
    rows = [f"{shelf}{n},{COLOURS[n]}的{title}，适合日常使用,{10 + 3 * n},{shelf}" for shelf, title in SHELVES.items() for n in range(8)]
    (folder / "items.csv").write_text("item,text,price,shelf\n" + "\n".join(rows) + "\n", encoding="utf-8")
    events = []
    for user in range(40):
        for step in range(4):
            events.append(f"u{user},{names[user % 3]}{(user // 3 + step) % 8},2026-01-{1 + step:02d} 10:00:{user:02d},purchase")
        events.append(f"u{user},{names[(user + 1) % 3]}{user % 8},2026-01-09 10:00:{user:02d},view")
    (folder / "events.csv").write_text("user,item,time,type\n" + "\n".join(events) + "\n", encoding="utf-8")


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--attune", required=True, type=pathlib.Path)
    program = options.parse_args().attune
    with tempfile.TemporaryDirectory() as at:
        folder = pathlib.Path(at)

        def attune(*words):
            done = subprocess.run([str(program), "-w", str(folder / "w"), *words], capture_output=True, text=True, timeout=120)
            if done.returncode != 0:
                sys.exit(f"{words}: exit {done.returncode}: {done.stdout}{done.stderr}")
            return done.stdout

        shop(folder)
        attune("init")
        attune("import", str(folder / "items.csv"), str(folder / "events.csv"))
        attune("-q", "fit", "--set", "encoders.use=tfidf", "--set", "models.use=slist,ease,ials,popularity", "--set", "fit.stacking=true")
        zh = ["--language", "zh", "--explain"]
        asked = [["recommend", "--user", "u1", *zh], ["recommend", "--user", "u1", "--k", "20", "--diversity", "0.6", "--caps", "shelf=2", *zh],
                 ["recommend", "--user", "u0", "--filter", "price < 20", "--min-score", "0.5", *zh], ["recommend", "--user", "u99", "--exclude", "q1", *zh],
                 ["recommend", "--about", "红色的背包", *zh], ["recommend", "--user", "u2", "--caps", "p1=1", "--filter", "price < x1", *zh],
                 ["recommend", "--about", "q1", *zh], ["similar", "mug1", *zh], ["search", "蓝色", *zh], ["search", "q1", *zh]]
        for item in ["mug0", "mug4", "bag0", "bag3", "lamp7"]:
            asked += [["explain", item, "--user", "u1", *zh], ["explain", item, "--user", "u1", "--language", "zh", "--k", "3", "--diversity", "0.5"],
                      ["explain", item, "--user", "u1", "--language", "zh", "--k", "3", "--caps", "shelf=1", "--min-score", "1"],
                      ["explain", item, "--about", "白色的台灯", "--exclude", "bag3", "--filter", "price < 25", *zh]]
        known = re.compile(r"\b(?:%s|u\d+|(?:%s)\d*|[qpx]1)\b" % ("|".join(NAMES), "|".join(SHELVES)))
        lines = 0
        for words in asked:
            for line in attune(*words).splitlines():
                lines += 1
                if found := re.search(r"[A-Za-z]{2,}", known.sub("", line)):
                    sys.exit(f"{' '.join(words)}: '{found.group()}' in: {line}")
        if lines < 200:
            sys.exit(f"only {lines} lines were read")
    print("ok  lists, reasons, notes and parts in Chinese have no English word but names")


main()
