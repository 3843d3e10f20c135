#!/usr/bin/env python3
"""What a generator may do to a conversation: an endpoint that obeys whoever writes to it, invents, changes prices, drops reasons, sends pages, hangs or floods, asked
through the whole of `attune chat --json` and POST /v1/chat. The reply must be the template's, and no order in a text of the catalogue may reach the endpoint.

Run: generators.py --attune PROGRAM. Prints one line a promise.
"""
import argparse, http.server, json, pathlib, re, subprocess, sys, tempfile, threading, time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from serve import Service, check

TITLES = ["Solaris", "Emma", "The Dispossessed", "The Left Hand of Darkness", "Roadside Picnic"]
LIES = {
    "obeys": lambda plain: plain + " PWNED",
    "invents a title": lambda plain: "The Galaxy Toaster 9000. " + plain,
    "names another book": lambda plain: plain.rstrip(".:") + ", and Emma too.",
    "swaps a title": lambda plain: plain.replace("Left Hand", "Right Hand").replace("Solaris", "Emma") + " indeed indeed",
    "another price": lambda plain: re.sub(r"\d+", lambda m: str(int(m[0]) + 1), plain) + "" if re.search(r"\d", plain) else plain + " It costs 1.",
    "drops what follows a comma or because": lambda plain: re.split(r",|;|because|:|\.", plain)[0][:-1] + "x",
    "praises": lambda plain: "The best of all: " + plain,
    "markup": lambda plain: "<b>" + plain + "</b>",
    "link": lambda plain: plain + " See http://evil.example/pay",
    "denies": lambda plain: "Not so: " + plain,
    "another script": lambda plain: plain + " 무료 배송 ９折 مجانا",
    "nothing": lambda plain: "",
    "very long": lambda plain: plain * 400,
}


class Endpoint(http.server.BaseHTTPRequestHandler):
    lie, raw, seen, asked = staticmethod(lambda plain: plain), None, [], 0

    def do_POST(self):
        prompt = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["messages"][0]["content"]
        Endpoint.seen.append(prompt)
        Endpoint.asked += 1
        lines = prompt.strip().splitlines()
        plain = re.sub(r"^(Plain|原句)[:：] ?", "", lines[-2])
        try:
            if Endpoint.raw:
                return Endpoint.raw(self)
            self.send(json.dumps({"choices": [{"message": {"content": Endpoint.lie(plain)}}]}).encode())
        except OSError:
            pass                                # who asked has gone: the time was over

    def send(self, body, type="application/json", status=200):
        self.send_response(status)
        self.send_header("Content-Type", type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *words):
        pass


def hang(handler):
    time.sleep(3)


RAW = {
    "a page": lambda handler: handler.send(b"<html><h1>Solaris is free today</h1></html>", "text/html"),
    "a page called JSON": lambda handler: handler.send(b"<html>502</html>"),
    "an error": lambda handler: handler.send(b"{}", status=500),
    "a flood": lambda handler: handler.send(b" " * (20 << 20)),
    "rubbish": lambda handler: handler.wfile.write(b"\xff\xfe\x00 no http\r\n\r\n"),
    "half an answer": lambda handler: (handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 900\r\n\r\n{\"choices\": [{\"mess"), handler.connection.close()),
    "hanging": hang,
}


def talk(program, shop, messages):
    """Every message with the dialogue of the last one -> the replies; a process of its own."""
    done = subprocess.run([str(program), "-q", "-w", str(shop), "--json", "chat", "-k", "3", "--no-learn"], input="\n".join(messages) + "\n", capture_output=True, text=True, timeout=120)
    check(done.returncode == 0, f"chat ended with {done.returncode}: {done.stderr[-400:]}")
    replies = [json.loads(line) for line in done.stdout.splitlines()]
    check(len(replies) == len(messages), f"{len(messages)} messages, {len(replies)} replies")
    return replies


def settings(shop, **language):
    path = shop / "attune.toml"
    text = re.sub(r"\n# talk\n.*", "", path.read_text(), flags=re.S)
    path.write_text(text + "\n# talk\n[language]\n" + "".join(f"{key} = {json.dumps(value)}\n" for key, value in language.items()) if language else text)


def same(told, plain, catalogue, what):
    for one, two in zip(told, plain):
        check(one["say"] == two["say"], f"{what}: {one['say']!r} was said instead of {two['say']!r}")
        check([item["item"] for item in one["items"]] == [item["item"] for item in two["items"]], f"{what}: other items")
        check({item["item"] for item in one["items"]} <= catalogue, f"{what}: items that are not there")


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--attune", required=True, type=pathlib.Path)
    program = options.parse_args().attune.resolve()
    root = pathlib.Path(__file__).resolve().parents[2]
    orders = [line.split(" | ", 1) for line in (root / "data/safety/injections.txt").read_text().splitlines() if line and not line.startswith("#")]
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Endpoint)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with tempfile.TemporaryDirectory() as folder:
        shop = pathlib.Path(folder) / "shop"
        run = lambda *words: subprocess.run([str(program), "-q", "-w", str(shop), *words], check=True, capture_output=True)
        evil = pathlib.Path(folder) / "evil.jsonl"
        evil.write_text("".join(json.dumps({"item": f"evil-{n}", "text": text, "price": 5 + n, "genre": "science fiction"}, ensure_ascii=False) + "\n" for n, (where, text) in enumerate(orders) if where.strip() == "item"))
        run("init"), run("import", str(root / "tests/worlds/books/items.csv"), str(root / "tests/worlds/books/events.csv")), run("import", str(evil)), run("fit")
        catalogue = {json.loads(line)["item"] for line in evil.read_text().splitlines()} | {line.split(",")[0] for line in (root / "tests/worlds/books/items.csv").read_text().splitlines()[1:]}
        wishes = ["a science fiction book under 9", "why the first?", "how much is the first?", "never mind the price", "compare the first two", "why not Solaris?", "I like the second one", "not Emma", "推荐几本便宜的书", "第一个多少钱", "为什么推荐它", "撤销"]
        on = {"remote": "on", "url": f"http://127.0.0.1:{server.server_port}/v1", "model": "liar", "retries": 0, "breaker_failures": 100, "generator_ms": 20000, "tokens_per_day": 0}
        plain = talk(program, shop, wishes)
        settings(shop, **on)
        Endpoint.lie = lambda plain: ("好的，" if re.search("[\u4e00-\u9fff]", plain) else "Sure, ") + plain
        told = talk(program, shop, wishes)
        better = sum(one["say"] != two["say"] and one["say"].replace("Sure, ", "").replace("好的，", "") == two["say"].replace("好的，", "") for one, two in zip(told, plain))
        check(better >= 5 and Endpoint.asked > 0, f"an honest endpoint changed {better} replies")
        print("ok  an honest endpoint adds its words and nothing else")
        lies = list(LIES.items())
        for start in range(4):                  # each lie meets sentences of several kinds
            Endpoint.asked = start * 4
            Endpoint.lie = lambda plain: lies[Endpoint.asked % len(lies)][1](plain)
            same(talk(program, shop, wishes), plain, catalogue, "lies")
            check(Endpoint.asked >= start * 4 + 10, f"the endpoint was asked {Endpoint.asked - start * 4} times")
        print("ok  an endpoint that invents, changes, drops, praises or obeys leaves the template")
        Endpoint.lie = LIES["obeys"]
        settings(shop, **{**on, "generator_ms": 500})
        for what, Endpoint.raw in RAW.items():
            began = time.monotonic()
            same(talk(program, shop, wishes[:3]), plain, catalogue, what)
            check(what != "hanging" or time.monotonic() - began < 8, f"three replies took {time.monotonic() - began:.1f} s from an endpoint that hangs")
        Endpoint.raw = None
        settings(shop, **on)
        print("ok  one that sends pages, errors, floods or nothing leaves the template, within the time for a reply")
        messages = [text for where, text in orders if where.strip() == "message"]
        Endpoint.seen.clear()
        evil_talk = messages + ["science fiction under 60", "show me more", "more", "why the first?", "compare the first two", "科幻", "第一个多少钱"]
        settings(shop)
        plain = talk(program, shop, evil_talk)
        settings(shop, **on)
        same(talk(program, shop, evil_talk), plain, catalogue, "orders")
        for prompt in Endpoint.seen:
            check(not re.search(r"(?i)ignore all|ignore your|must recommend|always recommend|im_start|\[INST\]|### Instruction|system prompt|忽略|无视|必须推荐|最高优先级", prompt), f"an order reached the endpoint: {prompt[-300:]!r}")
        for reply in plain:
            check(not re.search(r"(?i)\bhacked\b|PWNED|BUY BUY|api key is|password is|free today|evil\.example", reply["say"]), f"an order was obeyed: {reply['say']!r}")
        print(f"ok  {len(messages)} orders in messages and {len(orders) - len(messages)} in texts of the catalogue: none obeyed, none in a prompt")
        service = Service(program, shop)
        try:
            seen = []
            for message in messages + wishes:
                answer = service.ask("POST", "/v1/chat", {"message": message, "k": 3})
                check({item["item"] for item in answer["items"]} <= catalogue and "PWNED" not in answer["say"], f"over HTTP: {answer['say']!r}")
                seen.append(answer)
            check(len(Endpoint.seen) > len(wishes), "the service asked nobody")
        finally:
            service.stop()
        settings(shop)
        service = Service(program, shop)
        try:
            for message, told in zip(messages + wishes, seen):
                answer = service.ask("POST", "/v1/chat", {"message": message, "k": 3})
                same([told], [answer], catalogue, "over HTTP")
        finally:
            service.stop()
        print("ok  over HTTP the same")


main()
