#!/usr/bin/env python3
"""What stands around the answers: TLS, other origins, ETags, traces to a collector, the log, an orderly end.

Run: serve_edges.py --attune PROGRAM. Prints one line a promise.
"""
import argparse, gzip, http.client, http.server, json, pathlib, re, signal, socket, ssl, subprocess, sys, tempfile, threading, time, warnings

from serve import bookshop, check


class Logged:
    """A service whose log is kept."""

    def __init__(self, program, workspace, *options, scheme="http"):
        self.log = tempfile.TemporaryFile("w+")
        self.process = subprocess.Popen([str(program), "-w", str(workspace), "serve", "--port", "0", *map(str, options)], stdout=subprocess.PIPE, stderr=self.log, text=True)
        line = self.process.stdout.readline()
        check(line.startswith(f"listening on {scheme}://"), f"the address was not printed: {line!r}")
        self.port = int(line.rsplit(":", 1)[1])

    def ask(self, method, path, body=None, headers={}, context=None):
        connection = http.client.HTTPSConnection("localhost", self.port, timeout=30, context=context) if context else http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        text = answer.read()
        connection.close()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, text

    def lines(self):
        self.log.seek(0)
        return [json.loads(line) for line in self.log.read().splitlines() if line.startswith("{")]

    def stop(self):
        self.process.terminate()
        self.process.wait(timeout=60)
        return self.process.returncode


def tls(program, folder, made):
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", made / "key.pem", "-out", made / "cert.pem"], check=True, capture_output=True)
    for bad in (["--tls-cert", made / "cert.pem"], ["--tls-cert", made / "cert.pem", "--tls-key", made / "cert.pem"], ["--tls-cert", folder / "attune.toml", "--tls-key", made / "key.pem"], ["--tls-cert", made / "none.pem", "--tls-key", made / "key.pem"]):
        done = subprocess.run([str(program), "-q", "-w", str(folder), "serve", "--port", "0", *map(str, bad)], capture_output=True, text=True, timeout=30)
        check(done.returncode == 2 and re.search("tls|certificate|key", done.stderr), f"{bad}: exit {done.returncode}: {done.stderr}")
    service = Logged(program, folder, "--tls-cert", made / "cert.pem", "--tls-key", made / "key.pem", scheme="https")
    try:
        trusted = ssl.create_default_context(cafile=made / "cert.pem")
        status, headers, text = service.ask("GET", "/v1/users/ana/recommendations?k=2", context=trusted)
        check(status == 200 and len(json.loads(text)["items"]) == 2, f"a list over TLS: {status}")
        old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        old.check_hostname, old.verify_mode = False, ssl.CERT_NONE
        warnings.simplefilter("ignore", DeprecationWarning)      # that is what it is about
        old.minimum_version, old.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
        old.set_ciphers("ALL:@SECLEVEL=0")
        try:
            service.ask("GET", "/v1/health/live", context=old)
            check(False, "TLS 1.1 is taken")
        except (ssl.SSLError, ConnectionError, OSError):
            pass
        with socket.create_connection(("127.0.0.1", service.port), timeout=10) as plain:
            plain.sendall(b"GET /v1/health/live HTTP/1.1\r\nHost: localhost\r\n\r\n")
            got = plain.recv(1000)
            check(not got.startswith(b"HTTP/1.1 200"), f"plain HTTP is answered on a TLS port: {got[:100]}")
        check(service.ask("GET", "/v1/health/live", context=trusted)[0] == 200, "the next caller")
    finally:
        check(service.stop() == 0, "exit code")
    print("ok  TLS 1.2 and later, nothing else; a certificate that cannot be is named at the start")


def origins(service):
    status, headers, _ = service.ask("OPTIONS", "/v1/events", headers={"Origin": "https://shop.example", "Access-Control-Request-Method": "POST"})
    check(status == 204 and headers["access-control-allow-origin"] == "https://shop.example" and "POST" in headers["access-control-allow-methods"], f"preflight: {status} {headers}")
    status, headers, _ = service.ask("POST", "/v1/events", '{"user": "o", "item": "solaris"}', {"Origin": "https://shop.example"})
    check(status == 201 and headers["access-control-allow-origin"] == "https://shop.example", f"from an origin that may: {status}")
    for foreign in ("https://evil.example", "https://shop.example.evil.example", "null"):
        status, headers, _ = service.ask("POST", "/v1/events", '{"user": "o", "item": "solaris"}', {"Origin": foreign})
        check(status == 403 and "access-control-allow-origin" not in headers, f"from {foreign}: {status}")
        _, headers, _ = service.ask("GET", "/v1/health", headers={"Origin": foreign})
        check("access-control-allow-origin" not in headers, f"{foreign} may read")
    check(service.ask("GET", "/v1/health", headers={"Host": "evil.example"})[0] in (200, 403) and service.ask("GET", "/v1/users", headers={"Host": "evil.example"})[0] == 403, "a name of somebody else's that leads here")
    print("ok  pages of the origins named may ask, others neither read nor write")


def caches(service):
    status, headers, text = service.ask("GET", "/v1/items/solaris")
    again = service.ask("GET", "/v1/items/solaris", headers={"If-None-Match": headers["etag"]})
    check(again[0] == 304 and again[2] == b"" and again[1]["etag"] == headers["etag"], f"unchanged: {again}")
    service.ask("PUT", "/v1/items/solaris", '{"attributes": {"stock": 3}}')
    changed = service.ask("GET", "/v1/items/solaris", headers={"If-None-Match": headers["etag"]})
    check(changed[0] == 200 and changed[1]["etag"] != headers["etag"] and json.loads(changed[2])["attributes"]["stock"] == 3, "changed")
    packed = service.ask("GET", "/v1/openapi.json", headers={"Accept-Encoding": "gzip"})
    check(packed[1]["content-encoding"] == "gzip" and json.loads(gzip.decompress(packed[2]))["openapi"] == "3.1.0" and "Accept-Encoding" in packed[1]["vary"], "packed")
    check("content-encoding" not in service.ask("GET", "/v1/openapi.json", headers={"Accept-Encoding": "gzip;q=0"})[1], "packed though not wanted")
    status, headers, text = service.ask("HEAD", "/v1/items/solaris")
    check(status == 200 and text == b"" and int(headers["content-length"]) > 10, f"HEAD: {status} {headers}")
    print("ok  what a caller has is not sent again; packed when asked for")


class Collector(http.server.BaseHTTPRequestHandler):
    """Takes OTLP over HTTP as any collector does."""
    spans = []

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        check(self.path == "/v1/traces" and self.headers["Content-Type"] == "application/json", f"{self.path} {self.headers['Content-Type']}")
        for resource in body["resourceSpans"]:
            names = {a["key"]: a["value"].get("stringValue") for a in resource["resource"]["attributes"]}
            check(names["service.name"] == "attune", f"whose spans: {names}")
            for scope in resource["scopeSpans"]:
                Collector.spans += scope["spans"]
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *arguments):
        pass


def traces(service, collector):
    trace, parent = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
    _, headers, _ = service.ask("GET", "/v1/users/ana/recommendations?k=3&filter=price%20%3C%2099", headers={"traceparent": f"00-{trace}-{parent}-01"})
    service.ask("GET", "/v1/health", headers={"traceparent": f"00-{'ab' * 16}-{parent}-00"})       # not to be sampled
    service.ask("GET", "/v1/health", headers={"traceparent": "nonsense"})
    for _ in range(100):
        mine = [span for span in Collector.spans if span["traceId"] == trace]
        if mine:
            break
        time.sleep(0.1)
    check(mine, "no span came to the collector")
    root = next(span for span in mine if span.get("parentSpanId") == parent)
    stages = {span["name"] for span in mine if span.get("parentSpanId") == root["spanId"]}
    check("GET /v1/users/{user}/recommendations" in root["name"] and {"fuse"} <= stages or len(stages) >= 3, f"a span for each stage: {root['name']}, {stages}")
    check(int(root["endTimeUnixNano"]) > int(root["startTimeUnixNano"]) > 1e18 and not any("ana" in json.dumps(span) for span in mine), "times; no names of users")
    check(not [span for span in Collector.spans if span["traceId"] == "ab" * 16], "a caller that said no was traced")
    lines = [line for line in service.lines() if line.get("message") == "request"]
    check(any(line.get("trace") == trace and line["route"] == "/v1/users/{user}/recommendations" for line in lines), "the log names the trace")
    for line in lines:
        check({"level", "time", "request", "method", "route", "status", "ms", "bytes", "who", "from"} <= set(line) and re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", line["time"]), f"a line of the log: {line}")
    check("/users/ana" not in json.dumps(lines), "the log names users")
    print("ok  a trace goes on in the collector, stage by stage, and in the log; neither names users")


def ends(service):
    """A request that has begun when SIGTERM comes is answered; new ones are not taken."""
    body = b'{"user": "late", "item": "solaris"}'
    with socket.create_connection(("127.0.0.1", service.port), timeout=20) as late:
        late.sendall(b"POST /v1/events HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n" % len(body) + body[:10])
        time.sleep(0.2)
        service.process.send_signal(signal.SIGTERM)
        time.sleep(0.3)
        try:
            socket.create_connection(("127.0.0.1", service.port), timeout=2).close()
            check(False, "new connections are taken while the service ends")
        except OSError:
            pass
        late.sendall(body[10:])
        answer = late.recv(4000)
        check(answer.startswith(b"HTTP/1.1 201"), f"a request under way: {answer[:200]}")
    service.process.wait(timeout=30)
    check(service.process.returncode == 0, f"exit code {service.process.returncode}")
    print("ok  SIGTERM: what was begun is answered, nothing new is taken, exit code 0")


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--attune", required=True, type=pathlib.Path)
    program = options.parse_args().attune
    collector = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Collector)
    threading.Thread(target=collector.serve_forever, daemon=True).start()
    with tempfile.TemporaryDirectory() as made:
        made = pathlib.Path(made)
        folder = made / "books"
        bookshop(program, folder)
        tls(program, folder, made)
        service = Logged(program, folder, "--cors", "https://shop.example,https://other.example", "--otlp", f"http://127.0.0.1:{collector.server_port}")
        try:
            origins(service)
            caches(service)
            traces(service, collector)
            ends(service)
        finally:
            if service.process.poll() is None:
                service.stop()


if __name__ == "__main__":
    main()
