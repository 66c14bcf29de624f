"""A docker engine of the benchmark's own, in a folder of its own, with nothing in it."""
import json
import os
import shutil
import subprocess
import tempfile
import time

from registry_client import BenchError


class DockerEngine:
    def __init__(self, folder):
        self.folder = tempfile.mkdtemp(prefix="dk-", dir=folder)
        self.socket_folder = tempfile.mkdtemp(prefix="ncr-dk-")  # a socket's path has room for about 100 characters
        self.env = os.environ | {"DOCKER_HOST": f"unix://{self.socket_folder}/s", "DOCKER_CONFIG": self.folder + "/config",
                                 "DOCKER_BUILDKIT": "0", "DOCKER_TLS_VERIFY": "", "DOCKER_CONTEXT": ""}
        os.makedirs(self.folder + "/config")
        with open(self.folder + "/daemon.json", "w") as f:
            json.dump({}, f)
        self.log = open(self.folder + "/log", "wb")
        self.process = subprocess.Popen(
            ["dockerd", "--bridge=none", "--iptables=false", "--config-file", self.folder + "/daemon.json", "--data-root", self.folder + "/data",
             "--exec-root", self.folder + "/exec", "--pidfile", self.folder + "/pid", "-H", self.env["DOCKER_HOST"]],
            stdout=self.log, stderr=self.log)
        end = time.monotonic() + 60
        while self.run("version", check=False).returncode:
            if self.process.poll() is not None or time.monotonic() > end:
                raise BenchError("dockerd did not start: " + open(self.folder + "/log", errors="replace").read()[-1000:])
            time.sleep(0.1)

    def run(self, *arguments, check=True, text=None):
        done = subprocess.run(["docker", *arguments], env=self.env, input=text, capture_output=True, text=True)
        if check and done.returncode:
            raise BenchError(f"docker {' '.join(arguments[:2])}: {done.stderr[-500:]}")
        return done

    def build(self, name, layers, size):
        """An image of so many layers of random bytes; it never runs, so it needs nothing beneath."""
        context = tempfile.mkdtemp(dir=self.folder)
        for i in range(layers):
            with open(f"{context}/{i}", "wb") as f:
                f.write(os.urandom(size))
        with open(context + "/Dockerfile", "w") as f:
            f.write("FROM scratch\n" + "".join(f"COPY {i} /{i}\n" for i in range(layers)))
        self.run("build", "-q", "-t", name, context)
        shutil.rmtree(context)

    def close(self):
        self.process.terminate()
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.log.close()
        with open("/proc/self/mounts") as f:
            mounts = [line.split()[1] for line in f]
        for mount in sorted((m for m in mounts if m.startswith(self.folder + "/")), key=len, reverse=True):
            subprocess.run(["umount", "--lazy", mount], check=False)
        shutil.rmtree(self.folder, ignore_errors=True)
        shutil.rmtree(self.socket_folder, ignore_errors=True)
