#!/usr/bin/env python3
"""Every metric and label that the Grafana dashboard and the alerts ask for is one that a service at work really gives.

Run: names.py --attune PROGRAM. Prints one line a promise.
"""
import argparse, json, pathlib, re, subprocess, sys, tempfile, time

source = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(source / "tests/scenarios"))
from serve import Service, bookshop, check

# Words of PromQL, and labels that Prometheus itself puts on.
WORDS = {"sum", "by", "rate", "increase", "max", "min", "histogram_quantile", "or", "and", "vector", "le", "up", "label_values", "job", "instance"}


def scraped(program, folder):
    """name -> its labels, from a service that did everything once."""
    keys = {}
    for name, role, rate in (("admin", "admin", None), ("often", "read", "1/h")):
        words = ["keys", "create", "--name", name, "--role", role, *(["--rate", rate] if rate else [])]
        keys[name] = subprocess.run([str(program), "-q", "-w", str(folder), *words], check=True, capture_output=True, text=True).stdout.strip()
    service = Service(program, folder, admin=False)
    try:
        key = {"Authorization": "Bearer " + keys["admin"]}
        service.ask("GET", "/v1/users/ana/recommendations", headers=key)
        service.ask("POST", "/v1/events", '{"user":"a","item":"solaris"}\n{"user":"b"}\n', 201, "application/x-ndjson", key)
        service.ask("GET", "/v1/users", code=401)
        for code in (200, 429):
            service.ask("GET", "/v1/users", code=code, headers={"Authorization": "Bearer " + keys["often"]})
        job = service.ask("POST", "/v1/jobs", {"kind": "backup"}, 202, headers=key)["job"]
        while service.ask("GET", f"/v1/jobs/{job}", headers=key)["state"] in ("waiting", "running"):
            time.sleep(0.05)
        service.connection.request("GET", "/metrics", headers=key)
        text = service.connection.getresponse().read().decode()
    finally:
        service.stop()
    found = {}
    for name, labels in re.findall(r"^([a-z_]+)(?:\{([^}]*(?:\{[^}]*\}[^}]*)*)\})? ", text, re.M):
        found.setdefault(name, set()).update(re.findall(r"([a-z_]+)=\"", labels))
    return found


def asked_in(expression):
    """[(metric, {labels})]"""
    plain = re.sub(r"\[[^\]]*\]", "", expression)
    metrics = []
    for name, _, labels in re.findall(r"\b([a-z][a-z_]+)(\{((?:[^{}\"]|\"[^\"]*\")*)\})?", plain):
        if name in WORDS or not (name.startswith("attune_") or name.startswith("process_")):
            continue
        metrics.append((name, set(re.findall(r"([a-z_]+)\s*(?:=~|!~|=|!=)", labels))))
    grouped = set(re.findall(r"[a-z_]+", " ".join(re.findall(r"by \(([^)]*)\)", plain))))
    return metrics, grouped


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--attune", required=True, type=pathlib.Path)
    program = options.parse_args().attune
    with tempfile.TemporaryDirectory() as made:
        folder = pathlib.Path(made) / "books"
        bookshop(program, folder)
        there = scraped(program, folder)
    dashboard = json.loads((source / "deploy/grafana.json").read_text())
    shown = [target["expr"] for panel in dashboard["panels"] for target in panel.get("targets", [])]
    shown += [variable["definition"] for variable in dashboard["templating"]["list"] if "definition" in variable] + [a["expr"] for a in dashboard["annotations"]["list"]]
    alerts = re.findall(r"^\s+expr: (.*)$", (source / "deploy/prometheus/alerts.yml").read_text(), re.M)
    check(len(shown) > 30 and len(alerts) > 8, f"{len(shown)} queries, {len(alerts)} alerts")
    asked = set()
    for expression in shown + alerts:
        metrics, grouped = asked_in(expression)
        check(metrics or expression.startswith("up{"), f"no metric of ours in: {expression}")
        labels = set()
        for name, wanted in metrics:
            check(name in there, f"{name} is in no answer of /metrics; asked for in: {expression}")
            check(wanted - {"job", "instance", "le"} <= there[name], f"{name} has the labels {there[name]}, not {wanted}; asked for in: {expression}")
            labels |= there[name]
            asked.add(name)
        check(grouped - {"job", "instance", "le"} <= labels, f"grouped by {grouped}, the labels are {labels}: {expression}")
    unseen = sorted(name for name in there if name.startswith("attune_") and re.sub("_(bucket|sum|count)$", "_bucket", name) not in asked and name not in asked)
    print("ok  all metrics and labels of the dashboard and the alerts are there")
    check(set(unseen) <= {"attune_draining"}, f"metrics that no panel shows: {unseen}")
    print("ok  what is measured is shown")


if __name__ == "__main__":
    main()
