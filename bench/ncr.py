"""A server of NCR for the tools that try it alone: published, set up, on a data folder of its own."""
import base64
import os
import platform
import re
import shlex
import shutil
import socket
import subprocess
import sys
import tempfile

from registry_client import BenchError, Conn
from server import Server, log

HERE = os.path.dirname(os.path.abspath(__file__))
USER, PASSWORD = "admin", "Bench-password-1"
KEY, SECRET = "benchkey000000000001", "bench-secret-000000000000000000000001"
BASIC = ("Authorization", "Basic " + base64.b64encode(f"{KEY}:{SECRET}".encode()).decode())

# As PlainLogFormatter and the JSON formatter write an error, and .NET its last words.
ERROR = re.compile(r'\d{4}-\d\d-\d\dT[\d:.]+Z (error|fatal) |Unhandled exception|\{.*"LogLevel":"(Error|Critical)"')
if not (ERROR.match("2026-11-23T15:02:09.123Z error StorageFailureLog: The disk is full") and ERROR.match("2026-11-23T15:02:09.123Z fatal Host: gone")
        and ERROR.match('{"Timestamp":"2026-11-23T15:02:09.123Z","EventId":1,"LogLevel":"Error","Category":"Ncr"}')
        and not ERROR.match("2026-11-23T15:02:09.123Z warn  Requests: PUT /v2/error 500")):
    raise AssertionError("errors in the server's log are not recognised")


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as s:
        return s.getsockname()[1]


def find_app(work):
    """The folder of NCR_BENCH_APP, or Ncr.Web published into the work folder."""
    app = os.environ.get("NCR_BENCH_APP")
    if not app:
        app = os.path.join(work, "app")
        log("publishing Ncr.Web …")
        machine = "arm64" if platform.machine() == "aarch64" else "x64"
        subprocess.run(["dotnet", "publish", os.path.join(HERE, "..", "Ncr.Web"), "-c", "Release", "-r", "linux-" + machine, "-o", app,
                        "--nologo", "-v", "quiet", "-p:UseSharedCompilation=false"],
                       check=True, stdout=sys.stderr, env=os.environ | {"MSBUILDDISABLENODEREUSE": "1"})
    if not os.path.isfile(os.path.join(app, "Ncr.Web.dll")):
        raise BenchError(f"{app} holds no Ncr.Web.dll")
    return os.path.abspath(app)


class Ncr(Server):
    """With the access key above, which may do everything in the registries named."""

    def __init__(self, app, data, log_file, registries, settings=None):
        self.app, self.data = app, data
        super().__init__(shlex.join(["dotnet", os.path.join(app, "Ncr.Web.dll")]), f"http://127.0.0.1:{free_port()}", log_file, folder=app)
        self.env |= {"NCR__DATAPATH": data, "NCR__SETUP__USER": USER, "NCR__SETUP__PASSWORD": PASSWORD, "NCR__SETUP__ACCESSKEY": KEY,
                     "NCR__SETUP__SECRETKEY": SECRET, "NCR__SETUP__REGISTRIES": ",".join(registries), "ASPNETCORE_URLS": self.base,
                     "Logging__LogLevel__Default": "Error", "DOTNET_NOLOGO": "1"}
        self.configure(settings or {})

    def configure(self, settings):
        """Settings by name, such as Ncr:Collection:Grace; for the next start."""
        self.env |= {name.replace(":", "__").upper(): value for name, value in settings.items()}

    def kill(self):
        """At once, as kill -9 does."""
        if self.process:
            self.process.kill()
            self.process.wait()
            self.process = None

    def errors(self):
        """What it wrote to its log as an error."""
        with open(self.log_file, errors="replace") as f:
            lines = f.read().splitlines()
        return [" ".join(x.strip() for x in lines[i:i + 3]) for i, line in enumerate(lines) if ERROR.match(line)]

    def run_command(self, *words):
        """Runs another of the program's commands on the data folder: (exit code, stdout, stderr)."""
        run = subprocess.run(["dotnet", os.path.join(self.app, "Ncr.Web.dll"), *words, "--data", self.data],
                             stdin=subprocess.DEVNULL, capture_output=True, text=True, env=self.env, cwd=self.app)
        return run.returncode, run.stdout, run.stderr


class Work:
    """A folder that is gone afterwards; kept when something failed and that was asked for."""

    def __init__(self, name, keep=False):
        self.keep, self.failed = keep, False
        self.path = tempfile.mkdtemp(prefix=f"ncr-{name}.")

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        if self.keep and (self.failed or (kind and kind is not SystemExit)):
            log("kept:", self.path)
        else:
            shutil.rmtree(self.path, ignore_errors=True)

    def folder(self, name):
        return os.path.join(self.path, name)


def request(base, method, path, headers=(), body=b""):
    """One request with the access key on a connection of its own."""
    conn = Conn(base)
    try:
        return conn.request(method, path, [*headers, BASIC], body)
    finally:
        conn.close()
