#!/usr/bin/env python3
"""A backup of a store at work: how long it takes, and what writers notice of it. Single events are posted one after another, first alone, then beside
backup after backup. Prints one JSON line.

Run: backup.py --attune PROGRAM [--events 600000] [--backups 5] [--commit ID]
"""
import argparse, csv, http.client, json, os, pathlib, random, subprocess, tempfile, threading, time


def made(attune, folder, events):
    dice = random.Random(1)
    with open(folder / "events.csv", "w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["user", "item", "time", "type"])
        for n in range(events):
            rows.writerow([f"u{dice.randrange(events // 10)}", f"i{int(dice.paretovariate(1.1)) % 8000}", 1700000000 + n, "view"])
    with open(folder / "items.csv", "w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["item", "text"])
        rows.writerows([f"i{n}", f"thing number {n}"] for n in range(8000))
    shop = folder / "shop"
    settings = ["--set", "models.use=item_knn,popularity", "--set", "encoders.use=tfidf"]
    for words in (["init"], ["import", folder / "items.csv", folder / "events.csv"], ["fit", "--no-evaluate", *settings]):
        subprocess.run([attune, "-q", "-w", shop, *words], check=True, stdout=subprocess.DEVNULL)
    return shop


def phase(port, work):
    times, stop = [], threading.Event()

    def write():
        connection = http.client.HTTPConnection("127.0.0.1", port)
        while not stop.is_set():
            began = time.perf_counter()
            connection.request("POST", "/v1/events", json.dumps({"user": f"u{len(times) % 997}", "item": f"i{len(times) % 7000}"}))
            answer = connection.getresponse()
            answer.read()
            assert answer.status == 201, answer.status
            times.append((time.perf_counter() - began) * 1000)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        work()
    finally:
        stop.set()
        writer.join()
    times.sort()
    return {"events": len(times), "p50_ms": round(times[len(times) // 2], 2), "p99_ms": round(times[int(len(times) * 0.99)], 2), "max_ms": round(times[-1], 1)}


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--attune", required=True)
    options.add_argument("--events", type=int, default=600000)
    options.add_argument("--backups", type=int, default=5)
    options.add_argument("--commit", default="")
    asked = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        shop = made(asked.attune, pathlib.Path(folder), asked.events)
        service = subprocess.Popen([asked.attune, "-q", "-w", shop, "serve", "--port", "0"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        took = []

        def back_up():
            for _ in range(asked.backups):
                began = time.perf_counter()
                subprocess.run([asked.attune, "-q", "-w", shop, "backup", pathlib.Path(folder) / "shop.tar"], check=True, stdout=subprocess.DEVNULL)
                took.append(round(time.perf_counter() - began, 2))

        try:
            port = int(service.stdout.readline().rsplit(":", 1)[1])
            phase(port, lambda: time.sleep(2))      # warm
            alone = phase(port, lambda: time.sleep(6))
            beside = phase(port, back_up)
        finally:
            service.terminate()
            service.wait()
        size = (shop / "attune.db").stat().st_size
    print(json.dumps({"bench": "serve/backup", "events": asked.events, "store_mb": round(size / 1e6, 1), "backup_s": took, "single posts alone": alone, "beside backups": beside,
                      "load_average": round(os.getloadavg()[0], 1), "machine": "2 cores", "commit": asked.commit, "command": f"bench/serve/backup.py --events {asked.events}"}))


if __name__ == "__main__":
    main()
