#!/usr/bin/env python3
"""The service under load, one JSON line a measurement: starts it on a workspace, runs bench_load against it, says what memory it took.

The load generator runs on the same cores. Run (workspace by bench/serve/workspace.py; it is copied, events go into the copy):
  measure.py --attune PROGRAM --load build/dev/bench_load --workspace FOLDER [--only lists,fresh,events,ndjson,crowd] [--rates 250,500,1000] [--realtime]
"""
import argparse, json, os, pathlib, shutil, subprocess, sys, tempfile, time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "tests/scenarios"))
from serve import Service


def memory_mb(pid):
    for line in open(f"/proc/{pid}/status"):
        if line.startswith("VmRSS"):
            return round(int(line.split()[1]) / 1024)


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--attune", required=True)
    options.add_argument("--load", required=True)
    options.add_argument("--workspace", required=True, type=pathlib.Path)
    options.add_argument("--only", default="lists,fresh,events,ndjson,crowd")
    options.add_argument("--rates", default="250,500,1000")
    options.add_argument("--seconds", default="20")
    options.add_argument("--realtime", action="store_true", help="service and load before all else on a machine that others use (chrt -r)")
    asked = options.parse_args()
    root = pathlib.Path(__file__).resolve().parents[2]
    commit = subprocess.run(["git", "-C", root, "rev-parse", "--short", "HEAD"], capture_output=True, text=True).stdout.strip()
    with tempfile.TemporaryDirectory() as made:
        folder = pathlib.Path(made) / "shop"
        shutil.copytree(asked.workspace, folder)
        began = time.monotonic()
        first = ["chrt", "-r", "1"] if asked.realtime else []
        service = Service(asked.attune, folder, before=first)
        started_s = round(time.monotonic() - began, 2)
        try:
            for what in asked.only.split(","):
                for rate in asked.rates.split(",") if what == "lists" else [""]:
                    words = [asked.load, str(service.port), what, *(["--rate", rate] if rate else []), "--seconds", asked.seconds]
                    done = subprocess.run(first + words, capture_output=True, text=True, check=True)
                    line = json.loads(done.stdout)
                    line |= {"rss_mb": memory_mb(service.process.pid), "start_s": started_s, "machine": f"{os.cpu_count()} cores, load generator on them too",
                             "realtime": asked.realtime, "load_average": round(os.getloadavg()[0], 1), "commit": commit,
                             "command": f"bench/serve/measure.py --only {what}" + (f" --rates {rate}" if rate else "") + f" --seconds {asked.seconds}" + (" --realtime" if asked.realtime else "")}
                    print(json.dumps(line), flush=True)
        finally:
            service.stop()


if __name__ == "__main__":
    main()
