#!/usr/bin/env python3
"""Gorse's own Python client (PyPI pygorse 0.5.1, both of its classes) against a running `attune serve --gorse`, and by hand what the client has
no method for. Prints one line a promise.

Run: gorse.py --attune PROGRAM. The client lies where scripts/setup put it: ${ATTUNE_HOME:-~/.cache/attune}/pygorse-0.5.1.
"""
import argparse, asyncio, datetime, http.client, json, os, pathlib, sys, tempfile, time, uuid

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "scenarios"))
home = pathlib.Path(os.environ.get("ATTUNE_HOME") or pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "attune")
sys.path.insert(0, str(home / "pygorse-0.5.1"))
from serve import Service, bookshop, check
from gorse import AsyncGorse, Gorse, GorseException

NEVER = "0001-01-01T00:00:00Z"


def iso(seconds_ago=0):
    return (datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(seconds=seconds_ago)).strftime("%Y-%m-%dT%H:%M:%SZ")


class Http:
    """What a client sends that is not pygorse: path in, (status, answer, headers) out."""

    def __init__(self, port, key=""):
        self.port, self.key = port, key

    def __call__(self, method, path, body=None, headers={}, status=200, raw=False):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        data = body if body is None or isinstance(body, (bytes, str)) else json.dumps(body)
        connection.request(method, path, data, {**({"X-API-Key": self.key} if self.key else {}), **({"Content-Type": "application/json"} if data else {}), **headers})
        answer = connection.getresponse()
        text = answer.read().decode()
        self.headers = {name.lower(): value for name, value in answer.getheaders()}
        check(answer.status == status, f"{method} {path}: {answer.status}, expected {status}: {text[:300]}")
        uuid.UUID(self.headers["x-request-id"])
        if status >= 400:
            check(self.headers["content-type"].startswith("text/plain") and text and not text.startswith("{\"error"), f"{method} {path}: an error is plain text, not {text[:200]}")
        connection.close()
        return text if raw or status >= 400 else json.loads(text)


def fails(code, call, *arguments, **named):
    try:
        call(*arguments, **named)
    except GorseException as e:
        check(e.status_code == code, f"{call.__name__}{arguments}: {e.status_code} {e.message}, expected {code}")
        return e.message
    check(False, f"{call.__name__}{arguments} should fail with {code}")


def users(client, ask):
    ana = {"UserId": "g-ana", "Labels": {"city": "Porto", "tags": ["tea", "maps"]}, "Comment": "test account"}
    check(client.insert_user(ana) == {"RowAffected": 1}, "insert_user")
    check(client.get_user("g-ana") == ana, f"get_user: {client.get_user('g-ana')}")
    check(client.insert_users([{"UserId": "g-ben"}, {"UserId": "g-cem", "Labels": ["a", "b"]}]) == {"RowAffected": 2}, "insert_users")
    check(client.get_user("g-ben") == {"UserId": "g-ben", "Labels": None, "Comment": ""} and client.get_user("g-cem")["Labels"] == ["a", "b"], "users without labels, with a list")
    check(client.insert_user({"UserId": "g-ana", "Labels": {"city": "Faro"}}) == {"RowAffected": 1}, "insert again")
    check(client.get_user("g-ana") == {"UserId": "g-ana", "Labels": {"city": "Faro"}, "Comment": ""}, f"an insert replaces: {client.get_user('g-ana')}")
    ask("PATCH", "/api/user/g-ana", {"Comment": "new", "Labels": None})
    check(client.get_user("g-ana") == {"UserId": "g-ana", "Labels": {"city": "Faro"}, "Comment": "new"}, "a patch leaves what it does not name")
    check("g-nobody" in fails(404, client.get_user, "g-nobody"), "404 names the user")
    seen, cursor = [], ""
    while True:
        page, cursor = client.get_users(3, cursor)
        check(len(page) <= 3, "a page is no longer than asked")
        seen += [user["UserId"] for user in page]
        if not cursor:
            break
    check(len(seen) == len(set(seen)) and {"g-ana", "g-ben", "g-cem", "ana"} <= set(seen), f"get_users page by page: {seen}")
    print("ok  users: insert, replace, patch, page by page, 404")


def items(client, ask):
    mug = {"ItemId": "g-mug", "IsHidden": False, "Categories": ["kitchen", "blue"], "Timestamp": "2026-03-01T00:00:00Z",
           "Labels": {"color": "blue", "embedding": [0.1, -0.4], "deep": {"size": 3}}, "Comment": "Blue mug, 300 ml"}
    check(client.insert_item(mug) == {"RowAffected": 1} and client.get_item("g-mug") == mug, f"an item comes back as it went: {client.get_item('g-mug')}")
    check(ask("POST", "/api/items", [{"itemid": "g-cup", "Comment": "Red cup"}, {"ItemId": "g-old", "Timestamp": "1700000000"}]) == {"RowAffected": 2}, "many items, capitals or not")
    check(client.get_item("g-cup") == {"ItemId": "g-cup", "IsHidden": False, "Categories": [], "Timestamp": NEVER, "Labels": None, "Comment": "Red cup"}, f"defaults: {client.get_item('g-cup')}")
    check(client.get_item("g-old")["Timestamp"] == "2023-11-14T22:13:20Z", "epoch seconds as a text")
    for text, there in [("2024-05-01 10:00:00", "2024-05-01T10:00:00Z"), ("1700000000000", "2023-11-14T22:13:20Z"), ("2024-05-01T10:00:00+02:00", "2024-05-01T08:00:00Z"), ("2024-05-01", "2024-05-01T00:00:00Z")]:
        client.update_item("g-old", timestamp=text)
        check(client.get_item("g-old")["Timestamp"] == there, f"{text}: {client.get_item('g-old')['Timestamp']}")
    client.update_item("g-mug", comment="Mug", categories=["kitchen"])
    check(client.get_item("g-mug") == {**mug, "Comment": "Mug", "Categories": ["kitchen"]}, "update_item changes what it names")
    check(ask("PUT", "/api/item/g-mug/category/sale") == {"RowAffected": 1} and client.get_item("g-mug")["Categories"] == ["kitchen", "sale"], "a category added")
    check(ask("DELETE", "/api/item/g-mug/category/kitchen") == {"RowAffected": 1} and client.get_item("g-mug")["Categories"] == ["sale"], "a category removed")
    client.insert_item({"ItemId": "g-mug", "Comment": "other"})
    check(client.get_item("g-mug") == {"ItemId": "g-mug", "IsHidden": False, "Categories": [], "Timestamp": mug["Timestamp"], "Labels": None, "Comment": "other"}, f"an insert replaces: {client.get_item('g-mug')}")
    check(client.search_items("red cup", 3)[0]["ItemId"] == "g-cup", "search_items")
    seen, cursor = [], ""
    while True:
        page, cursor = client.get_items(5, cursor)
        seen += [item["ItemId"] for item in page]
        if not cursor:
            break
    check(len(seen) == len(set(seen)) and {"g-mug", "g-cup", "solaris"} <= set(seen), f"get_items page by page: {seen}")
    check(client.delete_item("g-old") == {"RowAffected": 1}, "delete_item")
    fails(404, client.get_item, "g-old")
    for bad in [{"ItemId": ""}, {"ItemId": " "}, {"ItemId": "a/b"}, {"ItemId": "x", "Labels": {"a": True}}, {"ItemId": "x", "Labels": ["a", 1]}, {"ItemId": "x", "Timestamp": "yesterday"}, {"ItemId": "x", "Categories": "a"}, {"ItemId": 7}, {}]:
        ask("POST", "/api/items", [{"ItemId": "g-fine"}, bad], status=400)
    fails(404, client.get_item, "g-fine")
    print("ok  items: as they went, replaced, patched, categories, searched, page by page; one bad row refuses all")


def feedback(client, ask):
    row = {"FeedbackType": "read", "UserId": "g-ana", "ItemId": "g-mug", "Value": 2, "Timestamp": "2026-03-02T09:30:00Z", "Comment": "by mail", "Labels": {"ab": "x"}}
    check(client.insert_feedback("read", "g-ana", "g-mug", "2026-03-02T09:30:00Z", 1) == {"RowAffected": 1}, "insert_feedback")
    check(client.insert_feedbacks([row, {**row, "ItemId": "g-cup", "Value": 5}]) == {"RowAffected": 2}, "insert_feedbacks")
    one = ask("GET", "/api/feedback/read/g-ana/g-mug")
    check(one == {**row, "Value": 3, "Updated": one["Updated"]}, f"POST adds values up, one row a key: {one}")
    check(ask("PUT", "/api/feedback", [row]) == {"RowAffected": 1} and ask("GET", "/api/feedback/read/g-ana/g-mug")["Value"] == 2, "PUT overwrites")
    check(ask("GET", "/api/feedback/read/g-ana/solaris") == {}, "a feedback that is not there is {} with 200")
    client.insert_feedback("like", "g-ana", "g-mug", iso(), 1)
    check({f["FeedbackType"] for f in ask("GET", "/api/feedback/g-ana/g-mug")} == {"read", "like"}, "between two, all types")
    check({f["ItemId"] for f in client.list_feedbacks("read", "g-ana")} == {"g-mug", "g-cup"} and len(ask("GET", "/api/user/g-ana/feedback")) == 3, "of a user")
    client.insert_feedback("read", "g-new", "g-unknown", iso(), 0)
    check(client.get_user("g-new")["UserId"] == "g-new" and client.get_item("g-unknown")["ItemId"] == "g-unknown", "unknown users and items are made")
    check({f["UserId"] for f in ask("GET", "/api/item/g-mug/feedback/")} == {"g-ana"} and len(ask("GET", "/api/item/g-mug/feedback/like")) == 1, "of an item, final slash or not")
    seen, cursor = [], ""
    while True:
        page, cursor = client.get_feedbacks(7, cursor)
        check(len(page) <= 7, "a page is no longer than asked")
        seen += [(f["FeedbackType"], f["UserId"], f["ItemId"]) for f in page]
        if not cursor:
            break
    check(len(seen) == len(set(seen)) and ("like", "g-ana", "g-mug") in seen, f"get_feedbacks page by page, each key once: {len(seen)}, {len(set(seen))}")
    check({f["FeedbackType"] for f in ask("GET", "/api/feedback/like?n=1000")["Feedback"]} == {"like"}, "of one type")
    check(ask("DELETE", "/api/feedback/like/g-ana/g-mug") == {"RowAffected": 1} and ask("DELETE", "/api/feedback/like/g-ana/g-mug") == {"RowAffected": 0}, "deleted, once")
    check(client.delete_feedback("g-ana", "g-mug") == {"RowAffected": 1} and ask("GET", "/api/feedback/g-ana/g-mug") == [], "delete_feedback")
    for bad in [{"FeedbackType": "", "UserId": "g-x", "ItemId": "i"}, {"FeedbackType": "like", "UserId": "g-x"}, {**row, "UserId": "g-x", "Timestamp": "31st"}, {**row, "UserId": "g-x", "Value": "many"}, {**row, "UserId": "g-x", "Labels": False}, 7]:
        ask("POST", "/api/feedback", [{"FeedbackType": "like", "UserId": "g-x", "ItemId": "i", "Timestamp": iso()}, bad], status=400)
    fails(404, client.get_user, "g-x")
    ask("POST", "/api/feedback", "[{", status=400)
    ask("POST", "/api/feedback", {"FeedbackType": "like"}, status=400)
    ask("POST", "/api/feedback", [{"FeedbackType": "like", "UserId": "g-notime", "ItemId": "solaris"}])
    check(ask("GET", "/api/feedback/like/g-notime/solaris")["Timestamp"] == NEVER, "a time left out is the year 1")
    print("ok  feedback: adds up, overwrites, is listed by user, item and type, taken back; one bad row refuses all")


def lists(client, ask):
    for n, book in enumerate(["solaris", "dispossessed"]):
        client.insert_feedback("like", "g-reader", book, iso(60 - n), 1)
    scores = client.get_recommend("g-reader", n=5)
    ids = [score.id for score in scores]
    check(len(ids) == 5 and not {"solaris", "dispossessed"} & set(ids) and [s.score for s in scores] == sorted((s.score for s in scores), reverse=True), f"get_recommend: {ids}")
    check(ask("GET", "/api/recommend/g-reader?n=5") == ids, "without version 2: ids alone")
    check(ask("GET", "/api/recommend/g-reader?n=3&offset=2") == ids[2:5], "offset")
    check(ask("GET", "/api/recommend/g-reader?n=0") == [] and len(ask("GET", "/api/recommend/g-stranger?n=4")) == 4, "n=0; an unknown user is no error")
    for bad in ["n=x", "n=-1", "offset=1.5", "write-back-type=read&write-back-delay=soon"]:
        ask("GET", "/api/recommend/g-reader?" + bad, status=400)
    for item, categories in [("g-one", ["a"]), ("g-two", ["a", "b c"]), ("g-both", ["a", "b c", "\"q\" and \\"])]:
        client.insert_item({"ItemId": item, "Categories": categories, "Comment": "a book about planets and moons", "Timestamp": iso({"g-one": 30, "g-two": 20, "g-both": 10}[item])})
    got = {path: set(ask("GET", f"/api/recommend/g-reader{path}")) for path in ["?category=a", "?category=a&category=b%20c", "/a?category=b%20c", "?category=none", "?category=%22q%22%20and%20%5C", "?category="]}
    check(got["?category=a"] == {"g-one", "g-two", "g-both"} and got["?category=a&category=b%20c"] == got["/a?category=b%20c"] == {"g-two", "g-both"}, f"all categories must match: {got}")
    check(got["?category=none"] == set() and got["?category=%22q%22%20and%20%5C"] == {"g-both"} and len(got["?category="]) == 10, f"categories: {got}")
    check([s.id for s in client.get_recommend("g-reader", category="a", n=1)][0] in got["?category=a"], "the client's category")
    client.update_item("g-one", is_hidden=True)
    check("g-one" not in ask("GET", "/api/recommend/g-reader?category=a") and client.get_item("g-one")["IsHidden"], "a hidden item is in no list")
    first = client.get_recommend("g-back", n=3, write_back_type="read", write_back_delay="0h0m0s")
    then = client.get_recommend("g-back", n=3)
    check(not {s.id for s in first} & {s.id for s in then} and len(client.list_feedbacks("read", "g-back")) == 3, "written back: not shown again")
    later = client.get_recommend("g-later", n=3, write_back_type="read", write_back_delay="10m")
    check([s.id for s in later] == [s.id for s in client.get_recommend("g-later", n=3)] and len(client.list_feedbacks("read", "g-later")) == 3, "written back with a delay: shown until then")
    visit = [{"FeedbackType": "like", "UserId": "", "ItemId": item, "Value": 1, "Timestamp": iso()} for item in ("solaris", "roadside")]
    found = client.session_recommend(visit, n=4)
    check(len(found) == 4 and not {"solaris", "roadside"} & {s["Id"] for s in found} and all(isinstance(s["Score"], (int, float)) for s in found), f"session_recommend: {found}")
    check({s["Id"] for s in ask("POST", "/api/session/recommend/a", visit)} == {"g-two", "g-both"}, "a session's category stands in the path")
    check(len(ask("POST", "/api/session/recommend?category=none&n=4", visit)) == 4, "a session's category in the query is not read")
    check(ask("POST", "/api/session/recommend", []) == [] and ask("POST", "/api/session/recommend", [{"FeedbackType": "dislike", "UserId": "", "ItemId": "solaris", "Timestamp": iso()}]) == [], "a session without liking")
    near = client.get_neighbors("solaris", n=3)
    check(len(near) == 3 and near == ask("GET", "/api/item/solaris/neighbors/?n=3") == ask("GET", "/api/item-to-item/neighbors/solaris?n=3"), f"get_neighbors: {near}")
    check({s["Id"] for s in ask("GET", "/api/item/solaris/neighbors/a")} == {"g-two", "g-both"}, "neighbours of a category")
    shown = near[0]["Id"]
    client.insert_feedback("read", "g-seen", shown, iso(), 0)
    check(shown not in {s["Id"] for s in ask("GET", "/api/item/solaris/neighbors?n=3&user-id=g-seen")}, "user-id hides items with any feedback")
    fails(404, client.get_neighbors, "g-nothing")
    ask("GET", "/api/item-to-item/unnamed/solaris", status=404)
    check({"Id", "Score"} == set(ask("GET", "/api/user/g-reader/neighbors/?n=2")[0]) and ask("GET", "/api/user-to-user/neighbors/g-reader?n=2") == ask("GET", "/api/user/g-reader/neighbors?n=2"), "users alike")
    ask("GET", "/api/user/g-nobody/neighbors/", status=404)
    latest = ask("GET", "/api/latest?n=2")
    check([s["Id"] for s in latest] == ["g-both", "g-two"] and abs(latest[0]["Score"] - time.time()) < 120 and "last-modified" in ask.headers, f"latest: {latest}")
    check(ask("GET", "/api/latest/b%20c?n=5&offset=1") == latest[1:], "latest of a category, from an offset")
    popular = ask("GET", "/api/popular?n=100")
    check(popular == ask("GET", "/api/non-personalized/popular?n=100") and popular[0]["Score"] >= popular[-1]["Score"] > 0, f"popular: {popular}")
    check("solaris" not in {s["Id"] for s in ask("GET", "/api/popular?n=100&user-id=g-reader")}, "popular, but what the user has")
    for user, item, ago in [("g-s1", "solaris", 60), ("g-s2", "solaris", 60), ("g-s2", "roadside", 60), ("g-s3", "roadside", 8 * 86400)]:
        client.insert_feedback("star", user, item, iso(ago), 0)
    check(ask("GET", "/api/non-personalized/most_starred_weekly") == [{"Id": "solaris", "Score": 2}, {"Id": "roadside", "Score": 1}], f"a leaderboard: {ask('GET', '/api/non-personalized/most_starred_weekly')}")
    client.delete_feedback("g-s1", "solaris")
    check(ask("GET", "/api/non-personalized/most_starred_weekly")[0]["Score"] == 1, "what is taken back counts no more")
    ask("GET", "/api/non-personalized/unnamed", status=404)
    check(len(ask("GET", "/api/collaborative-filtering/g-reader?n=3")) == 3 and ask("GET", "/api/collaborative-filtering/g-stranger2") == [], "collaborative filtering")
    check(client.delete_user("g-reader") == {"RowAffected": 1}, "delete_user")
    fails(404, client.get_user, "g-reader")
    check(ask("GET", "/api/user/g-reader/feedback") == [], "with the user goes the feedback")
    print("ok  lists: scores and ids, offsets, categories, write-back, sessions, neighbours, leaderboards")


def bulk(client, ask):
    def send(path, text, status=200, field="file"):
        body = f"--x\r\nContent-Disposition: form-data; name=\"other\"\r\n\r\n1\r\n--x\r\nContent-Disposition: form-data; name=\"{field}\"; filename=\"f.jsonl\"\r\nContent-Type: application/octet-stream\r\n\r\n{text}\r\n--x--\r\n"
        return ask("POST", path, body.encode(), {"Content-Type": "multipart/form-data; boundary=x"}, status)
    rows = {kind: [json.loads(line) for line in ask("GET", f"/api/bulk/{kind}", raw=True).splitlines()] for kind in ("users", "items", "feedback")}
    check(ask.headers["content-type"] == "application/jsonl" and "feedback.jsonl" in ask.headers["content-disposition"], f"an attachment: {ask.headers}")
    check(any(r["ItemId"] == "g-mug" for r in rows["items"]) and any(r["UserId"] == "g-ana" for r in rows["users"]) and len(rows["feedback"]) > 30, f"the export has what there is: {[len(r) for r in rows.values()]}")
    check(not any(r["UserId"] == "g-later" for r in rows["feedback"]), "the export leaves out the future")
    check(send("/api/bulk/users", '{"UserId":"g-b1","Labels":{"city":"Porto"}}{"UserId":"g-b2"}\n\n {"UserId":"g-b3","Comment":"x } \\" y"}') == {"RowAffected": 3}, "rows with and without line breaks")
    check(client.get_user("g-b1")["Labels"] == {"city": "Porto"} and client.get_user("g-b3")["Comment"] == 'x } " y', "the users came in")
    check(send("/api/bulk/items", "".join(json.dumps(r) + "\n" for r in rows["items"])) == {"RowAffected": len(rows["items"])}, "the items again")
    check([json.loads(line) for line in ask("GET", "/api/bulk/items", raw=True).splitlines()] == rows["items"], "are what they were")
    one = {"FeedbackType": "like", "UserId": "g-b1", "ItemId": "solaris", "Value": 4, "Timestamp": iso(5), "Comment": "c", "Labels": {"a": "b"}}
    for _ in range(2):
        send("/api/bulk/feedback", json.dumps(one))
    check({k: v for k, v in ask("GET", "/api/feedback/like/g-b1/solaris").items() if k != "Updated"} == {**one, "Labels": None}, "imported feedback is overwritten, not added up, without labels")
    check("line 1" in send("/api/bulk/users", '{"UserId":"g-b4"}\n{"UserId":"a/b"}', 400) and "line 1" in send("/api/bulk/users", '{"UserId":"g-b4"}\nnonsense', 400), "the bad line is named, from 0")
    send("/api/bulk/users", "", 400, field="none")
    ask("POST", "/api/bulk/users", "{}", status=400)
    ask("PUT", "/api/bulk/users", "{}", status=405)
    print("ok  bulk: out as JSON lines, in by a form, overwritten")


def health(ask):
    ready = ask("GET", "/api/health/ready")
    check(ready == {"Ready": True, "DataStoreError": None, "CacheStoreError": None, "DataStoreConnected": True, "CacheStoreConnected": True} == ask("GET", "/api/health/live"), f"health: {ready}")
    check(ask.headers["access-control-allow-origin"] == "*", "any origin")
    ask("GET", "/api/nothing", status=404)
    ask("DELETE", "/api/users", status=405)


async def asynchronously(port, key):
    client = AsyncGorse(f"http://127.0.0.1:{port}", key)
    check(await client.insert_user({"UserId": "g-async", "Labels": ["x"], "Comment": ""}) == {"RowAffected": 1}, "async insert_user")
    check(await client.insert_feedback("like", "g-async", "solaris", iso()) == {"RowAffected": 1}, "async insert_feedback")
    scores = await client.get_recommend("g-async", n=3)
    check(len(scores) == 3 and "solaris" not in [s.id for s in scores], "async get_recommend")
    check(len(await client.get_neighbors("solaris", n=2)) == 2 and len((await client.get_users(2))[0]) == 2, "async get_neighbors, get_users")
    try:
        await client.get_item("g-nothing")
        check(False, "async 404")
    except GorseException as e:
        check(e.status_code == 404, "async 404")
    print("ok  the asynchronous client")


def guarded(program, folder):
    import subprocess
    keys = {role: subprocess.run([str(program), "-q", "-w", str(folder), "keys", "create", "--name", role, "--role", role], check=True, capture_output=True, text=True).stdout.strip() for role in ("read", "write")}
    service = Service(program, folder, "--gorse", admin=False)
    try:
        ask = Http(service.port)
        check(ask("GET", "/api/users", status=401) == "unauthorized" and Http(service.port, "wrong")("GET", "/api/users", status=401) == "unauthorized", "without a key")
        ask("GET", "/api/health/ready")
        client = Gorse(f"http://127.0.0.1:{service.port}", keys["write"])
        check(client.insert_user({"UserId": "g-key"}) == {"RowAffected": 1}, "with a key")
        reader = Gorse(f"http://127.0.0.1:{service.port}", keys["read"])
        check(reader.get_user("g-key")["UserId"] == "g-key", "reading with a key that may read")
        fails(403, reader.insert_user, {"UserId": "g-key2"})
        fails(403, reader.get_recommend, "g-key", write_back_type="read")
        check(client.delete_user("g-key") == {"RowAffected": 1}, "one key does it all, as there")
        asyncio.run(asynchronously(service.port, keys["write"]))
        Http(service.port, keys["read"])("GET", "/api/users", headers={"Origin": "https://shop.example"})
    finally:
        service.stop()
    service = Service(program, folder, admin=False)
    try:
        connection = http.client.HTTPConnection("127.0.0.1", service.port)
        connection.request("GET", "/api/health/live")
        check(connection.getresponse().status == 404, "without --gorse there is no /api")
    finally:
        service.stop()
    print("ok  keys: X-API-Key with a role; without --gorse there is no /api")


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--attune", required=True, type=pathlib.Path)
    asked = options.parse_args()
    with tempfile.TemporaryDirectory() as made:
        folder = pathlib.Path(made) / "books"
        bookshop(asked.attune, folder)
        gorse = ["--gorse", "--gorse-leaderboard", "most_starred_weekly=star/7"]
        service = Service(asked.attune, folder, *gorse, admin=False)
        try:
            client, ask = Gorse(f"http://127.0.0.1:{service.port}", "a-key-of-before"), Http(service.port)
            for part in (users, items, feedback, lists, bulk):
                part(client, ask)
            health(ask)
        finally:
            code, _ = service.stop()
        check(code == 0, f"exit code {code}")
        service = Service(asked.attune, folder, *gorse, admin=False)
        try:
            client = Gorse(f"http://127.0.0.1:{service.port}", "")
            check([f["ItemId"] for f in client.list_feedbacks("read", "g-ana")] == ["g-cup"] and client.get_item("g-one")["IsHidden"], "after a restart")
        finally:
            service.stop()
        guarded(asked.attune, folder)


if __name__ == "__main__":
    main()
