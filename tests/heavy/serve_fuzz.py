#!/usr/bin/env python3
"""Requests as chance writes them: whole ones with bytes changed, doubled, cut out; bodies of JSON turned about. The service may refuse
them; it may not fall, answer 5xx, or stop answering others. Seeded: a failure comes again.

Run: serve_fuzz.py --attune PROGRAM [--requests 20000] [--seed 1]; prints what was answered, fails on the first broken promise and shows the request.
"""
import argparse, collections, json, pathlib, random, socket, sys, tempfile, urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "scenarios"))
from serve import Service, bookshop, check, names

SEEDS = [
    ("GET", "/v1/users/ana/recommendations?k=5&explain=true&filter=price%20%3C%3D%209&diversity=0.3&caps=genre%3D2&exclude=solaris,pride", None),
    ("POST", "/v1/recommendations", {"history": ["solaris", "pride"], "about": "planets", "k": 3, "filter": "price < 10 and not genre = 'x'", "diversity": 0.5, "models": ["slist"], "language": "zh"}),
    ("POST", "/v1/events", {"user": "ana", "item": "pride", "type": "view", "value": 3.5, "time": "2024-05-01T10:00:00Z", "session": "s", "request": "r1"}),
    ("POST", "/v1/events", [{"user": "ana", "item": "pride"}, {"user": 7, "item": "x", "time": 1700000000.5}]),
    ("PUT", "/v1/items/new%20one", {"text": "a new book", "attributes": {"price": 3, "genre": ["a", "b"]}, "hidden": False}),
    ("PUT", "/v1/users/ana", {"text": "likes planets", "attributes": {"age": 30}}),
    ("GET", "/v1/search?q=planet&k=3", None), ("GET", "/v1/items/solaris/similar?k=3&explain=1", None), ("GET", "/v1/users/ana/items/pride/explanation", None),
    ("POST", "/v1/explanations", {"item": "pride", "history": ["solaris"]}), ("GET", "/v1/users/ana/events?n=5", None), ("GET", "/v1/names?q=a&n=3", None),
    ("GET", "/v1/items?n=3&cursor=2&filter=price%3C9", None), ("GET", "/v1/exposures/r1", None), ("POST", "/v1/exposures/r1/rating", {"value": 0.5, "comment": "x"}),
    ("GET", "/v1/openapi.json", None), ("GET", "/v1/health", None), ("DELETE", "/v1/users/nobody-here", None), ("GET", "/v1/snapshots", None), ("DELETE", "/v1/users/ana/events?item=pride&type=view", None),
    # Gorse's paths
    ("POST", "/api/user", {"UserId": "ana", "Labels": {"city": "Porto", "tags": ["a", "b"]}, "Comment": "c"}), ("GET", "/api/users?n=3&cursor=ana", None), ("PATCH", "/api/user/ana", {"Labels": ["x"], "Comment": None}),
    ("POST", "/api/items", [{"ItemId": "mug", "IsHidden": False, "Categories": ["k"], "Timestamp": "2026-03-01T00:00:00Z", "Labels": {"e": [0.1, -0.4]}, "Comment": "Blue mug"}]), ("GET", "/api/items?n=3&cursor=m&q=moon", None),
    ("PATCH", "/api/item/mug", {"IsHidden": True, "Categories": ["a", "b"]}), ("PUT", "/api/item/mug/category/k%20l", None), ("DELETE", "/api/item/none", None),
    ("POST", "/api/feedback", [{"FeedbackType": "read", "UserId": "ana", "ItemId": "pride", "Value": 1.5, "Timestamp": "2026-03-02 09:30:00", "Comment": "x", "Labels": {"a": "b"}}]), ("PUT", "/api/feedback", [{"FeedbackType": "like", "UserId": "ana", "ItemId": "pride"}]),
    ("GET", "/api/feedback/like?n=3&cursor=7", None), ("GET", "/api/feedback/like/ana/pride", None), ("DELETE", "/api/feedback/ana/pride", None), ("GET", "/api/item/pride/feedback/", None), ("GET", "/api/user/ana/feedback/read", None),
    ("GET", "/api/recommend/ana?n=3&offset=1&category=k&write-back-type=read&write-back-delay=0h10m0s", None), ("POST", "/api/session/recommend?n=3", [{"FeedbackType": "like", "UserId": "", "ItemId": "pride", "Timestamp": "1700000000"}]),
    ("GET", "/api/latest/k?n=3&offset=2&user-id=ana", None), ("GET", "/api/popular?n=3", None), ("GET", "/api/non-personalized/popular?n=3", None), ("GET", "/api/item-to-item/neighbors/pride?n=3", None), ("GET", "/api/user/ana/neighbors/", None),
    ("GET", "/api/collaborative-filtering/ana?n=3", None), ("GET", "/api/bulk/users", None), ("GET", "/api/health/ready", None)]
WORDS = ["-1", "1e999", "99999999999999999999", "null", "\x00", "\xff\xfe", "%00", "%ff", "../../etc", "'", '"', "{}", "[]", "NaN", "true", "()", "a" * 3000, "\u202e", "&k=", "and", "((((((((", "\\", "\r\n", "é", "\ud800"]


def turned(value, dice):
    """A JSON value with one place in it changed."""
    if isinstance(value, dict) and value and dice.random() < 0.8:
        key = dice.choice(list(value))
        changed = dict(value)
        if dice.random() < 0.2:
            changed[dice.choice(WORDS)] = changed.pop(key)
        else:
            changed[key] = turned(value[key], dice)
        return changed
    if isinstance(value, list) and value and dice.random() < 0.8:
        at = dice.randrange(len(value))
        return value[:at] + [turned(value[at], dice)] + value[at:]
    return dice.choice([None, True, -1, 0, 1e308, 2 ** 70, "", [], {}, [[[[]]]], dice.choice(WORDS), {"a": 1}, "x" * 5000])


def request_of(dice):
    method, target, body = dice.choice(SEEDS)
    if body is not None and dice.random() < 0.6:
        body = turned(body, dice)
    text = json.dumps(body).encode("utf-8", "surrogatepass") if body is not None else b""
    if dice.random() < 0.3:
        at = dice.randrange(len(target))
        target = target[:at] + urllib.parse.quote(dice.choice(WORDS).encode("utf-8", "surrogatepass")) + target[at + dice.randrange(3):]
    if text and dice.random() < 0.2:
        at = dice.randrange(len(text))
        text = text[:at] + dice.choice(WORDS).encode("utf-8", "surrogatepass") + text[at + dice.randrange(4):]
    head = f"{method} {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
    if text:
        kind = dice.choice(["application/json", "application/x-ndjson"])
        head += f"Content-Type: {kind}\r\nContent-Length: {len(text)}\r\n"
    whole = head.encode() + b"\r\n" + text
    if dice.random() < 0.2:
        for _ in range(dice.randrange(1, 4)):
            at = dice.randrange(len(whole))
            whole = dice.choice([whole[:at] + bytes([dice.randrange(256)]) + whole[at + 1:], whole[:at] + whole[at + dice.randrange(1, 20):], whole[:at] + whole[at:at + 20] + whole[at:]])
    return whole


def answer_to(port, request):
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        try:
            connection.sendall(request)
            connection.shutdown(socket.SHUT_WR)
            answer = b""
            while piece := connection.recv(1 << 16):
                answer += piece
        except ConnectionError:
            return 0
    return int(answer[9:12]) if answer.startswith(b"HTTP/1.1 ") else 0


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--attune", required=True, type=pathlib.Path)
    options.add_argument("--requests", type=int, default=20000)
    options.add_argument("--seed", type=int, default=1)
    asked = options.parse_args()
    dice = random.Random(asked.seed)
    seen = collections.Counter()
    with tempfile.TemporaryDirectory() as made:
        folder = pathlib.Path(made) / "books"
        bookshop(asked.attune, folder)
        service = Service(asked.attune, folder, "--gorse")
        for n in range(asked.requests):
            request = request_of(dice)
            status = answer_to(service.port, request)
            seen[status] += 1
            check(status < 500, f"request {n} got {status}: {request[:2000]!r}")
            check(service.process.poll() is None, f"request {n} ended the service: {request[:2000]!r}")
            if n % 1000 == 0:
                check(len(names(service.list("ana", k=2))) == 2, f"after request {n} lists stopped")
        code, _ = service.stop()
        check(code == 0, f"exit code {code}")
    print(json.dumps({"bench": "serve/fuzz", "requests": asked.requests, "seed": asked.seed, "statuses": {str(k): v for k, v in sorted(seen.items())}}))


if __name__ == "__main__":
    main()
