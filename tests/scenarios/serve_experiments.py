#!/usr/bin/env python3
"""Experiments as an operator runs them: start one, people ask and take, the outcome says which arm is better, stop it.

Run: serve_experiments.py --attune PROGRAM. Prints one line a promise.
"""
import argparse, pathlib, tempfile, time

from serve import Service, bookshop, check, names


def split(service):
    made = service.ask("PUT", "/v1/experiments/popular", {"arms": [{"name": "as now"}, {"name": "popular", "ask": {"models": ["popularity"]}}],
                                                         "guardrails": [{"metric": "fewer_dislikes", "margin": 0.1}]})
    check(made["status"] == "running" and made["arms"][1]["share"] == 0.5, f"made: {made}")
    arms = {}
    for n in range(400):
        user = f"visitor-{n}"
        arms[user] = service.ask("GET", f"/v1/experiments/popular/users/{user}")["arm"]
        answer = service.list(user, k=3)
        if n % (2 if arms[user] == "popular" else 8) == 0:
            service.ask("POST", "/v1/events", {"user": user, "item": names(answer)[0], "request": answer["request"]}, 201)
    time.sleep(0.2)   # lists shown are written within 50 ms
    outcome = service.ask("GET", "/v1/experiments/popular")["outcome"]
    check([sum(arm == name for arm in arms.values()) for name in ("as now", "popular")] == [arm["users"] for arm in outcome["arms"]], f"users by arm: {outcome}")
    check(outcome["verdict"] == "popular is better" and outcome["comparisons"][0]["low"] > 0, f"verdict: {outcome}")
    check(not outcome["comparisons"][1]["is_broken"], "nobody disliked anything")
    print("ok  users keep their arm, and an arm that is taken from more often is found better while it runs")


def changes(service):
    refused = service.ask("PUT", "/v1/experiments/popular", {"arms": [{"name": "as now"}, {"name": "other", "ask": {"diversity": 0.5}}]}, 409)
    check(refused["error"]["code"] == "experiment_runs" and "stop" in refused["error"]["fix"], f"{refused}")
    refused = service.ask("PUT", "/v1/experiments/bad", {"arms": [{"name": "as now"}, {"name": "b", "ask": {"models": ["no-such-model"]}}]}, 400)
    check("no-such-model" in refused["error"]["message"], f"{refused}")
    check(service.ask("POST", "/v1/experiments/popular/stop")["status"] == "over", "stopped")
    check(service.ask("GET", "/v1/experiments")["experiments"][0]["status"] == "over", "over in the list of all")
    service.ask("GET", "/v1/experiments/never", code=404)
    print("ok  a running experiment's arms cannot be changed; an arm that cannot be asked is refused; stopped it keeps its outcome")


def interleaving(service):
    service.ask("PUT", "/v1/experiments/drawn", {"mode": "interleave", "arms": [{"name": "as now"}, {"name": "popular", "ask": {"models": ["popularity"]}}]})
    popular = names(service.ask("POST", "/v1/recommendations", {"about": "book", "k": 5, "models": ["popularity"]}))
    for n in range(120):
        user = f"drawn-{n}"
        service.ask("POST", "/v1/events", {"user": user, "item": popular[n % 5]}, 201)
        answer = service.list(user, k=4)
        check(len(set(names(answer))) == 4, f"each item once: {names(answer)}")
        service.ask("POST", "/v1/events", {"user": user, "item": names(answer)[n % 2], "request": answer["request"]}, 201)
    time.sleep(0.2)
    outcome = service.ask("GET", "/v1/experiments/drawn")["outcome"]
    check(outcome["preference"]["users"] == 120 and outcome["preference"]["low"] <= outcome["preference"]["value"] <= outcome["preference"]["high"], f"{outcome}")
    service.ask("DELETE", "/v1/experiments/drawn", code=204)
    print("ok  interleaved lists show each item once and are judged by whose items were taken")


def off_policy(service):
    check(service.ask("GET", "/v1/off-policy?lists=200", code=409)["error"]["code"] == "no_lists", "so far only newcomers and drawn lists")
    for n in range(120):
        answer = service.list(f"drawn-{n}", k=4)
        service.ask("POST", "/v1/events", {"user": f"drawn-{n}", "item": names(answer)[n % 2], "request": answer["request"]}, 201)
    time.sleep(0.2)
    estimate = service.ask("GET", "/v1/off-policy?lists=100")
    check({"ips", "snips", "dr"} <= set(estimate["estimates"]) and estimate["agreeing"] > 0, f"{estimate}")
    print("ok  the log of lists shown says what another way of asking would have earned")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--attune", required=True)
    program = pathlib.Path(parser.parse_args().attune).resolve()
    with tempfile.TemporaryDirectory() as folder:
        shop = pathlib.Path(folder) / "shop"
        bookshop(program, shop)
        service = Service(program, shop)
        try:
            split(service)
            changes(service)
            interleaving(service)
            off_policy(service)
        finally:
            code, _ = service.stop()
        check(code == 0, f"exit code {code}")
        again = Service(program, shop)
        try:
            check([one["name"] for one in again.ask("GET", "/v1/experiments")["experiments"]] == ["popular"], "kept over a restart")
        finally:
            again.stop()
        print("ok  experiments are kept over a restart")


main()
