#!/usr/bin/env python3
"""The service as an application sees it: start it, ask, tell it what happened, see the list change, stop it, start it again.

Run: serve.py --attune PROGRAM [--workspace FOLDER]; without a folder: a small bookshop made here. Prints one line a promise.
"""
import argparse, gzip, http.client, json, pathlib, re, socket, subprocess, sys, tempfile, time, urllib.parse


def check(holds, words):
    if not holds:
        sys.exit("FAILED " + words)


class Service:
    """`attune serve` on a free port, ended by its process id."""

    def __init__(self, program, workspace, *options, admin=True, before=()):
        command = [*before, str(program), "-q", "-w", str(workspace), "serve", "--port", "0", *(["--open-admin"] if admin else []), *options]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        check(line.startswith("listening on http://127.0.0.1:"), f"the address was not printed: {line!r} {self.process.stderr.read() if not line else ''}")
        self.port = int(line.rsplit(":", 1)[1])
        self.document = None
        self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)

    def ask(self, method, path, body=None, code=200, type="application/json", headers={}):
        data = body if body is None or isinstance(body, (bytes, str)) else json.dumps(body)
        self.connection.request(method, path, data, {"Content-Type": type, **headers} if data is not None else headers)
        answer = self.connection.getresponse()
        text = answer.read()
        check(answer.status == code, f"{method} {path}: {answer.status}, expected {code}: {text[:500]!r}")
        self.headers = {name.lower(): value for name, value in answer.getheaders()}
        answer = json.loads(text) if text else None
        if self.document:
            self.document.check(method, path, code, answer)
        return answer

    def list(self, user, **query):
        path = f"/v1/users/{urllib.parse.quote(user, safe='')}/recommendations?" + urllib.parse.urlencode(query)
        return self.ask("GET", path)

    def stop(self):
        began = time.monotonic()
        self.process.terminate()
        self.process.communicate(timeout=60)
        return self.process.returncode, time.monotonic() - began


def fits(value, schema, all, where):
    """Does a value keep to its JSON Schema; the parts of the standard that our document uses. Returns what is wrong, or None."""
    if "$ref" in schema:
        return fits(value, all[schema["$ref"].rsplit("/", 1)[1]], all, where)
    if "const" in schema and value != schema["const"] or "enum" in schema and value not in schema["enum"]:
        return f"{where}: {value!r} is not one of {schema.get('enum', schema.get('const'))}"
    if "oneOf" in schema:
        problems = [fits(value, one, all, where) for one in schema["oneOf"]]
        return None if problems.count(None) == 1 else f"{where}: fits {problems.count(None)} of {len(problems)}: {problems}"
    kinds = schema.get("type", [])
    names = {"object": dict, "array": list, "string": str, "boolean": bool, "null": type(None), "integer": int, "number": (int, float)}
    kinds = [kinds] if isinstance(kinds, str) else kinds
    if kinds and not any(isinstance(value, names[kind]) and not (isinstance(value, bool) and kind in ("integer", "number")) for kind in kinds):
        return f"{where}: {value!r} is no {kinds}"
    if isinstance(value, dict):
        missing = [name for name in schema.get("required", []) if name not in value]
        if missing:
            return f"{where}: {missing} missing"
        for name, part in value.items():
            inner = schema.get("properties", {}).get(name, schema.get("additionalProperties", True))
            if inner is False:
                return f"{where}: {name} is not in the schema"
            problem = fits(part, inner, all, f"{where}.{name}") if isinstance(inner, dict) else None
            if problem:
                return problem
    if isinstance(value, list) and "items" in schema:
        return next((p for p in (fits(part, schema["items"], all, f"{where}[{n}]") for n, part in enumerate(value)) if p), None)
    return None


class Document:
    """The OpenAPI document, and what of it was seen."""

    def __init__(self, json):
        self.json, self.seen = json, set()
        self.paths = [(re.compile(re.sub(r"\{[^}]*\}", "[^/]+", path)), path) for path in json["paths"]]

    def check(self, method, target, status, answer):
        path = target.split("?")[0]
        found = sorted((len(re.findall(r"\{", name)), name) for pattern, name in self.paths if pattern.fullmatch(path) and method.lower() in self.json["paths"][name])
        if not found:
            return
        operation = self.json["paths"][found[0][1]][method.lower()]
        check(str(status) in operation["responses"], f"{method} {path} answers {status}, which is not in the document")
        schema = operation["responses"][str(status)].get("content", {}).get("application/json", {}).get("schema")
        problem = fits(answer, schema, self.json["components"]["schemas"], "answer") if schema else None
        check(problem is None, f"{method} {path}: {status}: {problem}")
        if status < 300:
            self.seen.add(operation["operationId"])

    def unseen(self):
        return sorted(o["operationId"] for path in self.json["paths"].values() for o in path.values() if o["operationId"] not in self.seen)


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


def loops(service):
    """A list, what answered it, how good it was; page after page; again with the same key."""
    first = service.list("ana", k=2)
    cursor, seen = first["cursor"], names(first)
    while cursor:
        page = service.list("ana", k=2, cursor=cursor)
        cursor = page["cursor"]
        seen += names(page)
    check(len(seen) == len(set(seen)) > 4, f"pages repeat: {seen}")
    service.ask("POST", "/v1/events", {"user": "ana", "item": seen[1], "type": "view", "request": first["request"]}, 201)
    service.ask("POST", f"/v1/exposures/{first['request']}/rating", {"value": 0.5}, 201)
    shown = service.ask("GET", f"/v1/exposures/{first['request']}")
    check(names(shown) == names(first) and len(shown["items"][1]["taken"]) == 1 and shown["rating"]["value"] == 0.5, f"the list shown: {shown}")
    check(service.ask("GET", "/v1/ratings")["count"] == 1, "the rating is not among the ratings")
    again = [service.ask("POST", "/v1/events", {"user": "key", "item": seen[0]}, 201, headers={"Idempotency-Key": "one"}) for _ in range(3)]
    check(again[0] == again[1] == again[2] and service.ask("GET", "/v1/users/key")["events"] == 1, f"sent again with one key: {again}")
    service.ask("POST", "/v1/events", [{"user": "key", "item": seen[1]}, {"user": "key", "item": seen[2]}], 201)
    check(service.ask("GET", "/v1/users/key/events?n=2")["total"] == 3, "an array of events")
    disliked = names(service.list("key", k=1))[0]
    service.ask("POST", "/v1/events", [{"user": "key", "item": disliked}, {"user": "key", "item": disliked, "type": "view"}], 201)
    check(disliked not in names(service.list("key", k=20)), "what was taken is in the list")
    check(service.ask("DELETE", f"/v1/users/key/events?item={urllib.parse.quote(disliked)}&type=event")["taken_back"] == 1, "not taken back")
    check(disliked in names(service.list("key", k=20)) and service.ask("GET", "/v1/users/key/events")["total"] == 4, "what was taken back is not in the list again")
    service.ask("DELETE", "/v1/users/key/events", code=400)
    print("ok  pages without repeats; a list is found with what answered it and how good it was; one key, one doing")


def raw(service):
    """What no client library sends."""
    def status_of(text):
        with socket.create_connection(("127.0.0.1", service.port), timeout=20) as connection:
            connection.sendall(text)
            connection.shutdown(socket.SHUT_WR)
            answer = b""
            while piece := connection.recv(65536):
                answer += piece
        check(answer.startswith(b"HTTP/1.1 "), f"no answer to {text[:60]!r}: {answer[:100]!r}")
        return int(answer[9:12])

    event = b'{"user": "raw", "item": "solaris"}'
    head = b"POST /v1/events HTTP/1.1\r\nHost: localhost\r\n"
    for text, status in [
            (b"nonsense\r\n\r\n", 400), (b"GET / HTTP/9.9\r\n\r\n", 400), (b"GET /v1/health HTTP/1.1\r\nX: " + b"x" * 20000 + b"\r\n\r\n", 431),
            (head + b"Content-Length: 99999999999\r\n\r\n" + event * 20000, 413), (head + b"Content-Length: minus\r\n\r\n", 400),
            (head + b"Transfer-Encoding: chunked\r\n\r\n%x\r\n" % len(event) + event + b"\r\n0\r\n\r\n", 201), (head + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n", 400),
            (head + b"Content-Length: %d\r\nExpect: 100-continue\r\n\r\n" % len(event) + event, 100), (head + b"Content-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc", 400),
            (head + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(gzip.compress(event)) + gzip.compress(event), 201),
            (b"GET /v1/users/%00%ff/recommendations HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", 400), (b"HEAD /v1/health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", 200)]:
        got = status_of(text)
        check(got == status, f"{text[:80]!r}: {got}, expected {status}")
    print("ok  what is no HTTP, too long or cut off gets its 4xx; chunks and gzip are read")


def refits(service):
    """A fit beside the service, put in service; back to the one before; forth again. A fit that falls leaves all as it was."""
    old = service.ask("GET", "/v1/snapshots")["in_service"]
    job = service.ask("POST", "/v1/jobs", {"kind": "fit", "evaluate": False}, 202)["job"]
    service.ask("POST", "/v1/jobs", {"kind": "fit"}, 409)
    for _ in range(600):
        state = service.ask("GET", f"/v1/jobs/{job}")
        if state["state"] not in ("waiting", "running"):
            break
        time.sleep(0.1)
    new = service.ask("GET", "/v1/snapshots")["in_service"]
    check(state["state"] == "done" and state["snapshot"] == new != old, f"the fit: {state}")
    check(service.ask("PUT", f"/v1/snapshots/{old}/pin")["in_service"] == old == service.list("ana")["snapshot"], "not rolled back")
    check(service.ask("DELETE", "/v1/snapshots/pin")["in_service"] == new == service.list("ana")["snapshot"], "not forth again")
    service.ask("GET", f"/v1/snapshots/{new}")
    bad = service.ask("POST", "/v1/jobs", {"kind": "fit", "models": ["no_such_model"]}, 202)["job"]
    for _ in range(600):
        state = service.ask("GET", f"/v1/jobs/{bad}")
        if state["state"] not in ("waiting", "running"):
            break
        time.sleep(0.1)
    check(state["state"] == "failed" and "no_such_model" in state["message"], f"a fit that cannot be: {state}")
    check(service.list("ana")["snapshot"] == new and len(service.ask("GET", "/v1/jobs")["jobs"]) == 2, "the service after a fit that failed")
    for _ in range(20):      # cancelled at once: the stop reaches the fit before it is a program of its own, and must not stop the service
        slow = service.ask("POST", "/v1/jobs", {"kind": "fit"}, 202)["job"]
        check(service.ask("DELETE", f"/v1/jobs/{slow}")["state"] == "cancelled", "not cancelled")
    print("ok  a fit runs beside the service and is put in service; back and forth; one that fails changes nothing")


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
    service.connection.request("GET", "/metrics")
    counts = dict(re.findall(r'attune_events_rejected_total\{field="(\w+)"\} (\d+)', service.connection.getresponse().read().decode()))
    check(set(counts) == {"json", "item", "value", "time", "other"} and counts["time"] == counts["item"] == "1", f"refused events are counted by field: {counts}")
    print("ok  bad input gets 4xx with a stable code, the field and the fix; bad lines cost themselves only")


def beside(program, folder, service):
    """What commands do to the workspace while the service runs is in its answers within a second or two."""
    def attune(*words):
        subprocess.run([str(program), "-q", "-w", str(folder), *map(str, words)], check=True, capture_output=True)

    def within(what, holds):
        until = time.monotonic() + 10
        while not holds():
            check(time.monotonic() < until, f"not in the answers of the service: {what}")
            time.sleep(0.05)

    more = pathlib.Path(folder) / "more"
    more.mkdir()
    (more / "items.csv").write_text("item,text\nfrom beside,a novel about lighthouses and the sea\n", encoding="utf-8")
    (more / "events.csv").write_text("user,item,time\nvisitor,solaris,2024-05-01\n", encoding="utf-8")
    before = names(service.list("visitor", k=20))
    check("solaris" in before, f"the visitor's list before the import: {before}")
    attune("import", more / "items.csv", more / "events.csv")
    within("an imported event", lambda: "solaris" not in names(service.list("visitor", k=20)))
    within("an imported item", lambda: names(service.ask("POST", "/v1/recommendations", {"about": "lighthouses", "filter": "name = 'from beside'"})) == ["from beside"])
    attune("erase", "--user", "visitor", "--yes")
    within("an erasure", lambda: "solaris" in names(service.list("visitor", k=20)))
    old = service.ask("GET", "/v1/health")["snapshot"]
    attune("fit", "--no-evaluate")
    within("a fit", lambda: service.ask("GET", "/v1/health")["snapshot"] != old)
    attune("erase", "--item", "from beside", "--yes")
    print("ok  what is imported, erased and fitted by commands beside the service is in its answers")


def by_itself(program, folder):
    """Enough events since the snapshot: a fit starts by itself and is put in service."""
    service = Service(program, folder, "--refit-after", "5")
    try:
        old = service.ask("GET", "/v1/health")["snapshot"]
        for n in range(10):
            service.ask("POST", "/v1/events", {"user": f"drift{n}", "item": "solaris"}, 201)
        for _ in range(300):
            time.sleep(0.1)
            if service.ask("GET", "/v1/health")["snapshot"] != old:
                break
        jobs = service.ask("GET", "/v1/jobs")
        check(jobs["jobs"][0]["why"].startswith("drift") and service.ask("GET", "/v1/health")["snapshot"] == jobs["jobs"][0]["snapshot"] != old, f"no fit by itself: {jobs}")
    finally:
        service.stop()
    print("ok  enough events since the snapshot: a fit starts by itself and is put in service")


def rest(service, item):
    """What no story above needed; then every route was asked and every answer fits the document."""
    quoted = urllib.parse.quote(item, safe="")
    service.ask("GET", f"/v1/users/ana/items/{quoted}/explanation")
    service.ask("POST", "/v1/explanations", {"item": item, "history": ["solaris"]})
    service.ask("GET", "/v1/search?q=planet&explain=1")
    service.ask("PUT", "/v1/users/ana", {"text": "likes planets", "attributes": {"city": "Porto"}}, 201)
    service.ask("GET", "/v1/health/live")
    service.ask("POST", "/v1/chat", {"message": "something about planets", "user": "ana"})
    check(service.ask("GET", "/v1/snapshots/current")["in_service"] is True, "the snapshot in service")
    found = service.ask("GET", "/v1/names?q=an&n=3")
    check(found["users"][0] == "ana" and service.ask("GET", "/v1/names?q=after-the-fit")["users"] == [], f"names: {found}")
    page, seen = service.ask("GET", "/v1/items?n=5"), []
    while True:
        seen += names(page)
        if page["cursor"] is None:
            break
        page = service.ask("GET", "/v1/items?n=5&cursor=" + page["cursor"])
    check(len(seen) == len(set(seen)) == page["total"] >= 12, f"items page by page: {seen}")
    check("ana" in service.ask("GET", "/v1/users?n=1000")["users"], "the users")
    service.ask("GET", "/v1/health")
    service.ask("PUT", "/v1/users/gone", {}, 201)
    service.ask("DELETE", "/v1/users/gone")
    service.ask("GET", "/v1/openapi.json")
    check(service.ask("GET", "/v1/doctor?deep=true")["store"]["items"] > 0 and service.ask("GET", "/v1/series?minutes=60")["step_s"] == 60, "the doctor and the series")
    check(any(s["name"] == "lists.k" and s["value"] == 10 for s in service.ask("GET", "/v1/settings")["settings"]) and service.ask("GET", "/v1/plugins")["plugins"], "the settings")
    drawing = service.ask("GET", "/v1/map", code=202)     # drawn while others are answered
    for _ in range(300):
        if drawing["state"] != "making":
            break
        time.sleep(0.05)
        service.connection.request("GET", "/v1/map")
        drawing = json.loads(service.connection.getresponse().read())
    drawn = service.ask("GET", "/v1/map")
    check(drawn["state"] == "ready" and len(drawn["x"]) == len(drawn["y"]) >= 12, f"the map: {drawn}")
    check(service.ask("GET", f"/v1/map/items?at=0&item={quoted}")["items"][0]["item"], "items of the map")
    service.ask("GET", "/v1/studies")
    said = service.ask("POST", "/v1/chat", {"message": "a book about planets", "user": "ana"})
    more = service.ask("POST", "/v1/chat", {"message": "the second one, but cheaper", "user": "ana", "dialogue": said["dialogue"]})
    check(said["say"] and said["items"] and more["say"] and more["dialogue"] != said["dialogue"], f"a conversation: {said} {more}")
    mine = [o for o in service.document.unseen() if not re.search(EXCEPT, o)]
    check(not mine, f"routes in the document that this never asked: {mine}")
    print("ok  every route of the document was asked, and every answer fits its schema")


EXCEPT = "experiment|off_policy|_keys|_audit|_login|_logout|_session|_metrics|_health_ready|_desk_"       # operations that other scenarios ask


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
            service.document = Document(service.ask("GET", "/v1/openapi.json"))
            shown, sequence = asks(service)
            puts(service, shown)
            loops(service)
            refuses(service)
            raw(service)
            refits(service)
            rest(service, shown)
            beside(asked.attune, folder, service)
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
            for command in (["doctor"], ["recommend", "--user", "ana"]):       # another process opens and closes the store
                subprocess.run([str(asked.attune), "-q", "-w", str(folder), *command], check=True, capture_output=True)
            service.ask("POST", "/v1/events", {"user": "after", "item": shown}, 201)
            service.ask("DELETE", "/v1/users/after")
            check(service.ask("GET", "/v1/users/somebody-new")["known"] is False, "an erased user is still known")
        finally:
            service.stop()
        by_itself(asked.attune, folder)
        print("ok  stopped by SIGTERM with exit code 0; started again it knows all that it acknowledged; erased is erased")


if __name__ == "__main__":
    main()
