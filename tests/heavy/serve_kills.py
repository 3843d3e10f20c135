#!/usr/bin/env python3
"""kill -9 of the service at random moments of ingest and refit, many times over: what it acknowledged is there, once; it starts again
within seconds.

Several writers post single events and NDJSON batches (each event unlike all others), a refit runs beside; then the process is killed
and started again. What was acknowledged is looked for in the store file itself. An event that was sent and not acknowledged is sent
again, as a client would: it may be there already, and must not be there twice.

Run: serve_kills.py --attune PROGRAM [--kills 100] [--seed 1]; prints one JSON line, fails on the first broken promise.
"""
import argparse, http.client, json, os, pathlib, random, signal, sqlite3, sys, tempfile, threading, time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "scenarios"))
from serve import Service, bookshop, check


class Writer(threading.Thread):
    """Posts until it is told to stop; remembers what was acknowledged and what is in doubt."""

    def __init__(self, number, port, stop, batch, doubtful):
        super().__init__()
        self.number, self.port, self.stop, self.batch, self.doubtful = number, port, stop, batch, doubtful
        self.acknowledged, self.sent = [], 0

    def run(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            while not self.stop.is_set():
                events = self.doubtful.pop() if self.doubtful else [Writer.unlike_all() for _ in range(self.batch)]
                self.pending = events
                body = "\n".join(json.dumps(event) for event in events)
                connection.request("POST", "/v1/events", body, {"Content-Type": "application/x-ndjson"})
                answer = connection.getresponse()
                text = answer.read()
                if answer.status == 201:
                    done = json.loads(text)
                    check(done["accepted"] + done["repeated"] == len(events), f"answer: {done}, sent {len(events)}")
                    self.acknowledged += events
                    self.pending = None
                elif answer.status != 503:
                    sys.exit(f"FAILED POST /v1/events: {answer.status} {text[:300]}")
        except (OSError, http.client.HTTPException):
            pass                                    # killed

    count = 0
    lock = threading.Lock()

    @staticmethod
    def unlike_all():
        with Writer.lock:
            Writer.count += 1
            n = Writer.count
        return {"user": f"k{n % 997}", "item": f"i{n % 211}", "type": "view", "time": 1600000000000 + n}


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--attune", required=True, type=pathlib.Path)
    options.add_argument("--kills", type=int, default=100)
    options.add_argument("--seed", type=int, default=1)
    asked = options.parse_args()
    dice = random.Random(asked.seed)
    acknowledged, doubtful, starts, refits = set(), [], [], 0
    with tempfile.TemporaryDirectory() as made:
        folder = pathlib.Path(made) / "books"
        bookshop(asked.attune, folder)
        for kill in range(asked.kills + 1):
            began = time.monotonic()
            service = Service(asked.attune, folder)
            service.ask("GET", "/v1/health")
            starts.append(time.monotonic() - began)
            check(starts[-1] < 5, f"start {kill} took {starts[-1]:.1f} s")
            if kill == asked.kills:
                service.stop()
                break
            stop = threading.Event()
            writers = [Writer(n, service.port, stop, 1 if n < 4 else 200, doubtful) for n in range(6)]
            for writer in writers:
                writer.start()
            if kill % 2 == 0:
                service.ask("POST", "/v1/jobs", {"kind": "fit", "evaluate": False}, 202)
                refits += 1
            time.sleep(dice.uniform(0.02, 0.7))
            os.kill(service.process.pid, signal.SIGKILL)
            service.process.wait()
            stop.set()
            for writer in writers:
                writer.join()
                acknowledged.update(event["time"] for event in writer.acknowledged)
                if getattr(writer, "pending", None):
                    doubtful.append(writer.pending)
        store = sqlite3.connect(folder / "attune.db")
        check(store.execute("PRAGMA quick_check").fetchone()[0] == "ok", "the store is damaged")
        rows = store.execute("SELECT time_ms, COUNT(*) FROM events WHERE time_ms >= 1600000000000 AND user IN (SELECT id FROM users WHERE name LIKE 'k%') GROUP BY time_ms").fetchall()
        stored = {time_ms for time_ms, _ in rows}
        doubled = [time_ms for time_ms, n in rows if n > 1]
        lost = acknowledged - stored
        check(not lost, f"{len(lost)} acknowledged events are lost: {sorted(lost)[:5]}")
        check(not doubled, f"{len(doubled)} events are there twice: {doubled[:5]}")
        starts.sort()
        print(json.dumps({"bench": "serve/kills", "kills": asked.kills, "acknowledged": len(acknowledged), "stored": len(stored), "lost": 0, "doubled": 0, "refits_begun": refits,
                          "start_p50_s": round(starts[len(starts) // 2], 2), "start_max_s": round(starts[-1], 2)}))


if __name__ == "__main__":
    main()
