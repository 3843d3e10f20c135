#!/usr/bin/env python3
"""Backups of a service at work: events stream in, fits run, backups are made and killed; every one that is there is whole and has what was
acknowledged before it began. Damaged files are refused. Workspaces of older versions are brought up to date.

Run: backup.py --attune PROGRAM. Prints one line a promise.
"""
import argparse, json, pathlib, random, signal, sqlite3, subprocess, sys, tarfile, tempfile, threading, time
from serve import Service, bookshop, check


def attune(program, *words, code=0):
    done = subprocess.run([str(program), *map(str, words)], capture_output=True, text=True)
    check(done.returncode == code, f"attune {' '.join(map(str, words))}: exit {done.returncode}, expected {code}: {done.stdout}{done.stderr}")
    return done.stdout + done.stderr


class Writer(threading.Thread):
    """Sends event after event; knows how many were acknowledged."""

    def __init__(self, service):
        super().__init__()
        self.service, self.acknowledged, self.is_over = service, 0, False

    def run(self):
        import http.client
        connection = http.client.HTTPConnection("127.0.0.1", self.service.port, timeout=60)
        while not self.is_over:
            n = self.acknowledged
            connection.request("POST", "/v1/events", json.dumps({"user": f"stream{n % 7}", "item": "solaris", "time": 1700000000 + n}))
            answer = connection.getresponse()
            answer.read()
            check(answer.status == 201, f"event {n}: {answer.status}")
            self.acknowledged += 1
        connection.close()


def streamed(workspace):
    store = sqlite3.connect(f"file:{workspace}/attune.db?mode=ro", uri=True)
    times = [row[0] for row in store.execute("SELECT time_ms / 1000 - 1700000000 FROM events e JOIN users u ON u.id = e.user WHERE u.name LIKE 'stream%' ORDER BY sequence")]
    store.close()
    check(times == list(range(len(times))), "events are missing or doubled in between")
    return len(times)


def while_used(program, folder, made):
    service = Service(program, folder)
    writer = Writer(service)
    writer.start()
    try:
        service.ask("POST", "/v1/jobs", {"kind": "fit", "evaluate": False}, 202)
        for n in range(4):
            time.sleep(0.1)
            before = writer.acknowledged
            attune(program, "-q", "-w", folder, "backup", made / f"{n}.tar")
            after = writer.acknowledged
            attune(program, "-q", "-w", made / f"again{n}", "restore", made / f"{n}.tar")
            found = streamed(made / f"again{n}")
            check(before <= found <= after + 1, f"backup {n}: {found} events, {before} acknowledged before it, {after} after")
        check((made / "3.tar").stat().st_mode & 0o077 == 0, "a backup is readable for others")
        job = service.ask("POST", "/v1/jobs", {"kind": "backup", "keep": 2}, 202)["job"]
        while (state := service.ask("GET", f"/v1/jobs/{job}"))["state"] in ("waiting", "running"):
            time.sleep(0.05)
        check(state["state"] == "done" and [n for n in state["notes"] if n.startswith("wrote ")], f"a backup over HTTP: {state}")
        file = pathlib.Path(state["notes"][-1].removeprefix("wrote "))
        check(file.parent == folder / "backups" and "is sound" in attune(program, "restore", "--check", file), "is not sound")
    finally:
        writer.is_over = True
        writer.join()
        service.stop()
    check(writer.acknowledged > 100, f"only {writer.acknowledged} events meanwhile")
    doctor = attune(program, "-w", made / "again3", "doctor")
    again = Service(program, made / "again3", "--refit-after", "0")
    try:
        check(len(again.list("ana", k=3)["items"]) == 3 and again.ask("GET", "/v1/users/stream0")["known"], f"lists of a restored workspace; {doctor}")
    finally:
        again.stop()
    print("ok  backups made while events stream in hold all that was acknowledged before, and serve")


def killed(program, folder, made):
    """Signal 9 at any moment: no file, or a whole one; the next backup clears up."""
    pause = random.Random(7)
    whole = 0
    for n in range(12):
        file = made / "killed.tar"
        file.unlink(missing_ok=True)
        process = subprocess.Popen([str(program), "-q", "-w", str(folder), "backup", str(file)], stdout=subprocess.DEVNULL)
        time.sleep(pause.uniform(0, 0.08))
        process.send_signal(signal.SIGKILL)
        process.wait()
        if file.exists():
            attune(program, "restore", "--check", file)
            whole += 1
    attune(program, "-q", "-w", folder, "backup", made / "killed.tar")
    check([p.name for p in made.glob("killed.tar*")] == ["killed.tar"], f"left over: {list(made.glob('killed.tar*'))}")
    print("ok  a backup that is killed leaves no file, or a whole one")


def damaged(program, made):
    whole = (made / "0.tar").read_bytes()
    with tarfile.open(made / "0.tar") as tar:
        inside = [(m.name, m.offset_data, m.size) for m in tar.getmembers()]
        check(json.load(tar.extractfile("MANIFEST.json"))["files"][0]["name"] == "attune.toml", "any tar reads it")
    bad = made / "bad.tar"
    places = [offset + size // 2 for name, offset, size in inside if size] + [0, 150, 300]
    for place in places:
        bad.write_bytes(whole[:place] + bytes([whole[place] ^ 0x11]) + whole[place + 1:])
        attune(program, "restore", "--check", bad, code=4)
    for cut in (0, 100, 512, len(whole) // 3, len(whole) - 1024 - 512):
        bad.write_bytes(whole[:cut])
        attune(program, "restore", "--check", bad, code=4)
    attune(program, "-w", made / "never", "restore", bad, code=4)
    with tarfile.open(bad, "w") as tar:
        tar.add(made / "0.tar", "../../escape")
    attune(program, "-w", made / "never", "restore", bad, code=4)
    check(not list(made.glob("never*")) and not (made.parent / "escape").exists(), "a damaged backup left something")
    attune(program, "-w", made / "again0", "restore", made / "0.tar", code=2)
    attune(program, "-w", made / "never", "restore", made / "none.tar", code=3)
    print("ok  what is damaged, cut short or foreign is refused; nothing is written over")


# What an older version had: statements that take the store back to it.
OLDER = {4: "DROP INDEX users_by_change; DROP INDEX items_by_change; ALTER TABLE users DROP COLUMN change; "
            "ALTER TABLE items DROP COLUMN change; ALTER TABLE totals DROP COLUMN last_change",
         3: "DROP INDEX exposures_by_request; DROP INDEX events_by_request; DROP TABLE ratings",
         2: "ALTER TABLE exposures DROP COLUMN note",
         1: "DROP INDEX events_by_user; CREATE INDEX events_by_user ON events(user, time_ms); CREATE INDEX events_by_hash ON events(hash)"}


def upgraded(program, made):
    for version in (4, 3, 2, 1):
        folder = made / f"version{version}"
        attune(program, "-q", "-w", folder, "restore", made / "3.tar")
        lists = attune(program, "-q", "--json", "-w", folder, "recommend", "--user", "ana", "--k", "3")
        store = sqlite3.connect(folder / "attune.db")
        for step in range(4, version - 1, -1):
            store.executescript(OLDER[step])
        store.executescript(f"PRAGMA user_version = {version}")
        store.close()
        attune(program, "-q", "-w", folder, "backup", made / "old.tar")       # of the old form, before anything opens it
        for place in (folder, made / f"restored{version}"):
            if place != folder:
                attune(program, "-q", "-w", place, "restore", made / "old.tar")
            service = Service(program, place)
            try:
                shown = service.list("ana", k=3)
                check([i["item"] for i in shown["items"]] == [i["item"] for i in json.loads(lists)["items"]], f"version {version}: lists differ")
                service.ask("POST", "/v1/events", {"user": "upgraded", "item": "solaris", "request": shown["request"]}, 201)
                service.ask("POST", f"/v1/exposures/{shown['request']}/rating", {"value": 1}, 201)
            finally:
                service.stop()
            check("damage" not in attune(program, "-w", place, "doctor"), f"version {version}: not sound")
    store = sqlite3.connect(made / "version1/attune.db")
    store.executescript("PRAGMA user_version = 99")
    store.close()
    said = attune(program, "-w", made / "version1", "serve", "--port", "0", code=6)
    check("version 99" in said and "use a newer attune" in said, said)
    attune(program, "-q", "-w", made / "version1", "backup", made / "newer.tar")
    attune(program, "-w", made / "never", "restore", made / "newer.tar", code=6)
    print("ok  workspaces and backups of older versions are brought up to date; newer ones are refused")


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--attune", required=True, type=pathlib.Path)
    asked = options.parse_args()
    with tempfile.TemporaryDirectory() as made:
        made = pathlib.Path(made)
        folder = made / "books"
        bookshop(asked.attune, folder)
        while_used(asked.attune, folder, made)
        killed(asked.attune, folder, made)
        damaged(asked.attune, made)
        upgraded(asked.attune, made)


if __name__ == "__main__":
    main()
