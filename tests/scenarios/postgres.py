#!/usr/bin/env python3
"""A workspace on PostgreSQL, as an operator sees it: every command on it, two services in step, a server that goes and comes back.

Run: postgres.py --attune PROGRAM. Prints one line a promise.
"""
import argparse, json, os, pathlib, subprocess, sys, tempfile, threading, time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "support")]
from postgres_server import Postgres
from serve import Service, check, names

BOOKS = HERE.parent / "worlds/books"


def attune(program, folder, *words, code=0, env={}):
    done = subprocess.run([str(program), "-w", str(folder), *map(str, words)], capture_output=True, text=True, env={**os.environ, **env})
    check(done.returncode == code, f"attune {' '.join(map(str, words))}: exit {done.returncode}, expected {code}: {done.stdout[-500:]} {done.stderr[-500:]}")
    return done.stdout + done.stderr


def within(seconds, what, look):
    """Waits until look() says yes; how long it took."""
    began = time.monotonic()
    while not look():
        check(time.monotonic() - began < seconds, f"{what}: not within {seconds} s")
        time.sleep(0.02)
    return time.monotonic() - began


def commands(program, folder, server):
    url = server.url("shop", password="pw-in-url")
    said = attune(program, folder, "init", "--store", url)
    check("its data in postgres://attune@/attune?host=" in said, f"init says where the data is: {said}")
    check((folder / "attune.toml").stat().st_mode & 0o77 == 0, "attune.toml with a password in it is readable for others")
    said += attune(program, folder, "init", "--store", server.url("elsewhere"), code=2)
    said += attune(program, folder, "import", BOOKS / "items.csv", BOOKS / "events.csv")
    again = attune(program, folder, "import", BOOKS / "events.csv")
    check(" 0 events taken" in again, f"importing twice changes nothing: {again}")
    said += attune(program, folder, "fit", "--no-evaluate")
    lists = attune(program, folder, "--json", "recommend", "--user", "ana", "--k", "3")
    check(len(json.loads(lists)["items"]) == 3, f"a list: {lists}")
    said += attune(program, folder, "doctor")
    check("no problems found" in said, f"doctor: {said}")
    said += attune(program, folder, "export", "--to", folder / "out") if "--to" in attune(program, folder, "export", "--help") else ""
    check(server.sql("SELECT count(*) FROM shop.log") == server.sql("SELECT events FROM shop.totals") != "0", "the view log shows the events")
    check(not (folder / "attune.db").exists(), "no SQLite file is made beside it")
    check("pw-in-url" not in said + again + lists, "the password is in what a command prints")
    # The same tables through the environment alone, by another workspace.
    other = folder.with_name("other")
    attune(program, other, "init", env={"ATTUNE_STORE_URL": url})
    check('"events": ' in attune(program, other, "--json", "doctor", env={"ATTUNE_STORE_URL": url}) or True, "")
    counted = json.loads(attune(program, other, "--json", "doctor", env={"ATTUNE_STORE_URL": url}))
    check(str(counted["events"]) == server.sql("SELECT events FROM shop.totals"), f"another workspace on the same store: {counted}")
    print("ok  every command works on PostgreSQL, and none shows the password")


def unknown(answer):
    return any(note.get("stage", note.get("note")) == "history" for note in answer.get("notes", []))


def follows(one, two, server):
    """What goes into one service is in the answers of the other."""
    two.list("newcomer", k=3)
    first = two.list("ana", k=5)
    taken = names(first)[0]
    one.ask("POST", "/v1/events", {"user": "ana", "item": taken, "type": "purchase", "request": first["request"]}, 201)
    event = within(1, "an event", lambda: taken not in names(two.list("ana", k=5)))
    check(len(two.ask("GET", f"/v1/exposures/{first['request']}")["items"][0]["taken"]) == 1, "a list shown by one service is found by the other")
    text = one.ask("GET", "/v1/items/solaris")["text"]
    one.ask("PUT", "/v1/items/solaris-2", {"text": text + ", second edition", "attributes": {"price": 3}}, 201)
    put = within(1, "a new item", lambda: "solaris-2" in names(two.ask("GET", "/v1/items/solaris/similar?k=50")))
    two.ask("PUT", "/v1/items/solaris-2", {"hidden": True})
    hid = within(1, "a hidden item", lambda: "solaris-2" not in names(one.ask("GET", "/v1/items/solaris/similar?k=50")))
    check(two.ask("GET", "/v1/users/ana")["events"] > 0 and not unknown(two.list("ana", k=1, explain="true")), "ana is known")
    one.ask("DELETE", "/v1/users/ana")
    gone = within(1, "an erased user", lambda: unknown(two.list("ana", k=1, explain="true")))
    one.ask("DELETE", "/v1/items/solaris-2")
    within(1, "an erased item", lambda: two.connection and "solaris-2" not in names(two.ask("POST", "/v1/recommendations", {"about": text, "k": 100})))
    print(f"ok  events, items and erasures of one service are in the other's answers within a second")
    return {"event": event, "item": put, "hidden": hid, "erasure": gone}


def both_write(one, two, server):
    """The same events into both at once: each is there once."""
    body = "\n".join(json.dumps({"user": f"writer{k % 40}", "item": "solaris" if k % 2 else "kindred", "time": 1700000000 + k}) for k in range(2000))
    answers = []
    def send(service):
        for part in range(4):
            lines = "\n".join(body.split("\n")[part * 500:(part + 1) * 500])
            answers.append(service.ask("POST", "/v1/events", lines, 201, type="application/x-ndjson"))
    threads = [threading.Thread(target=send, args=(service,)) for service in (one, two)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    check(sum(a["accepted"] for a in answers) == 2000 == sum(a["repeated"] for a in answers), f"accepted and repeated: {answers}")
    check(server.sql("SELECT count(*), max(sequence) - min(sequence) + 1 FROM shop.events WHERE user_id IN (SELECT id FROM shop.users WHERE name LIKE 'writer%')") == "2000|2000", "places have gaps or events are double")
    print("ok  two services that are sent the same events keep each once, without gaps")


def snapshots(program, folder, one, two):
    old = two.ask("GET", "/v1/snapshots")["in_service"]
    job = one.ask("POST", "/v1/jobs", {"kind": "fit", "evaluate": False}, 202)["job"]
    within(60, "a fit", lambda: one.ask("GET", f"/v1/jobs/{job}")["state"] == "done")
    new = one.ask("GET", "/v1/snapshots")["in_service"]
    check(new != old, "the fit made no new snapshot")
    within(5, "another's snapshot", lambda: two.ask("GET", "/v1/snapshots")["in_service"] == new)
    one.ask("PUT", f"/v1/snapshots/{old}/pin")
    within(5, "another's pin", lambda: two.list("ben", k=1)["snapshot"] == old)
    one.ask("DELETE", "/v1/snapshots/pin")
    within(5, "a pin taken off", lambda: two.list("ben", k=1)["snapshot"] == new)
    print("ok  a snapshot fitted or pinned by one service goes into service in the other")


def falls(one, two, server):
    """The server falls while events are sent: what was acknowledged is there, once; lists go on for those in memory; then all is well again."""
    acknowledged, is_over = [], threading.Event()
    def send():
        k = 0
        while not is_over.is_set():
            k += 1
            one.connection.request("POST", "/v1/events", json.dumps({"user": "steady", "item": "solaris", "time": 1600000000 + k}), {"Content-Type": "application/json"})
            answer = one.connection.getresponse()
            text = answer.read()
            if answer.status == 201:
                acknowledged.append(1600000000 + k)
            else:
                check(answer.status == 503 and b"hunter" not in text, f"{answer.status} {text[:300]}")
    sender = threading.Thread(target=send)
    sender.start()
    within(10, "events", lambda: len(acknowledged) > 20)
    for _ in range(2):
        server.crash()
        server.start()
        before = len(acknowledged)
        within(20, "events after the fall", lambda: len(acknowledged) > before + 20)
    is_over.set()
    sender.join()
    kept = [int(t) // 1000 for t in server.sql("SELECT time_ms FROM shop.events WHERE user_id = (SELECT id FROM shop.users WHERE name = 'steady')").split()]
    check(len(kept) == len(set(kept)), "events were doubled")
    check(set(acknowledged) <= set(kept), f"{len(set(acknowledged) - set(kept))} acknowledged events are gone")
    within(20, "health after the falls", lambda: is_well(one) and is_well(two))
    two.list("marker", k=3)
    one.ask("POST", "/v1/events", {"user": "marker", "item": "solaris"}, 201)
    within(10, "in step after the falls", lambda: "solaris" not in names(two.list("marker", k=12)))   # what it catches up with is forgotten from memory
    two.list("ben", k=3)
    server.stop()
    two.list("ben", k=3)     # in memory
    health = two.ask("GET", "/v1/health", code=503)
    check(health["status"] == "unavailable" and health["checks"]["store"] == "unavailable", f"health without a server: {health}")
    two.ask("POST", "/v1/events", {"user": "late", "item": "solaris"}, 503)
    server.start()
    within(10, "health after the return", lambda: is_well(two))
    within(10, "health of the other after the return", lambda: is_well(one))
    two.ask("POST", "/v1/events", {"user": "late", "item": "solaris"}, 201)
    within(1, "in step again", lambda: one.ask("GET", "/v1/users/late")["known"])
    print("ok  a server that falls loses and doubles nothing acknowledged; while it is away lists go on, health tells, writes get 503")


def is_well(service):
    service.connection.request("GET", "/v1/health")
    answer = service.connection.getresponse()
    answer.read()
    return answer.status == 200


def main():
    words = argparse.ArgumentParser()
    words.add_argument("--attune", required=True)
    words.add_argument("--times", help="file for how long things took, as JSON")
    options = words.parse_args()
    program = pathlib.Path(options.attune).resolve()
    with Postgres() as server, tempfile.TemporaryDirectory() as folder:
        shop = pathlib.Path(folder) / "shop"
        commands(program, shop, server)
        one, two = Service(program, shop), Service(program, shop)
        try:
            times = follows(one, two, server)
            both_write(one, two, server)
            snapshots(program, shop, one, two)
            falls(one, two, server)
            check(one.stop()[0] == 0 and two.stop()[0] == 0, "stopped by SIGTERM with exit code 0")
        finally:
            for service in (one, two):
                if service.process.poll() is None:      # something failed: what the service said helps
                    service.process.kill()
                    print(*[line for line in service.process.communicate()[1].splitlines() if "error" in line][-5:], sep="\n", file=sys.stderr)
    if options.times:
        pathlib.Path(options.times).write_text(json.dumps(times))


if __name__ == "__main__":
    main()
