#!/usr/bin/env python3
"""The service desk as a program uses it: lines on standard input, then HTTP.

Run: desk.py --attune PROGRAM --world tests/worlds/desk. Prints one line a promise.
"""
import argparse, json, pathlib, subprocess, tempfile, time

from serve import Service, bookshop, check


def lines(program, folder):
    asked = [
        "please cancel my order",
        "77120",
        {"message": "I need an invoice", "conversation": "bea"},
        {"message": "order 500123", "conversation": "bea"},
        {"message": "bea@example.com", "conversation": "bea"},
        "the parrot sings out of tune",
        {"picked": "damaged_formal"},
        {"message": "the parrot sings out of tune", "conversation": "new"},
        "{not json",
        {"nonsense": 1},
        "",
        "\u202eemordnilap \u0000 \U0001f642",
        "a" * 100000,
        "how can I pay?",
    ]
    text = "".join((one if isinstance(one, str) else json.dumps(one)) + "\n" for one in asked)
    done = subprocess.run([str(program), "-q", "--json", "-w", str(folder), "desk", "answer"], input=text.encode(), capture_output=True, timeout=300)
    check(done.returncode == 0, f"desk answer: {done.returncode} {done.stderr[:500]}")
    got = [json.loads(line) for line in done.stdout.decode().splitlines()]
    check(len(got) == len(asked), f"{len(got)} lines out for {len(asked)} in")
    check(got[0]["asked"] == "order" and got[1]["intent"] == "order_cancel" and "77120" in got[1]["answer"], f"a slot over two turns: {got[:2]}")
    check("77120" not in got[3]["answer"] and "500123" in got[4]["answer"] and "bea@example.com" in got[4]["answer"], f"a conversation of its own: {got[2:5]}")
    check(got[6] == {"learned": "damaged_formal"} and got[7]["intent"] == "damaged", f"a pick is in the next answer: {got[5:8]}")
    check(got[8]["error"]["code"] and got[9]["error"]["code"] and "answer" in got[10] and "answer" in got[12], f"bad lines: {got[8:13]}")
    check(got[13]["template"] == "pay_how" and got[13]["sources"], f"and on it goes: {got[13]}")
    print("ok  lines in, lines out: slots over turns, conversations by name, picks in the next answer, bad lines cost themselves only")


def over_http(program, folder):
    service = Service(program, folder)
    try:
        first = service.ask("POST", "/v1/desk/answer", {"message": "where is my parcel?"})
        check(first["asked"] == "order" and not first["handover"], f"asks for the order: {first}")
        second = service.ask("POST", "/v1/desk/answer", {"message": "it is 48213", "conversation": first["conversation"]})
        check(second["intent"] == "order_where" and "48213" in second["answer"], f"goes on with the conversation: {second}")
        fresh = service.ask("POST", "/v1/desk/answer", {"message": "48213"})
        check(fresh["template"] != second["template"], f"nothing of a conversation stays on the server: {fresh}")
        service.ask("POST", "/v1/desk/learn", {"message": "my kettle hums a tune, order 9912345", "picked": "damaged_formal"})
        learned = service.ask("POST", "/v1/desk/answer", {"message": "my kettle hums a tune, order 9912345"})
        check(learned["intent"] == "damaged" and "9912345" in learned["answer"], f"learned at once: {learned}")
        check("9912345" not in (folder / "desk/picks.jsonl").read_text(), "a number stays in the picks")
        for path, body in [("answer", {}), ("answer", {"message": 7}), ("answer", {"message": "x", "conversation": {"slots": 3}}), ("answer", {"message": "x", "nonsense": 1}),
                           ("learn", {"message": "x"}), ("learn", {"picked": "x"})]:
            error = service.ask("POST", f"/v1/desk/{path}", body, 400)["error"]
            check(error["field"] and error["fix"], f"{body}: {error}")
        service.ask("POST", "/v1/desk/learn", {"message": "x", "picked": "nobody-knows"}, 404)
        took = []
        for n in range(60):
            began = time.monotonic()
            service.ask("POST", "/v1/desk/answer", {"message": f"my parcel number {n + 70000} has not come, where is it?"})
            took.append(time.monotonic() - began)
        check(sorted(took)[len(took) // 2] < 0.5, f"half of the replies took longer than 0.5 s: {sorted(took)}")   # the bar, 50 ms, is measured by bench_desk_intents
    finally:
        service.stop()
    print("ok  the same over HTTP, the conversation a value; bad input gets 4xx, replies come promptly")


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--attune", required=True, type=pathlib.Path)
    options.add_argument("--world", required=True, type=pathlib.Path)
    asked = options.parse_args()
    with tempfile.TemporaryDirectory() as made:
        folder = pathlib.Path(made) / "books"
        bookshop(asked.attune, folder)
        for words in (["import", *map(str, [asked.world / "templates.csv", asked.world / "messages.csv", asked.world / "faq.jsonl", *sorted(asked.world.glob("docs/*.md"))])], ["train"]):
            subprocess.run([str(asked.attune), "-q", "-w", str(folder), "desk", *words], check=True, capture_output=True)
        lines(asked.attune, folder)
        over_http(asked.attune, folder)


if __name__ == "__main__":
    main()
