"""The measured server: starting and stopping it, its processor time and its memory, and the machine around it."""
import ctypes
import os
import resource
import shlex
import signal
import subprocess
import sys
import time

from registry_client import BenchError, Conn

# The environment of whoever runs this must not change what is measured.
FOREIGN_SETTINGS = ("NCR__", "ASPNETCORE_", "DOTNET_ENVIRONMENT", "LOGGING__", "REGISTRY_", "BENCH_")
TICKS = os.sysconf("SC_CLK_TCK")
PR_SET_PDEATHSIG = 1
libc = ctypes.CDLL(None)


def log(*words):
    print(time.strftime("%H:%M:%S"), *words, file=sys.stderr, flush=True)


def stop_on_signals():
    """Ctrl-C and SIGTERM end the program through its finally blocks, and only once."""
    def handle(number, frame):
        for s in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(s, signal.SIG_IGN)
        raise SystemExit(128 + number)
    for s in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(s, handle)


class Server:
    def __init__(self, command, base, log_file, env=None, folder=None):
        self.command, self.base, self.log_file, self.folder = shlex.split(command), base, log_file, folder
        self.env = {k: v for k, v in os.environ.items() if not k.upper().startswith(FOREIGN_SETTINGS)} | (env or {})
        self.process = None

    def answers(self):
        conn = Conn(self.base)
        try:
            return conn.request("GET", "/v2/")[0] in (200, 401)
        except OSError:
            return False
        finally:
            conn.close()

    def start(self):
        """Starts it; milliseconds until it answered."""
        if self.answers():
            raise BenchError(f"something else answers on {self.base}")
        with open(self.log_file, "ab") as output:
            t = time.perf_counter()
            self.process = subprocess.Popen(
                self.command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, env=self.env, cwd=self.folder,
                start_new_session=True, preexec_fn=lambda: libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL))
        while not self.answers():
            if self.process.poll() is not None:
                raise BenchError(f"the server ended with {self.process.returncode}: {self.last_words()}")
            if time.perf_counter() - t > 60:
                raise BenchError(f"the server did not answer in 60 s: {self.last_words()}")
            time.sleep(0.002)
        return (time.perf_counter() - t) * 1000

    def last_words(self):
        with open(self.log_file, errors="replace") as f:
            return f.read()[-2000:]

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                log("the server did not stop in 20 s, killed")
                self.process.kill()
                self.process.wait()
        self.process = None

    def pids(self):
        """The server's process and its children."""
        found, todo = [], [self.process.pid]
        while todo:
            pid = todo.pop()
            found.append(pid)
            try:
                for task in os.listdir(f"/proc/{pid}/task"):
                    with open(f"/proc/{pid}/task/{task}/children") as f:
                        todo += [int(x) for x in f.read().split()]
            except OSError:
                pass
        return found

    def cpu_seconds(self):
        total = 0
        for pid in self.pids():
            try:
                with open(f"/proc/{pid}/stat") as f:
                    fields = f.read().rsplit(")", 1)[1].split()
                total += int(fields[11]) + int(fields[12])
            except OSError:
                pass
        return total / TICKS

    def memory_mib(self, field="VmRSS"):
        total = 0
        for pid in self.pids():
            try:
                with open(f"/proc/{pid}/status") as f:
                    total += sum(int(line.split()[1]) for line in f if line.startswith(field + ":"))
            except OSError:
                pass
        return round(total / 1024, 1)

    def reset_peak(self):
        for pid in self.pids():
            try:
                with open(f"/proc/{pid}/clear_refs", "w") as f:
                    f.write("5")
            except OSError:
                pass


def machine_cpu_seconds():
    with open("/proc/stat") as f:
        v = [int(x) for x in f.readline().split()[1:9]]
    return (sum(v) - v[3] - v[4]) / TICKS


def own_cpu_seconds():
    return sum(u.ru_utime + u.ru_stime for u in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)))


class Watch:
    """Adds to a result what the server, the client and everything else used of the machine during a block."""

    def __init__(self, server, result):
        self.server, self.result = server, result

    def __enter__(self):
        self.server.reset_peak()
        self.server_cpu, self.own_cpu, self.machine_cpu = self.server.cpu_seconds(), own_cpu_seconds(), machine_cpu_seconds()
        self.started = time.perf_counter()

    def __exit__(self, kind, *_):
        if kind:
            return
        r = self.result
        r["wall_s"] = round(time.perf_counter() - self.started, 3)
        r["server_cpu_s"] = round(self.server.cpu_seconds() - self.server_cpu, 3)
        r["client_cpu_s"] = round(own_cpu_seconds() - self.own_cpu, 3)
        r["other_cpu_s"] = round(machine_cpu_seconds() - self.machine_cpu - r["server_cpu_s"] - r["client_cpu_s"], 2)
        r["peak_rss_mib"] = self.server.memory_mib("VmHWM")
        # The kernel's own threads flush and copy for the server, so a tenth of the machine is nobody's fault.
        r["disturbed"] = r["other_cpu_s"] > 0.12 * r["wall_s"] * os.cpu_count()


class Patience:
    """Waits for other programs to leave the machine alone, and repeats what they disturbed, while its seconds last."""

    def __init__(self, seconds):
        self.left = seconds
        self.results = []

    def wait_for_quiet(self):
        while self.left > 0:
            cpu, t = machine_cpu_seconds(), time.perf_counter()
            time.sleep(0.5)
            took = time.perf_counter() - t
            self.left -= took
            if (machine_cpu_seconds() - cpu) / took < 0.10:
                return

    def measure(self, run, tries=3):
        for i in range(tries):
            self.wait_for_quiet()
            t = time.perf_counter()
            r = run()
            if not r["disturbed"] or self.left <= 0 or i == tries - 1:
                break
            self.left -= time.perf_counter() - t
            log("  other programs took", r["other_cpu_s"], "cpu seconds of", r["wall_s"], "seconds, again")
        self.results.append(r)
        return r
