#!/usr/bin/env python3
"""What `attune tune --log` writes, read by the tools it is for: TensorBoard's own reader, a JSON parser, an XML parser.

Run with a Python that has the package `tensorboard`: event_files.py --attune PROGRAM; fails on the first thing that is not as the trials say.
"""
import argparse, json, math, pathlib, subprocess, sys, tempfile, xml.dom.minidom

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator


def check(holds, words):
    if not holds:
        sys.exit("FAILED " + words)


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--attune", required=True, type=pathlib.Path)
    options.add_argument("--models", default="slist,bpr")
    asked = options.parse_args()
    books = pathlib.Path(__file__).resolve().parents[1] / "worlds/books"
    with tempfile.TemporaryDirectory() as folder:
        tmp = pathlib.Path(folder)

        def attune(*words):
            done = subprocess.run([str(asked.attune.resolve()), "-q", "-w", str(tmp / "shop"), *map(str, words)], capture_output=True, text=True)
            check(done.returncode == 0, f"{words}: {done.stderr}")
            return done.stdout

        attune("init")
        events = tmp / "events.csv"
        events.write_text("user,item,time\n" + "".join(f"u{n % 97},i{n * 7 % 53},{1700000000 + n}\n" for n in range(2000)))
        attune("import", books / "items.csv", events)
        trials = json.loads(attune("--json", "tune", "--models", asked.models, "--trials", 9, "--log", tmp / "log"))["trials"]
        lines = [json.loads(line) for line in (tmp / "log/ledger.jsonl").read_text().splitlines()]
        check(len(lines) == len(trials), f"{len(lines)} lines in the ledger, {len(trials)} trials")
        points = 0
        for line, trial in zip(lines, trials):
            check(line["settings"] == trial["settings"] and line.get("figure") == trial.get("figure"), f"ledger: {line}")
            check(all(key in line for key in ("seed", "data", "split", "program", "time", "fit_seconds", "peak_rss_bytes")), f"ledger lacks something: {line}")
            reader = EventAccumulator(str(tmp / "log" / f"{trial['model']}-{trial['number'] + 1}"))
            reader.Reload()
            for name, curve in trial.get("curves", {}).items():
                read = [(event.step, event.value) for event in reader.Scalars(name)]
                check(len(read) == len(curve), f"{name}: {len(read)} points, {len(curve)} recorded")
                check(all(s == t and math.isclose(v, w, rel_tol=1e-6) for (s, v), (t, w) in zip(read, curve)), f"{name}: {read} is not {curve}")
                points += len(read)
            if "figure" in trial:
                check(math.isclose(reader.Scalars("ndcg@10")[0].value, trial["figure"]["mean"], rel_tol=1e-6), f"the figure of {trial['model']} {trial['number']}")
        pictures = sorted((tmp / "log").glob("*.svg"))
        check(len(pictures) >= 3, f"pictures: {pictures}")
        for picture in pictures:
            check(xml.dom.minidom.parse(str(picture)).documentElement.tagName == "svg", picture.name)
        check(points > 0, "no training curve was recorded, the test shows nothing")
        print(f"ok  {len(lines)} lines, {points} points of curves read by TensorBoard, pictures: {', '.join(p.name for p in pictures)}")


if __name__ == "__main__":
    main()
