#!/usr/bin/env python3
"""Hard stops: what an operator at night does to a running attune, and what must be left of the workspace afterwards.

  kill -9 at random moments of import and fit    the store is sound and holds the old events or all of the new; the newest snapshot opens
  Ctrl-C and SIGTERM at random moments           gone within a second (and the machine's slack), exit code 7, nothing half-written
  kill -9 of tune                                it goes on after the trials it had and ends with those of an uninterrupted one
  a full disk                                    exit code 5, nothing lost (a file size limit stands in for it, as anybody may set one)
  two at once                                    imports wait for each other, a second fit says who runs
  erase                                          the name is in no file of the workspace

Run: hard_stops.py --attune PROGRAM [--kills 30]; prints a line a check, fails on the first broken promise.
"""
import argparse, json, pathlib, random, resource, shutil, signal, subprocess, sys, tempfile, time

SLACK_S = 1.0  # of a loaded machine, on top of the promised second


class Shop:
    """One workspace and the program under test."""

    def __init__(self, program, folder, books):
        self.program, self.folder, self.books = program, folder, books

    def fresh(self):
        shutil.rmtree(self.folder, ignore_errors=True)
        self.run("init")
        self.run("import", self.books / "items.csv", self.books / "events.csv")

    def command(self, *words):
        return [str(self.program), "-q", "-w", str(self.folder), *map(str, words)]

    def run(self, *words, code=0, **options):
        done = subprocess.run(self.command(*words), capture_output=True, text=True, timeout=120, **options)
        check(done.returncode == code, f"{words}: exit code {done.returncode}, expected {code}: {done.stderr[-500:]}")
        return done

    def start(self, *words):
        return subprocess.Popen(self.command(*words), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def doctor(self):
        return json.loads(self.run("--json", "doctor").stdout)


def check(holds, words):
    if not holds:
        sys.exit("FAILED " + words)


def seconds_of(shop, *words):
    began = time.monotonic()
    shop.run(*words)
    return time.monotonic() - began


def events_file(folder, name, users, count):
    path = folder / (name + ".csv")
    path.write_text("user,item,time\n" + "".join(f"{name}{n % users},i{n * 7 % 503},{1700000000 + n}\n" for n in range(count)))
    return path


def check_sound(shop, before, after, what):
    report = shop.doctor()
    check(report["damage"] == [], f"{what}: store damaged: {report['damage']}")
    check(all(s["state"] == "sound" for s in report["snapshots"]), f"{what}: {report['snapshots']}")
    check(report["events"] in (before, after), f"{what}: {report['events']} events, expected {before} or {after}")
    return report["events"]


def stopped(shop, words, delay_s, how):
    """Starts, stops after a while; returns (exit code, seconds from the signal to the end)."""
    process = shop.start(*words)
    time.sleep(delay_s)
    began = time.monotonic()
    process.send_signal(how)
    process.communicate(timeout=60)
    return process.returncode, time.monotonic() - began


def stops_of_import(shop, files, dice, kills, how):
    ended = halves = 0
    for n in range(kills):
        shop.fresh()
        before = shop.doctor()["events"]
        code, took = stopped(shop, ["import", files], dice.uniform(0, stops_of_import.whole_s), how)
        check_stop(code, took, how, "import")
        halves += check_sound(shop, before, before + 20000, f"import stopped by {how.name}") == before
        ended += code == 0
    print(f"ok  import stopped by {how.name} {kills} times: {halves} left the old state, the rest the new; {ended} had ended before")


def stops_of_fit(shop, dice, kills, how):
    shop.fresh()
    shop.run("fit")
    whole_s = seconds_of(shop, "fit")
    before = shop.doctor()["events"]
    for n in range(kills):
        code, took = stopped(shop, ["fit"], dice.uniform(0, whole_s), how)
        check_stop(code, took, how, "fit")
        check_sound(shop, before, before, f"fit stopped by {how.name}")
        shop.run("recommend", "--user", "ana", "--k", "1")
    shop.run("fit")
    left = [p.name for p in (shop.folder / "snapshots").iterdir() if p.name.startswith(".")]
    check(not left, f"left behind by fits that were stopped: {left}")
    print(f"ok  fit stopped by {how.name} {kills} times: store and snapshots sound, lists go on, the next fit cleans up")


def trials_of(shop, *words):
    """Settings and figures of a tuning, in the order tried; what it said about going on."""
    done = subprocess.run([word for word in shop.command("--json", "tune", *words) if word != "-q"], capture_output=True, text=True, timeout=300)
    check(done.returncode == 0, f"tune: exit code {done.returncode}: {done.stderr[-500:]}")
    trials = json.loads(done.stdout)["trials"]
    return [(t["model"], t["settings"], t["share"], t.get("figure")) for t in trials], done.stderr


def stops_of_tune(shop, files, dice, kills):
    words = ["--models", "slist,popularity", "--trials", "12", "--users", "300"]
    shop.fresh()
    shop.run("import", files)
    whole, _ = trials_of(shop, *words)
    began = time.monotonic()
    anew, said = trials_of(shop, *words, "--fresh")
    whole_s = time.monotonic() - began
    check(anew == whole and "goes on" not in said, "--fresh tried something else")
    for strategy in ("tpe", "halving"):
        expected, _ = trials_of(shop, *words, "--strategy", strategy, "--fresh")
        stopped_at = []
        for n in range(kills):
            process = shop.start("tune", *words, "--strategy", strategy, *(["--fresh"] if n % 3 == 0 else []))
            time.sleep(dice.uniform(0.2, 0.9) * whole_s)
            process.send_signal(signal.SIGKILL if n % 2 == 0 else signal.SIGINT)
            process.communicate(timeout=60)
            check(shop.doctor()["damage"] == [], "a killed tune damaged the store")
            got, said = trials_of(shop, *words, "--strategy", strategy)
            check(got == expected, f"{strategy} taken up after a stop: {got} instead of {expected}")
            stopped_at.append("goes on after" in said)
        check(any(stopped_at), f"{strategy}: no stop fell between trials, the test shows nothing")
        print(f"ok  tune by {strategy} stopped {kills} times: {sum(stopped_at)} went on after trials they had, all ended as uninterrupted")


def check_stop(code, took, how, what):
    if how == signal.SIGKILL:
        return check(code in (0, -9), f"{what}: exit code {code}")
    # The signal's own death (negative) is only possible before main has begun.
    check(code in (0, 7, -how), f"{what} stopped by {how.name}: exit code {code}, expected 7")
    check(took < 1 + SLACK_S, f"{what} stopped by {how.name}: took {took:.2f} s")


def full_disk(shop, files, tmp):
    def limit(size_bytes):
        return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size_bytes, size_bytes))

    shop.fresh()
    before = shop.doctor()["events"]
    for size in (0, 1000, 100000):
        shop.run("import", files, code=5, preexec_fn=limit(size))
        check_sound(shop, before, before, f"import with files limited to {size} bytes")
        shop.run("fit", code=5, preexec_fn=limit(size))
        check(shop.doctor()["snapshots"] == [], "a fit that could not write left a snapshot")
    target = tmp / "events.csv"
    shop.run("export", "--events", target, code=5, preexec_fn=limit(1000))
    check(not target.exists() and not list(tmp.glob("events.csv.part*")), "an export that could not write left a part")
    shop.run("fit")
    print("ok  full disk: import, fit and export say so, keep the old state, and work again with room")


def two_at_once(shop, tmp):
    shop.fresh()
    files = [events_file(tmp, name, 997, 20000) for name in ("p", "q")]
    before = shop.doctor()["events"]
    both = [shop.start("import", f) for f in files]
    for process in both:
        out, err = process.communicate(timeout=120)
        check(process.returncode == 0, f"two imports at once: {err}")
    check(shop.doctor()["events"] == before + 40000, "two imports at once: events are missing")
    both = [shop.start("fit") for _ in range(2)]
    codes = []
    for process in both:
        out, err = process.communicate(timeout=120)
        codes.append(process.returncode)
        check(process.returncode == 0 or "another fit is running" in err, f"two fits at once: {err}")
    check(0 in codes, "two fits at once: neither ended")
    print("ok  two at once: both imports are in, a second fit says who runs")


def erased(shop, tmp):
    shop.fresh()
    name = "zelda-fitzgerald"
    events = tmp / "one.csv"
    events.write_text("user,item,time\n" + "".join(f"{name},{item},{1740000000 + n}\n" for n, item in enumerate(["solaris", "emma", "soup"]))
                      + f"{name},solaris,nonsense\n")
    shop.run("import", events)
    shop.run("fit")
    shop.run("recommend", "--user", name, "--k", "2")
    receipt = shop.run("erase", "--user", name, "--yes").stdout
    check("erased: 3 events, 0 records, 1 exposures, 1 rows set aside" in receipt and "receipt erase-" in receipt, receipt)
    for path in shop.folder.rglob("*"):
        if path.is_file():
            check(name.encode() not in path.read_bytes(), f"the erased name is still in {path}")
    shop.run("erase", "--user", name, "--yes", code=3)
    print("ok  erase: receipt printed, the name is in no file of the workspace")


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--attune", required=True, type=pathlib.Path)
    options.add_argument("--kills", type=int, default=30)
    asked = options.parse_args()
    books = pathlib.Path(__file__).resolve().parents[1] / "worlds/books"
    dice = random.Random(7)
    with tempfile.TemporaryDirectory() as folder:
        tmp = pathlib.Path(folder)
        shop = Shop(asked.attune.resolve(), tmp / "shop", books)
        files = events_file(tmp, "u", 997, 20000)
        erased(shop, tmp)
        two_at_once(shop, tmp)
        full_disk(shop, files, tmp)
        shop.fresh()
        stops_of_import.whole_s = seconds_of(shop, "import", files)
        stops_of_tune(shop, files, dice, max(asked.kills // 5, 3))
        for how, times in ((signal.SIGKILL, asked.kills), (signal.SIGINT, asked.kills // 3), (signal.SIGTERM, asked.kills // 3)):
            stops_of_import(shop, files, dice, times, how)
            stops_of_fit(shop, dice, times, how)
    print("all promises kept")


if __name__ == "__main__":
    main()
