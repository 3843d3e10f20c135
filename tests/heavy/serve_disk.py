#!/usr/bin/env python3
"""A full disk under a running service: writes get 503 and say when to come again, reads go on, nothing acknowledged is lost, and with
room again writes go on. A limit on the size of files stands in for the full disk, as anybody may set one.

Run: serve_disk.py --attune PROGRAM; prints a line a promise, fails on the first that is broken.
"""
import argparse, pathlib, resource, subprocess, sys, tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "scenarios"))
from serve import Service, bookshop, check, names


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--attune", required=True, type=pathlib.Path)
    asked = options.parse_args()
    with tempfile.TemporaryDirectory() as made:
        folder = pathlib.Path(made) / "books"
        bookshop(asked.attune, folder)
        service = Service(asked.attune, folder)
        before = service.ask("GET", "/v1/health")["events"]
        resource.prlimit(service.process.pid, resource.RLIMIT_FSIZE, (400_000, resource.RLIM_INFINITY))
        accepted = refused = 0
        for batch in range(30):
            lines = "".join('{"user":"d%d","item":"x%d","time":%d}\n' % (n % 50, n % 40, 1650000000000 + batch * 1000 + n) for n in range(500))
            service.connection.request("POST", "/v1/events", lines, {"Content-Type": "application/x-ndjson"})
            answer = service.connection.getresponse()
            answer.read()
            check(answer.status in (201, 503), f"a full disk answers {answer.status}")
            check(answer.status == 201 or answer.getheader("Retry-After"), "503 without Retry-After")
            accepted += 500 * (answer.status == 201)
            refused += answer.status == 503
            check(len(names(service.list("ana", k=3))) == 3, "lists stopped with the disk")
        check(refused > 0, "the disk never was full")
        check(service.ask("GET", "/v1/health")["status"] == "ready", "reads work, so the service is ready")
        print("ok  a full disk: %d batches refused with 503, lists went on" % refused)
        resource.prlimit(service.process.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        service.ask("POST", "/v1/events", {"user": "room", "item": "again"}, 201)
        check(service.ask("GET", "/v1/health")["events"] == before + accepted + 1, "what was acknowledged is not what is there")
        service.stop()
        doctor = subprocess.run([str(asked.attune), "-q", "--json", "-w", str(folder), "doctor"], capture_output=True, text=True, check=True)
        check('"damage": []' in doctor.stdout, f"damage: {doctor.stdout[:300]}")
        print("ok  with room again writes go on; all that was acknowledged is there, nothing is damaged")


if __name__ == "__main__":
    main()
