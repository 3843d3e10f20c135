#!/usr/bin/env python3
"""Who may: keys, roles, rates, logins, the audit log, and that no secret is in any log, answer or file.

Run: rights.py --attune PROGRAM. Prints one line a promise.
"""
import argparse, http.client, json, pathlib, subprocess, sys, tempfile, time

from serve import Document, Service, bookshop, check


def attune(program, folder, *words, given=None, code=0):
    done = subprocess.run([str(program), "-w", str(folder), *map(str, words)], input=given, capture_output=True, text=True, timeout=60)
    check(done.returncode == code, f"{words}: exit {done.returncode}, expected {code}: {done.stdout} {done.stderr}")
    return done.stdout.strip()


class Logged(Service):
    """A service whose log is kept, to be searched for secrets."""

    def __init__(self, program, workspace, log, *options):
        command = [str(program), "-w", str(workspace), "serve", "--port", "0", "--log-paths", *options]
        self.log = open(log, "w+", encoding="utf-8")
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=self.log, text=True)
        line = self.process.stdout.readline()
        check(line.startswith("listening on "), f"the address was not printed: {line!r} {pathlib.Path(log).read_text()}")
        self.port = int(line.rsplit(":", 1)[1])
        self.document = None
        self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)

    def stop(self):
        result = super().stop()
        self.log.flush()
        return result


def bearer(key):
    return {"Authorization": "Bearer " + key}


def without_keys(program, folder):
    service = Service(program, folder, admin=False)
    try:
        check(service.ask("GET", "/v1/session") | {"x": 0} == {"name": "local", "role": "write", "by": "open door", "x": 0}, "the open door is not said to be one")
        service.list("ana", k=3)
        service.ask("POST", "/v1/events", {"user": "ana", "item": "dune"}, 201)
        for method, path in (("DELETE", "/v1/users/ana"), ("POST", "/v1/keys"), ("GET", "/v1/audit")):
            error = service.ask(method, path, {} if method == "POST" else None, 401)["error"]
            check("attune keys create" in error["fix"], f"no key yet: {error}")
        check(service.ask("GET", "/v1/users/ana", headers={"Host": "evil.example"}, code=403)["error"]["code"] == "foreign_host", "a foreign name of this machine gets in")
        check(service.ask("POST", "/v1/events", {"user": "ana", "item": "dune"}, 403, headers={"Origin": "http://evil.example"})["error"]["code"] == "foreign_origin", "a foreign page gets in")
        service.ask("GET", "/v1/session", headers=bearer("attune-" + "0" * 64), code=401)
        key = attune(program, folder, "keys", "create", "--name", "late", "--role", "read")
        deadline = time.monotonic() + 5
        while service.ask("GET", "/v1/session")["by"] == "open door":
            check(time.monotonic() < deadline, "the door stays open after the first key")
            time.sleep(.1)
        service.ask("GET", "/v1/users/ana", code=401)
        service.ask("GET", "/v1/users/ana", headers=bearer(key))
    finally:
        service.stop()
    print("ok  without keys: loopback only, no admin, no foreign page; the first key shuts the door of a running service")


def roles(service, keys):
    read, write, admin = (bearer(keys[role]) for role in ("read", "write", "admin"))
    asks = [("GET", "/v1/users/ana/recommendations?k=2", None, "read", 200), ("GET", "/metrics", None, "read", 200), ("GET", "/v1/metrics", None, "read", 200),
            ("POST", "/v1/events", {"user": "ben", "item": "dune"}, "write", 201), ("PUT", "/v1/items/fresh", {"text": "a fresh book"}, "write", 201),
            ("GET", "/v1/keys", None, "admin", 200), ("GET", "/v1/audit", None, "admin", 200), ("DELETE", "/v1/items/fresh", None, "admin", 200)]
    order = ["nobody", "read", "write", "admin"]
    for method, path, body, need, good in asks:
        for role, headers in zip(order, ({}, read, write, admin)):
            expected = good if order.index(role) >= order.index(need) else 401 if role == "nobody" else 403
            connection = http.client.HTTPConnection("127.0.0.1", service.port, timeout=60)
            connection.request(method, path, None if body is None else json.dumps(body), {"Content-Type": "application/json", **headers})
            answer = connection.getresponse()
            text = answer.read()
            allowed = {expected, 200} if expected == 201 else {expected}    # a second PUT finds it there
            check(answer.status in allowed, f"{role}: {method} {path}: {answer.status}, expected {expected}: {text[:300]!r}")
            if answer.status == 401:
                check(answer.getheader("WWW-Authenticate") == "Bearer", "401 without WWW-Authenticate")
            connection.close()
    service.ask("GET", "/v1/session", headers={"X-API-Key": keys["read"]})
    for bad in ("Bearer", "Bearer ", "Basic YTpi", keys["read"], "Bearer " + keys["read"][:-1], "Bearer " + "x" * 5000):
        service.ask("GET", "/v1/session", headers={"Authorization": bad}, code=401)
    for open_path in ("/v1/health", "/v1/health/live", "/v1/health/ready"):
        service.ask("GET", open_path)
    print("ok  every route takes exactly the roles it needs; 401 for nobody, 403 for too little; health is for all")


def rates(service, key):
    answers = []
    for _ in range(8):
        service.connection.request("GET", "/v1/session", headers=bearer(key))
        answer = service.connection.getresponse()
        answer.read()
        answers.append((answer.status, answer.getheader("RateLimit-Limit"), answer.getheader("RateLimit-Remaining"), answer.getheader("Retry-After")))
    check([a[0] for a in answers] == [200] * 5 + [429] * 3, f"5 an hour: {answers}")
    check([a[2] for a in answers[:5]] == ["4", "3", "2", "1", "0"] and all(a[1] == "5" for a in answers), f"RateLimit headers: {answers}")
    check(all(700 <= int(a[3]) <= 721 for a in answers[5:]), f"Retry-After: {answers}")
    print("ok  a key over its rate gets 429 with Retry-After and RateLimit headers")


def logins(program, folder, service, password):
    check(service.ask("POST", "/v1/login", {"name": "eve", "password": "wrong password"}, 401)["error"]["code"] == "wrong_login", "wrong password")
    check(service.ask("POST", "/v1/login", {"name": "nobody", "password": password}, 401)["error"]["code"] == "wrong_login", "unknown name")
    entered = service.ask("POST", "/v1/login", {"name": "eve", "password": password})
    cookie = service.headers["set-cookie"]
    check("HttpOnly" in cookie and "SameSite=Strict" in cookie and "Secure" not in cookie and service.headers["cache-control"] == "no-store", f"cookie: {cookie}")
    check(entered["role"] == "admin" and entered["name"] == "eve" and len(entered["csrf"]) == 64, f"login: {entered}")
    mine = {"Cookie": cookie.split(";")[0]}
    check(service.ask("GET", "/v1/session", headers=mine)["csrf"] == entered["csrf"], "the session does not tell its csrf after a reload")
    service.ask("GET", "/v1/keys", headers=mine)
    event = {"user": "ana", "item": "dune", "time": "2024-01-01"}
    check(service.ask("POST", "/v1/events", event, 403, headers=mine)["error"]["code"] == "csrf", "a write by cookie alone")
    check(service.ask("POST", "/v1/events", event, 403, headers=mine | {"X-CSRF-Token": "0" * 64})["error"]["code"] == "csrf", "a write with another csrf")
    service.ask("POST", "/v1/events", event, 201, headers=mine | {"X-CSRF-Token": entered["csrf"]})
    service.ask("POST", "/v1/events", event, 403, headers=mine | {"X-CSRF-Token": entered["csrf"], "Origin": "https://evil.example"})
    service.ask("POST", "/v1/events", event, 201, headers=mine | {"X-CSRF-Token": entered["csrf"], "Origin": f"http://127.0.0.1:{service.port}"})
    service.ask("POST", "/v1/logout", {}, headers=mine | {"X-CSRF-Token": entered["csrf"]})
    check("Max-Age=0" in service.headers["set-cookie"], "logout leaves the cookie")
    service.ask("GET", "/v1/keys", headers=mine, code=401)
    for _ in range(5):
        service.ask("POST", "/v1/login", {"name": "mallory", "password": "guess after guess"}, 401)
    slowed = service.ask("POST", "/v1/login", {"name": "mallory", "password": "guess after guess"}, 429)
    check(slowed["error"]["code"] == "too_many_logins" and int(service.headers["retry-after"]) >= 1, f"slowed: {slowed}")
    again = service.ask("POST", "/v1/login", {"name": "eve", "password": password})
    mine = {"Cookie": service.headers["set-cookie"].split(";")[0]}
    attune(program, folder, "-q", "keys", "user", "eve", "--role", "admin", given="another good password\n")
    deadline = time.monotonic() + 5
    while service.ask("GET", "/v1/session", headers=mine)["by"] == "session":
        check(time.monotonic() < deadline, "a new password leaves old sessions")
        time.sleep(.1)
    print("ok  logins: cookie and X-CSRF-Token, wrong ones slowed down, logout and a new password end sessions")
    return again["csrf"], mine["Cookie"].split("=", 1)[1]


def written_down(program, folder, service, keys):
    admin = bearer(keys["admin"])
    receipt = service.ask("DELETE", "/v1/users/ben", headers=admin)["receipt"]
    made = service.ask("POST", "/v1/keys", {"name": "made-here", "role": "read", "rate": "10/s"}, 201, headers=admin)["key"]
    service.ask("GET", "/v1/session", headers=bearer(made))
    service.ask("DELETE", "/v1/users/ben", headers=bearer(keys["write"]), code=403)
    service.ask("DELETE", "/v1/keys/made-here", headers=admin)
    service.ask("GET", "/v1/session", headers=bearer(made), code=401)
    deadline = time.monotonic() + 5
    while True:
        entries = service.ask("GET", "/v1/audit?n=1000", headers=admin)["entries"]
        if any(e["action"] == "DELETE /v1/keys/{key}" for e in entries):
            break
        check(time.monotonic() < deadline, f"not written down: {entries}")
        time.sleep(.05)
    found = {(e["who"], e["action"], e["what"], e["status"]) for e in entries}
    for wanted in (("a-admin", "DELETE /v1/users/{user}", "receipt " + receipt, 200), ("a-admin", "keys create", "made-here read", 201), ("a-write", "DELETE /v1/users/{user}", "", 403),
                   ("a-admin", "DELETE /v1/keys/{key}", "key made-here", 200), ("eve", "login", "", 200), ("eve", "login failed", "", 401)):
        check(wanted in found, f"{wanted} is not in the audit log: {sorted(found)}")
    check(all(e["request"] for e in entries if e["action"].startswith("DELETE")), "no request id")
    text = attune(program, folder, "audit", "-n", "1000")
    check("unix:" in text and "keys create  a-admin admin" in text and receipt in text and "ben" not in text.split(), f"attune audit: {text}")
    page = service.ask("GET", "/v1/audit?n=2", headers=admin)
    more = service.ask("GET", f"/v1/audit?n=2&before={page['before']}", headers=admin)
    check([e["number"] for e in page["entries"] + more["entries"]] == [e["number"] for e in entries[:4]], "pages of the audit log")
    print("ok  admin actions, erasures, keys and logins are in the audit log with who and request id; the erased name is not")
    return made


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--attune", required=True, type=pathlib.Path)
    asked = options.parse_args()
    with tempfile.TemporaryDirectory() as made:
        first, folder, log = pathlib.Path(made) / "first", pathlib.Path(made) / "books", pathlib.Path(made) / "log"
        bookshop(asked.attune, first)
        subprocess.run(["cp", "-r", first, folder], check=True)
        without_keys(asked.attune, first)
        password = "correct horse battery"
        keys = {role: attune(asked.attune, folder, "keys", "create", "--name", "a-" + role, "--role", role) for role in ("read", "write", "admin")}
        slow = attune(asked.attune, folder, "keys", "create", "--name", "slow", "--role", "read", "--rate", "5/h")
        attune(asked.attune, folder, "keys", "create", "--name", "slow", "--role", "read", code=2)
        attune(asked.attune, folder, "keys", "create", "--name", "x", "--role", "root", code=2)
        attune(asked.attune, folder, "keys", "user", "eve", given="short\n", code=2)
        attune(asked.attune, folder, "keys", "user", "eve", "--role", "admin", given=password + "\n")
        attune(asked.attune, folder, "serve", "--port", "0", "--open-admin", code=2)
        listed = attune(asked.attune, folder, "keys", "list")
        check(all(name in listed for name in ("a-read", "a-write", "a-admin", "slow", "5/h", "eve")) and not any(key in listed for key in keys.values()), f"keys list: {listed}")
        service = Logged(asked.attune, folder, log, "--host", "127.0.0.1")
        try:
            service.document = Document(service.ask("GET", "/v1/openapi.json", headers=bearer(keys["read"])))
            roles(service, keys)
            rates(service, slow)
            csrf, token = logins(asked.attune, folder, service, password)
            new = written_down(asked.attune, folder, service, keys)
            attune(asked.attune, folder, "keys", "revoke", "a-read")
            attune(asked.attune, folder, "keys", "revoke", "a-read", code=3)
            deadline = time.monotonic() + 5
            while True:
                service.connection.request("GET", "/v1/session", headers=bearer(keys["read"]))
                answer = service.connection.getresponse()
                answer.read()
                if answer.status == 401:
                    break
                check(time.monotonic() < deadline, "a revoked key works on")
                time.sleep(.1)
        finally:
            service.stop()
        print("ok  a revoked key ends in the running service within a second or two")
        lines = [json.loads(line) for line in log.read_text().splitlines() if line.startswith("{")]
        check(len(lines) > 50 and all({"level", "time", "request", "trace", "route", "status", "ms"} <= line.keys() for line in lines if line["message"] == "request"), f"log lines: {lines[:2]}")
        secrets = [*keys.values(), slow, new, password, "another good password", "guess after guess", csrf, token]
        files = [log, *(path for path in folder.rglob("*") if path.is_file())]
        for path in files:
            data = path.read_bytes()
            for secret in secrets:
                check(secret.encode() not in data and secret[7:].encode() not in data, f"a secret ({secret[:10]}..) is in {path}")
        print(f"ok  no key, password, session or csrf token is in the log or any file of the workspace ({len(files)} files searched)")


if __name__ == "__main__":
    main()
