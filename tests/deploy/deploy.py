#!/usr/bin/env python3
"""The examples of deploy/ with the real programs: nginx in front of a service at work, promtool on the alerts, systemd on the units, the published
schemas on the Kubernetes manifest, the packages of the Dockerfile against what the program is linked to.

Run: deploy.py --attune PROGRAM. Needs nginx-light, prometheus (promtool), systemd, openssl, curl of Debian and kubernetes-validate 1.37.0 of PyPI; without
one of them it fails and says so. Prints one line a promise.
"""
import argparse, json, pathlib, re, shutil, subprocess, sys, tempfile, time

source = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(source / "tests/scenarios"))
from serve import Service, bookshop, check

DEPLOY = source / "deploy"


def program(name, package):
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/bin:/sbin")
    check(found, f"{name} is not here: {package}")
    return found


def run(*words, code=0, **named):
    done = subprocess.run(list(map(str, words)), capture_output=True, text=True, timeout=300, **named)
    check(done.returncode == code, f"{' '.join(map(str, words))}: exit {done.returncode}: {done.stdout[-2000:]}{done.stderr[-2000:]}")
    return done.stdout + done.stderr


def monitoring(folder):
    promtool = program("promtool", "apt-get install prometheus")
    run(promtool, "test", "rules", DEPLOY / "prometheus/alerts_test.yml")
    shutil.copy(DEPLOY / "prometheus/alerts.yml", folder)
    (folder / "key").write_text("secret")
    (folder / "prometheus.yml").write_text((DEPLOY / "prometheus/prometheus.yml").read_text().replace("/etc/prometheus/attune.key", str(folder / "key")))
    run(promtool, "check", "config", folder / "prometheus.yml")


def units(folder, attune):
    analyze = program("systemd-analyze", "apt-get install systemd")
    for file in (DEPLOY / "systemd").iterdir():
        (folder / file.name).write_text(file.read_text().replace("/usr/local/bin/attune", str(attune)))
    said = run(analyze, "verify", *(folder / n for n in ("attune@shop.service", "attune-backup@shop.service", "attune-backup@shop.timer")), env={"SYSTEMD_UNIT_PATH": f"{folder}:", "PATH": "/usr/bin:/bin"})
    mine = [line for line in said.splitlines() if "attune" in line and "Failed to connect" not in line]
    check(not mine, f"systemd finds fault: {mine}")
    for unit in ("attune@.service", "attune-backup@.service"):
        exposure = float(re.search(r"exposure level for \S+: ([\d.]+)", run(analyze, "security", "--offline=yes", folder / unit)).group(1))
        check(exposure < 2, f"{unit}: exposure {exposure}")
    print("ok  the units are sound and locked down, the alerts go off when they should")


def kubernetes():
    validate = program("kubernetes-validate", "pip install kubernetes-validate==1.37.0")
    said = run(validate, "--strict", DEPLOY / "kubernetes.yaml")
    check(said.count("passed") == 4, said)
    run("/usr/bin/python3", "-c", "import yaml,sys; print(len(list(yaml.safe_load_all(open(sys.argv[1])))))", DEPLOY / "kubernetes.yaml")
    print("ok  the Kubernetes manifest fits the schemas")


def container(attune):
    """Every library of the program is of a package that the second stage installs, or depends on."""
    text = (DEPLOY / "docker/Dockerfile").read_text()
    stage = text[text.index("\nFROM debian:12-slim\n"):]
    wanted = set(re.search(r"--no-install-recommends (.*?)&&", stage, re.S).group(1).replace("\\", " ").split())
    linked = re.findall(r"=> (\S+)", run("ldd", attune))
    needed = set(re.findall(r"NEEDED\)\s+Shared library: \[(.*?)\]", run("readelf", "-d", attune)))
    for path in linked:
        if pathlib.Path(path).name not in needed:
            continue
        package = run("dpkg", "-S", "*/" + pathlib.Path(path).resolve().name).split(":")[0]      # /lib or /usr/lib
        check(package in wanted | {"libc6", "libstdc++6", "libgcc-s1", "zlib1g"}, f"the Dockerfile installs no {package} ({path})")
    for word in re.findall(r"^COPY (?:--from=\S+ )?(.*)$", text, re.M):
        for path in word.split()[:-1]:
            check(path.startswith("/") or (source / path).exists(), f"COPY {path}: not here")
    check("USER attune" in stage and "HEALTHCHECK" in stage, "the image runs as root")
    print("ok  the image has the libraries the program is linked to, and runs as nobody's root")


def proxy(folder, attune):
    nginx = program("nginx", "apt-get install nginx-light")
    books = folder / "books"
    bookshop(attune, books)
    key = run(attune, "-q", "-w", books, "keys", "create", "--name", "app", "--role", "write").strip()
    service = Service(attune, books, "--behind-proxy", "--gorse", admin=False)
    run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=shop.example", "-keyout", folder / "key.pem", "-out", folder / "cert.pem")
    import socket
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    text = (DEPLOY / "nginx.conf").read_text()
    for old, new in (("127.0.0.1:8080", f"127.0.0.1:{service.port}"), ("listen 443", f"listen 127.0.0.1:{port}"), ("    listen [::]:443 ssl http2;\n", ""), ("/etc/ssl/shop.example.pem", str(folder / "cert.pem")), ("/etc/ssl/shop.example.key", str(folder / "key.pem"))):
        check(old in text, f"nginx.conf has no {old}")
        text = text.replace(old, new)
    (folder / "site.conf").write_text(text)
    temporary = "".join(f"{kind}_temp_path {folder}/{kind}; " for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    (folder / "nginx.conf").write_text(f"daemon off; pid {folder}/nginx.pid; error_log {folder}/error.log; worker_processes 1;\nevents {{ worker_connections 256; }}\nhttp {{ access_log off; {temporary} include {folder}/site.conf; }}\n")
    run(nginx, "-t", "-c", folder / "nginx.conf")
    server = subprocess.Popen([nginx, "-c", str(folder / "nginx.conf")], stderr=subprocess.DEVNULL)
    try:
        ask = ["curl", "-sS", "--cacert", folder / "cert.pem", "--connect-to", f"shop.example:443:127.0.0.1:{port}", "-H", f"Authorization: Bearer {key}"]
        for _ in range(50):
            if subprocess.run(list(map(str, [*ask, "-o", "/dev/null", "https://shop.example/v1/health/ready"])), capture_output=True).returncode == 0:
                break
            time.sleep(0.1)
        check(json.loads(run(*ask, "https://shop.example/v1/health/ready"))["status"] == "ready", "health through nginx")
        said = run(*ask, "-D", "-", "--http2", "--compressed", "https://shop.example/v1/users/ana/recommendations?k=12&explain=true")
        check("content-encoding: gzip" in said.lower() and said.startswith("HTTP/2 200") and '"items"' in said, f"a list, packed, over HTTP/2: {said[:400]}")
        request = re.search(r"x-request-id: (\S+)", said.lower()).group(1)
        check(re.fullmatch("[0-9a-f]{32}", request), "the request id is nginx's")
        event = run(*ask, "-d", '{"user": "ana", "item": "solaris"}', "https://shop.example/v1/events")
        check(json.loads(event)["accepted"] == 1, f"an event: {event}")
        (folder / "long.ndjson").write_text('{"user": "ana", "item": "solaris"}\n' * 2_000_000)
        code = run(*ask, "-o", "/dev/null", "-w", "%{http_code}", "-H", "Content-Type: application/x-ndjson", "--data-binary", f"@{folder}/long.ndjson", "https://shop.example/v1/events")
        check(code == "413", f"a body of 70 MB is too long: {code} {(folder / 'error.log').read_text()[-500:]}")
        check(run(*ask, "https://shop.example/api/bulk/items").count("\n") == 12, "an export in pieces")
        check("attune_threads" in run(*ask, "https://shop.example/metrics"), "metrics from this machine")
    finally:
        server.terminate()
        server.wait()
        service.stop()
    print("ok  nginx: TLS, HTTP/2, packed lists, exports in pieces, limits come through")


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--attune", required=True, type=pathlib.Path)
    attune = options.parse_args().attune.resolve()
    with tempfile.TemporaryDirectory() as made:
        folder = pathlib.Path(made)
        folder.chmod(0o755)
        monitoring(folder)
        units(folder, attune)
        kubernetes()
        container(attune)
        proxy(folder, attune)


if __name__ == "__main__":
    main()
