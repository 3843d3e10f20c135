#!/usr/bin/env python3
"""A Kafka topic read into attune, from a real broker: to its end, beside the service, over kills, without a broker, by two services at once.

Run: kafka.py --attune PROGRAM [--kills N]. Needs scripts/setup --kafka. Prints one line a promise.
"""
import argparse, json, os, pathlib, random, shutil, signal, socket, sqlite3, subprocess, sys, tempfile, threading, time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "scenarios"), str(HERE.parent / "support")]
from postgres import attune, within
from postgres_server import Postgres
from serve import Service, check, bookshop


STARTED = []


def start(program, folder, *options):
    STARTED.append(Service(program, folder, *options))
    return STARTED[-1]


def home():
    return pathlib.Path(os.environ.get("ATTUNE_HOME") or pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "attune")


class Broker:
    """One node, KRaft, on a free port of this machine; ended by its process id."""

    def __init__(self, folder):
        self.folder, self.process = pathlib.Path(folder), None
        jars = home() / "kafka"
        check((jars / "whole").exists(), "there is no broker here; run: scripts/setup --kafka")
        self.java = ["java", "-Xmx512m", f"-Dorg.slf4j.simpleLogger.defaultLogLevel=warn", "-cp", f"{jars}/lib/*"]
        ports = []
        for _ in range(2):
            with socket.socket() as s:
                s.bind(("127.0.0.1", 0))
                ports.append(s.getsockname()[1])
        self.address = f"127.0.0.1:{ports[0]}"
        (self.folder / "server.properties").write_text("\n".join([
            "process.roles=broker,controller", "node.id=1", f"controller.quorum.voters=1@127.0.0.1:{ports[1]}", f"listeners=PLAINTEXT://{self.address},CONTROLLER://127.0.0.1:{ports[1]}",
            f"advertised.listeners=PLAINTEXT://{self.address}", "controller.listener.names=CONTROLLER", f"log.dirs={self.folder}/logs", "offsets.topic.replication.factor=1",
            "transaction.state.log.replication.factor=1", "transaction.state.log.min.isr=1", "num.partitions=3", "auto.create.topics.enable=true", "group.initial.rebalance.delay.ms=0", ""]))
        storage = [*self.java, "kafka.tools.StorageTool"]
        cluster = subprocess.run([*storage, "random-uuid"], check=True, capture_output=True, text=True).stdout.split()[-1]
        subprocess.run([*storage, "format", "-t", cluster, "-c", str(self.folder / "server.properties")], check=True, capture_output=True)
        self.start()

    def start(self):
        self.log = open(self.folder / "broker.log", "a")
        self.process = subprocess.Popen([*self.java, "kafka.Kafka", str(self.folder / "server.properties")], stdout=self.log, stderr=self.log)
        within(60, "the broker's start", lambda: subprocess.run(["kcat", "-L", "-b", self.address, "-m", "2"], capture_output=True).returncode == 0)

    def stop(self):
        if self.process:
            self.process.terminate()
            self.process.wait()
            self.process = None

    def send(self, topic, lines):
        subprocess.run(["kcat", "-P", "-b", self.address, "-t", topic, "-X", "acks=all"], input="\n".join(lines) + "\n", text=True, check=True, capture_output=True)


def events(first, count, who="kafka-"):
    return [json.dumps({"user": f"{who}{n % 97}", "item": ["solaris", "kindred", "dispossessed"][n % 3], "type": "view", "time": 1650000000 + n}) for n in range(first, first + count)]


def times_of(folder, who="kafka-"):
    store = sqlite3.connect(folder / "attune.db")
    found = [t // 1000 - 1650000000 for t, in store.execute("SELECT time_ms FROM events WHERE user IN (SELECT id FROM users WHERE name LIKE ?)", (who + "%",))]
    store.close()
    return found


def reads_to_the_end(program, folder, broker):
    bad = ["no json", '{"user": "x"}', '{"user": "x", "item": "y", "time": "2150-01-01"}', '{"user": "x", "item": "y", "value": "much"}', '{"user": "x", "item": "y", "tiem": 3}', "[]", '{"user": "' + "n" * 600 + '", "item": "y"}']
    broker.send("clicks", events(0, 5000) + bad + ['{"user": "now", "item": "solaris"}'])
    said = attune(program, folder, "import", "--from-kafka", f"{broker.address}/clicks")
    check("5008 messages" in said and "5001 events taken, 0 were there already, 7 messages set aside" in said, said)
    check(sorted(times_of(folder)) == list(range(5000)), "events are missing or double")
    again = attune(program, folder, "import", "--from-kafka", f"{broker.address}/clicks")
    check(": 0 messages" in again, f"from where the last reading ended: {again}")
    whole = attune(program, folder, "import", "--from-kafka", f"{broker.address}/clicks?group=another")
    check("5008 messages" in whole and "0 events taken, 5001 were there already" in whole, f"read once more from the start, nothing is taken twice: {whole}")
    doctor = attune(program, folder, "doctor")
    for reason in ("is no JSON", "item is missing", "value must be a number", "is no field of an event", "bytes, at most 512"):
        check(reason in doctor, f"doctor does not show {reason!r}: {doctor}")
    check("7 messages" not in doctor and json.loads(attune(program, folder, "--json", "doctor"))["events"] > 0, doctor)
    nothing = attune(program, folder, "import", "--from-kafka", f"{broker.address}/no-such-topic?allow.auto.create.topics=false", code=3)
    check("no topic" in nothing, nothing)
    print("ok  a topic is read to its end, each message once; what cannot be read is set aside with its reason")


def survives_kills(program, folder, broker, kills):
    total = 500 * kills
    def send():
        for first in range(0, total, 500):
            broker.send("stream", events(first, 500, "stream-"))
            time.sleep(0.05)
    sender = threading.Thread(target=send)
    sender.start()
    for n in range(kills):
        service = start(program, folder, "--kafka", f"{broker.address}/stream?session.timeout.ms=6000")
        time.sleep(random.uniform(0.05, 1.5))
        service.process.kill()
        service.process.communicate()
    sender.join()
    service = start(program, folder, "--kafka", f"{broker.address}/stream?session.timeout.ms=6000")
    within(90, "the rest", lambda: len(times_of(folder, "stream-")) >= total)
    found = times_of(folder, "stream-")
    check(len(found) == len(set(found)) == total, f"{total} sent, {len(found)} kept, {len(set(found))} of them different")
    check(service.ask("GET", "/v1/users/stream-1")["events"] > 0, "the service knows them")
    health = service.ask("GET", "/v1/health")
    check(health["checks"]["kafka"] == "ok", f"health: {health}")
    print(f"ok  killed {kills} times while it read: {total} messages, each event there once")
    return service


def outlives_the_broker(service, folder, broker):
    broker.stop()
    within(60, "health without a broker", lambda: service.ask("GET", "/v1/health")["checks"]["kafka"] != "ok")
    health = service.ask("GET", "/v1/health")
    check(health["status"] == "ready" and len(service.list("stream-1", k=2)["items"]) == 2, f"lists go on without a broker: {health}")
    broker.start()
    broker.send("stream", events(1000000, 100, "after-"))
    within(60, "messages after the broker's return", lambda: len(times_of(folder, "after-")) == 100)
    within(60, "health after its return", lambda: service.ask("GET", "/v1/health")["checks"]["kafka"] == "ok")
    check(service.stop()[0] == 0, "stopped with exit code 0")
    print("ok  without a broker lists go on and health tells; when it is back, reading goes on by itself")


def shared(program, folder, broker):
    """Two services of one group on one PostgreSQL, one of them killed half-way."""
    with Postgres() as server:
        shop = folder / "on-postgres"
        attune(program, shop, "init", "--store", server.url("shop"))
        bookshop(program, shop)
        options = ("--kafka", f"{broker.address}/shared?session.timeout.ms=6000&topic.metadata.refresh.interval.ms=500")
        broker.send("shared", events(0, 10, "shared-"))
        one, two = start(program, shop, *options), start(program, shop, *options)
        broker.send("shared", events(10, 5000, "shared-"))
        time.sleep(0.5)
        one.process.kill()
        one.process.communicate()
        broker.send("shared", events(5010, 5000, "shared-"))
        count = "SELECT count(*), count(DISTINCT time_ms) FROM shop.events WHERE user_id IN (SELECT id FROM shop.users WHERE name LIKE 'shared-%')"
        within(60, "all of it", lambda: server.sql(count) == "10010|10010")
        server.crash()
        broker.send("shared", events(20000, 1000, "shared-"))
        time.sleep(1)
        server.start()
        within(60, "what came while PostgreSQL was away", lambda: server.sql(count) == "11010|11010")
        check(two.stop()[0] == 0, "stopped with exit code 0")
    print("ok  two services of one group share a topic; one killed, PostgreSQL fallen and back: each event there once")


def main():
    words = argparse.ArgumentParser()
    words.add_argument("--attune", required=True)
    words.add_argument("--kills", type=int, default=25)
    options = words.parse_args()
    program = pathlib.Path(options.attune).resolve()
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        (folder / "broker").mkdir()
        broker = Broker(folder / "broker")
        try:
            bookshop(program, folder / "shop")
            reads_to_the_end(program, folder / "shop", broker)
            outlives_the_broker(survives_kills(program, folder / "shop", broker, options.kills), folder / "shop", broker)
            shared(program, folder, broker)
        finally:
            broker.stop()
            for service in STARTED:
                if service.process.poll() is None:
                    service.process.kill()
                    service.process.communicate()


if __name__ == "__main__":
    main()
