#!/usr/bin/env python3
"""The service on PostgreSQL beside SQLite, one JSON line a measurement: ingest as bench/serve/measure.py measures it, and how long after an event, an item or an
erasure was acknowledged by one service the other's answers have it.

The server is of this script's own, syncs, and runs on the same cores. Run:
  replicas.py --attune PROGRAM --load build/dev/bench_load [--data FOLDER] (see workspace.py) [--seconds 8] [--times 300]
"""
import argparse, json, os, pathlib, subprocess, sys, tempfile, time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests/scenarios"), str(ROOT / "tests/support")]
from postgres_server import Postgres
from serve import Service, bookshop, names


def waited(look):
    began = time.perf_counter()
    while not look():
        if time.perf_counter() - began > 5:
            sys.exit("not there after 5 s")
    return (time.perf_counter() - began) * 1000


def spread(ms):
    ms = sorted(ms)
    return {"times": len(ms), "p50_ms": round(ms[len(ms) // 2], 1), "p99_ms": round(ms[min(len(ms) - 1, len(ms) * 99 // 100)], 1), "max_ms": round(ms[-1], 1)}


def delays(attune, workspace, times, first):
    one, two = Service(attune, workspace, before=first), Service(attune, workspace, before=first)
    try:
        events, items, erasures = [], [], []
        for n in range(times):
            user = f"replica-{n}"
            two.ask("GET", f"/v1/users/{user}/recommendations?k=1")     # now in memory there, as nobody
            item = names(two.ask("GET", f"/v1/users/{user}/recommendations?k=1"))[0]
            one.ask("POST", "/v1/events", {"user": user, "item": item}, 201)
            events.append(waited(lambda: not two.ask("GET", f"/v1/users/{user}/recommendations?k=1").get("notes")))
            if n % 5 == 0:
                one.ask("PUT", f"/v1/items/fresh-{n}", {"text": f"a fresh thing number {n}"}, 201)
                items.append(waited(lambda: names(two.ask("POST", "/v1/recommendations", {"about": "a fresh thing", "filter": f"name = 'fresh-{n}'", "k": 1}))))
                one.ask("DELETE", f"/v1/users/{user}")
                erasures.append(waited(lambda: two.ask("GET", f"/v1/users/{user}/recommendations?k=1").get("notes")))
        return {"event": spread(events), "new item": spread(items), "erasure": spread(erasures)}
    finally:
        one.stop(), two.stop()


def main():
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--attune", required=True)
    words.add_argument("--load", required=True)
    words.add_argument("--data", help="for ingest; without, and for the delay: tests/worlds/books")
    words.add_argument("--only", default="ingest,delays")
    words.add_argument("--seconds", default="8")
    words.add_argument("--times", type=int, default=300)
    words.add_argument("--realtime", action="store_true", help="server, services and load before all else on a machine that others use (chrt -r)")
    asked = words.parse_args()
    commit = subprocess.run(["git", "-C", ROOT, "rev-parse", "--short", "HEAD"], capture_output=True, text=True).stdout.strip()
    here, first, how = pathlib.Path(__file__).parent, ["chrt", "-r", "1"] if asked.realtime else [], " --realtime" if asked.realtime else ""
    with tempfile.TemporaryDirectory() as folder, Postgres("-c", "fsync=on", "-c", "shared_buffers=256MB", before=first) as server:
        for store, env in (("sqlite", {}), ("postgres", {"ATTUNE_STORE_URL": server.url("shop")})) if "ingest" in asked.only else ():
            os.environ |= env
            shop = pathlib.Path(folder) / store
            if not asked.data:
                bookshop(asked.attune, shop)
            else:
                subprocess.run([here / "workspace.py", "--attune", asked.attune, "--data", asked.data, "--out", shop, "--models", "item_knn,popularity"], check=True, stdout=subprocess.DEVNULL)
            for what in ("ndjson", "events"):
                done = subprocess.run([here / "measure.py", "--attune", asked.attune, "--load", asked.load, "--workspace", shop, "--only", what, "--seconds", asked.seconds, *how.split()], check=True, capture_output=True, text=True)
                print(json.dumps(json.loads(done.stdout) | {"store": store, "command": f"bench/serve/replicas.py --only ingest --seconds {asked.seconds}{how}", "data": pathlib.Path(asked.data).name if asked.data else "tests/worlds/books"}), flush=True)
        if "delays" not in asked.only:
            return
        os.environ["ATTUNE_STORE_URL"] = server.url("books")
        shop = pathlib.Path(folder) / "books"
        bookshop(asked.attune, shop)
        line = {"bench": "serve/replicas", "services": 2, "store": "postgres", **delays(asked.attune, shop, asked.times, first), "machine": f"{os.cpu_count()} cores, server and both services on them",
                "load_average": round(os.getloadavg()[0], 1), "commit": commit, "command": f"bench/serve/replicas.py --only delays --times {asked.times}{how}", "realtime": asked.realtime, "data": "tests/worlds/books"}
        print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main()
