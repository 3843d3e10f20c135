#!/usr/bin/env python3
"""The service as an application sees it: start it, ask, tell it what happened, see the list change, stop it, start it again.

Run: serve.py --attune PROGRAM [--workspace FOLDER]; without a folder: a small bookshop made here. Prints one line a promise.
"""
import argparse, http.client, json, pathlib, subprocess, sys, tempfile, time, urllib.parse


def check(holds, words):
    if not holds:
        sys.exit("FAILED " + words)


class Service:
    """`attune serve` on a free port, ended by its process id."""

    def __init__(self, program, workspace, *options):
        command = [str(program), "-q", "-w", str(workspace), "serve", "--port", "0", *options]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        check(line.startswith("listening on http://127.0.0.1:"), f"the address was not printed: {line!r} {self.process.stderr.read() if not line else ''}")
        self.port = int(line.rsplit(":", 1)[1])
        self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)

    def ask(self, method, path, body=None, code=200, type="application/json", headers={}):
        data = body if body is None or isinstance(body, (bytes, str)) else json.dumps(body)
        self.connection.request(method, path, data, {"Content-Type": type, **headers} if data is not None else headers)
        answer = self.connection.getresponse()
        text = answer.read()
        check(answer.status == code, f"{method} {path}: {answer.status}, expected {code}: {text[:500]!r}")
        self.headers = {name.lower(): value for name, value in answer.getheaders()}
        return json.loads(text) if text else None

    def list(self, user, **query):
        path = f"/v1/users/{urllib.parse.quote(user, safe='')}/recommendations?" + urllib.parse.urlencode(query)
        return self.ask("GET", path)

    def stop(self):
        began = time.monotonic()
        self.process.terminate()
        self.process.communicate(timeout=60)
        return self.process.returncode, time.monotonic() - began


def names(answer):
    return [entry["item"] for entry in answer["items"]]


def bookshop(program, folder):
    books = pathlib.Path(__file__).resolve().parents[1] / "worlds/books"
    for words in (["init"], ["import", books / "items.csv", books / "events.csv"], ["fit", "--no-evaluate"]):
        subprocess.run([str(program), "-q", "-w", str(folder), *map(str, words)], check=True, capture_output=True)


def asks(service):
    first = service.list("somebody-new", k=5, explain="true")
    check(len(first["items"]) == 5 and first["notes"], "an unknown user gets what most people take, and is told so")
    shown = first["items"][0]["item"]
    taken = service.ask("POST", "/v1/events", {"user": "somebody-new", "item": shown, "request": first["request"]}, 201)
    check(taken["accepted"] == 1 and taken["rejected"] == [] and taken["sequence"] > 0, f"event taken: {taken}")
    then = service.list("somebody-new", k=5, explain="true")
    check(shown not in names(then) and names(then) != names(first), "the next list has changed, and what was taken is gone from it")
    for entry in then["items"]:
        check(abs(sum(part["value"] for part in entry["parts"]) - entry["score"]) < 1e-3 * max(1, abs(entry["score"])), f"parts do not add up: {entry}")
    print("ok  a new user's first event is in the next list, every score the sum of its parts")
    return shown, taken["sequence"]


def puts(service, like):
    text = service.ask("GET", "/v1/items/" + urllib.parse.quote(like, safe=""))["text"]
    service.ask("PUT", "/v1/items/brand%20new", {"text": text + ", second edition", "attributes": {"price": 3}}, 201)
    check("brand new" in names(service.ask("GET", f"/v1/items/{urllib.parse.quote(like, safe='')}/similar?k=5")), "a new item is not among those like its twin")
    check(names(service.ask("POST", "/v1/recommendations", {"about": text, "filter": "price = 3 and name = 'brand new'"})) == ["brand new"], "a new item is in no list")
    service.ask("PUT", "/v1/items/brand%20new", {"hidden": True})
    check(names(service.ask("POST", "/v1/recommendations", {"about": text, "filter": "name = 'brand new'"})) == [], "a hidden item is in a list")
    service.ask("DELETE", "/v1/items/brand%20new")
    service.ask("GET", "/v1/items/brand%20new", code=404)
    print("ok  a new item is in lists at once; hidden or erased it is in none")


def refuses(service):
    lines = '{"user":"u1","item":"x"}\nnonsense\n{"user":"u1"}\n{"user":"u2","item":"x","value":1e400}\n{"user":"u2","item":"y","time":"2099-01-01"}\n{"user":"u2","item":"y","itm":1}\n{"user":"u3","item":"y"}\n'
    taken = service.ask("POST", "/v1/events", lines, 201, "application/x-ndjson")
    check(taken["accepted"] == 2 and [r["line"] for r in taken["rejected"]] == [2, 3, 4, 5, 6], f"rejected lines: {taken}")
    for method, path, body, code, name, field in [
            ("GET", "/v1/users/ana/recommendations?k=0", None, 400, "bad_field", "k"), ("GET", "/v1/users/ana/recommendations?kk=1", None, 400, "unknown_field", "kk"),
            ("POST", "/v1/events", '{"user": "ana"', 400, "bad_json", ""), ("POST", "/v1/events", {"user": "ana", "item": "x", "value": "many"}, 400, "bad_field", "value"),
            ("POST", "/v1/recommendations", {"history": ["no such item"]}, 404, "not_found", ""), ("GET", "/v1/items/none/similar", None, 404, "not_found", ""),
            ("GET", "/v1/users/ana/recommendations?filter=price%20%3C%3C%203", None, 400, "bad_request", ""), ("PATCH", "/v1/events", "{}", 405, "method_not_allowed", ""),
            ("GET", "/nowhere", None, 404, "no_such_path", "")]:
        error = service.ask(method, path, body, code)["error"]
        check(error["code"] == name and error["field"] == field and error["message"] and error["request"] == service.headers["x-request-id"], f"{method} {path}: {error}")
    print("ok  bad input gets 4xx with a stable code, the field and the fix; bad lines cost themselves only")


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--attune", required=True, type=pathlib.Path)
    options.add_argument("--workspace", type=pathlib.Path)
    asked = options.parse_args()
    with tempfile.TemporaryDirectory() as made:
        folder = asked.workspace or pathlib.Path(made) / "books"
        if asked.workspace is None:
            bookshop(asked.attune, folder)
        service = Service(asked.attune, folder)
        try:
            shown, sequence = asks(service)
            puts(service, shown)
            refuses(service)
            before = service.ask("GET", "/v1/health")
            check(before["status"] == "ready" and before["sequence"] >= sequence, f"health: {before}")
        finally:
            code, took = service.stop()
        check(code == 0 and took < 5, f"SIGTERM: exit code {code} after {took:.1f} s")
        service = Service(asked.attune, folder)
        try:
            after = service.ask("GET", "/v1/health")
            check(after["sequence"] == before["sequence"] and after["events"] == before["events"], f"after a restart: {after}, before: {before}")
            check(shown not in names(service.list("somebody-new", k=5)), "after a restart the new user's event counts no more")
            service.ask("DELETE", "/v1/users/somebody-new")
            check(service.ask("GET", "/v1/users/somebody-new")["known"] is False, "an erased user is still known")
        finally:
            service.stop()
        print("ok  stopped by SIGTERM with exit code 0; started again it knows all that it acknowledged; erased is erased")


if __name__ == "__main__":
    main()
