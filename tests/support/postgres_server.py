"""A PostgreSQL server of the tests' own (tests/support/postgres), ended by its process id."""
import pathlib, signal, subprocess, tempfile, time

SCRIPT = pathlib.Path(__file__).resolve().with_name("postgres")


class Postgres:
    def __init__(self, *options, before=()):
        self.folder = tempfile.TemporaryDirectory(prefix="attune_pg_")
        self.options, self.before, self.process = options, before, None
        self.start()

    def start(self):
        self.process = subprocess.Popen([*self.before, str(SCRIPT), self.folder.name, *self.options])
        for _ in range(600):
            if subprocess.run(["pg_isready", "-q", "-h", self.folder.name]).returncode == 0:
                return
            if self.process.poll() is not None:
                break
            time.sleep(0.05)
        raise SystemExit("FAILED the PostgreSQL server does not start: " + (pathlib.Path(self.folder.name) / "server.log").read_text()[-2000:])

    def url(self, schema, user="attune", password=""):
        return f"postgres://{user}{':' + password if password else ''}@/attune?host={self.folder.name}&schema={schema}"

    def sql(self, text):
        return subprocess.run(["psql", "-qAt", "-v", "ON_ERROR_STOP=1", "-h", self.folder.name, "-U", "attune", "-d", "attune", "-c", text],
                              check=True, capture_output=True, text=True).stdout.strip()

    def end(self, how):
        if self.process is not None:
            self.process.send_signal(how)
            self.process.wait()
            self.process = None

    def crash(self):
        self.end(signal.SIGQUIT)

    def stop(self):
        self.end(signal.SIGINT)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()
        self.folder.cleanup()
