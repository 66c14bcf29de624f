#!/usr/bin/env python3
"""NCR in operation: a thousand clients of all kinds, well-behaved and not, while memory, handles and latency are watched. See README.md beside this file.

  soak.py [--minutes 10] [--clients 1000] [--mix reader=500,writer=500]

Ends with 1 when memory grew over --memory MiB, handles or uploads did not come back, or a well-behaved client met an error.
"""
import argparse
import asyncio
import base64
import collections
import json
import multiprocessing
import os
import random
import re
import resource
import socket
import statistics
import struct
import sys
import time
import urllib.parse

from ncr import BASIC, PASSWORD, USER, Ncr, Work, find_app
from registry_client import Conn, blob_path, relative, sha256, upload_path, with_digest
from server import log, stop_on_signals

MIB = 1 << 20
REPO = "soak/app"
OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
BIG = 64 * MIB
LIFETIME = 60  # seconds that an upload may lie untouched
SETTINGS = {"Ncr:Collection:UploadLifetime": f"00:{LIFETIME // 60:02}:{LIFETIME % 60:02}", "Ncr:Collection:Interval": "00:00:05", "Ncr:Deletion:RestoreTime": "00:00:00"}
SHARES = {"pull": 20, "push": 15, "page": 6, "console": 4, "reader": 17, "writer": 17, "stuck": 5, "half": 8, "vanish": 8}
KINDS = {
    "pull": "pulls a manifest and 1 MiB, with pauses",
    "push": "pushes a blob of up to 1 MiB and a manifest, with pauses",
    "page": "loads the sign-in page of the console",
    "console": "signs in to the console, opens its connection (a websocket, or a long poll) and drops it",
    "reader": "reads 64 MiB at some KiB a second",
    "writer": "uploads at some KiB a second",
    "stuck": "asks for 64 MiB and reads nothing",
    "half": "sends half a request, or nothing, and stays",
    "vanish": "disappears in the middle of an upload or a download",
}


class Refused(Exception):
    """An answer that a well-behaved client must not get."""


class Peer:
    """One connection, with as little in this process as can be."""

    def __init__(self, port, receive=None):
        self.loop = asyncio.get_running_loop()
        self.socket = socket.socket()
        self.socket.setblocking(False)
        if receive:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive)
        self.port, self.buffer, self.cookies = port, b"", []

    async def __aenter__(self):
        await self.loop.sock_connect(self.socket, ("127.0.0.1", self.port))
        return self

    async def __aexit__(self, *_):
        self.socket.close()

    def vanish(self):
        """A reset, as from a machine that was switched off and on."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()

    async def send(self, method, path, headers=(), body=b"", length=None):
        length = len(body) if length is None else length
        lines = [f"{method} {path} HTTP/1.1", f"Host: 127.0.0.1:{self.port}", "Authorization: " + BASIC[1]] + [f"{k}: {v}" for k, v in headers]
        if length or method in ("POST", "PUT", "PATCH"):
            lines.append(f"Content-Length: {length}")
        await self.loop.sock_sendall(self.socket, ("\r\n".join(lines) + "\r\n\r\n").encode() + body)

    async def receive(self, n=65536):
        data = await self.loop.sock_recv(self.socket, n)
        if not data:
            raise ConnectionError("closed by the server")
        return data

    async def head(self):
        """(status, headers) of an answer."""
        while b"\r\n\r\n" not in self.buffer:
            self.buffer += await self.receive()
        head, self.buffer = self.buffer.split(b"\r\n\r\n", 1)
        first, *lines = head.decode("latin1").split("\r\n")
        headers = {}
        for name, value in (line.split(":", 1) for line in lines):
            headers.setdefault(name.lower(), value.strip())
            if name.lower() == "set-cookie":
                self.cookies.append(value.split(";")[0].strip())
        return int(first.split()[1]), headers

    async def answer(self):
        """(status, headers, length of the body), the body dropped."""
        status, headers = await self.head()
        if "chunked" in headers.get("transfer-encoding", ""):
            while not self.buffer.endswith(b"0\r\n\r\n"):
                self.buffer = self.buffer[-8:] + await self.receive()
            self.buffer = b""
            return status, headers, 0
        left = length = int(headers.get("content-length", 0))
        left -= len(self.buffer)
        self.buffer = b""
        while left > 0:
            left -= len(await self.receive(MIB))
        return status, headers, length

    async def read(self, want):
        """(headers, body) of an answer."""
        status, headers = await self.head()
        if status != want:
            raise Refused(f"{status} instead of {want}")
        if "chunked" in headers.get("transfer-encoding", ""):
            while not self.buffer.endswith(b"0\r\n\r\n"):
                self.buffer += await self.receive()
        else:
            while len(self.buffer) < int(headers.get("content-length", 0)):
                self.buffer += await self.receive()
        body, self.buffer = self.buffer, b""
        return headers, body

    async def ask(self, want, method, path, headers=(), body=b""):
        await self.send(method, path, headers, body)
        status, headers, length = await self.answer()
        if status != want:
            raise Refused(f"{method} {path.split('?')[0]}: {status} instead of {want}")
        return headers, length


class Load:
    def __init__(self, port, mix, blobs):
        self.port, self.mix, self.blobs = port, mix, blobs
        self.done, self.errors = collections.Counter(), collections.Counter()
        self.held = collections.defaultdict(list)  # seconds until the server ended a connection, by kind
        self.random = random.Random(1)
        self.serial, self.session = 0, None

    async def run(self, seconds):
        tasks = [asyncio.create_task(self.client(kind)) for kind, count in self.mix.items() for _ in range(count)]
        await asyncio.sleep(seconds)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def client(self, kind):
        await asyncio.sleep(self.random.random() * 10)
        work = getattr(self, kind)
        while True:
            began = time.monotonic()
            try:
                await work()
                self.done[kind] += 1
            except Refused as e:
                self.errors[f"{kind}: {e}"] += 1
                await asyncio.sleep(1)
            except OSError as e:
                if kind in ("reader", "writer", "stuck", "half"):
                    self.held[kind].append(time.monotonic() - began)
                else:
                    self.errors[f"{kind}: {e}"] += 1
                await asyncio.sleep(1)

    def pause(self, seconds):
        return asyncio.sleep(self.random.uniform(0.5, 1.5) * seconds)

    async def pull(self):
        async with Peer(self.port) as peer:
            for _ in range(5):
                await peer.ask(200, "GET", f"/v2/{REPO}/manifests/latest")
                await peer.ask(200, "GET", blob_path(REPO, self.blobs["mib"]))
                await self.pause(3)

    async def push(self):
        self.serial += 1
        data = (b"%d " % self.serial) + os.urandom(self.random.choice([500, 4096, 65536, MIB]))
        digest = sha256(data)
        async with Peer(self.port) as peer:
            headers, _ = await peer.ask(202, "POST", upload_path(REPO))
            await peer.ask(201, "PUT", with_digest(relative(headers["location"]), digest), body=data)
            await self.pause(1)
            body = manifest(digest, len(data))
            await peer.ask(201, "PUT", f"/v2/{REPO}/manifests/push{self.serial % 500}", [("Content-Type", OCI_MANIFEST)], body)
            await self.pause(3)

    async def page(self):
        async with Peer(self.port) as peer:
            await peer.ask(200, "GET", "/sign-in")
            await self.pause(2)

    async def console(self):
        """Its connection alone: what a browser draws is not the server's."""
        self.session = self.session or asyncio.create_task(self.sign_in())
        cookie = ("Cookie", "; ".join(await self.session))
        async with Peer(self.port) as peer:
            await peer.send("POST", "/_blazor/negotiate?negotiateVersion=1", [cookie])
            path = "/_blazor?id=" + json.loads((await peer.read(200))[1])["connectionToken"]
            hello = b'{"protocol":"blazorpack","version":1}\x1e'
            if self.random.random() < 0.5:
                upgrade = [("Connection", "Upgrade"), ("Upgrade", "websocket"), ("Sec-WebSocket-Version", "13"), ("Sec-WebSocket-Key", base64.b64encode(os.urandom(16)).decode())]
                await peer.send("GET", path, [cookie, *upgrade])
                status, _ = await peer.head()
                if status != 101:
                    raise Refused(f"the console's websocket: {status} instead of 101")
                await peer.loop.sock_sendall(peer.socket, bytes([0x81, 0x80 | len(hello), 0, 0, 0, 0]) + hello)
                peer.buffer or await peer.receive()
            else:
                await peer.ask(200, "GET", path, [cookie])  # The first poll is answered at once.
                await peer.ask(200, "POST", path, [cookie], hello)
                await peer.send("GET", path, [cookie])
            await self.pause(5)
            if self.random.random() < 0.5:
                peer.vanish()

    async def sign_in(self):
        """The cookies of a session, which all share: how fast passwords are checked is no matter here."""
        async with Peer(self.port) as peer:
            await peer.send("GET", "/sign-in")
            page = (await peer.read(200))[1].decode()
            fields = dict(re.findall(r'<input[^>]*type="hidden"[^>]*name="([^"]+)"[^>]*value="([^"]*)"', page))
            body = urllib.parse.urlencode(fields | {"Input.User": USER, "Input.Password": PASSWORD}).encode()
            await peer.send("POST", "/sign-in", [("Cookie", "; ".join(peer.cookies)), ("Content-Type", "application/x-www-form-urlencoded")], body)
            await peer.read(302)
            return list(peer.cookies)

    async def reader(self):
        async with Peer(self.port, receive=8192) as peer:
            await peer.send("GET", blob_path(REPO, self.blobs["big"]))
            for _ in range(120):
                await peer.receive(4096)
                await asyncio.sleep(1)

    async def writer(self):
        async with Peer(self.port) as peer:
            headers, _ = await peer.ask(202, "POST", upload_path(REPO))
            location = relative(headers["location"])
            await peer.send("PATCH", location, length=BIG)
            for _ in range(60):
                await peer.loop.sock_sendall(peer.socket, bytes(4096))
                await asyncio.sleep(1)
        async with Peer(self.port) as peer:  # Given up: it tidies up as a good client does, else the disk would fill.
            for _ in range(20):
                await peer.send("DELETE", location)
                if (await peer.answer())[0] in (204, 404):
                    return
                await asyncio.sleep(1)
        raise Refused("an upload whose connection ended can't be cancelled")

    async def stuck(self):
        async with Peer(self.port, receive=8192) as peer:
            await peer.send("GET", blob_path(REPO, self.blobs["big"]))
            poll = [1] * 200
            for seconds in poll:
                await asyncio.sleep(seconds)
                if peer.socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
                    raise ConnectionResetError
                info = peer.socket.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)
                if info[0] != 1:  # no longer ESTABLISHED
                    raise ConnectionResetError

    async def half(self):
        async with Peer(self.port) as peer:
            text = self.random.choice([b"", b"GET /v2/", b"GET /v2/ HTTP/1.1\r\nHost: a\r\nX-", b"POST /v2/soak/app/blobs/uploads/ HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n12"])
            await peer.loop.sock_sendall(peer.socket, text)
            while True:
                await asyncio.wait_for(peer.receive(), 300)

    async def vanish(self):
        peer = Peer(self.port)
        async with peer:
            if self.random.random() < 0.5:
                await peer.send("GET", blob_path(REPO, self.blobs["big"]))
                for _ in range(8):
                    await peer.receive()
                    await self.pause(0.2)
                peer.vanish()
                return
            headers, _ = await peer.ask(202, "POST", upload_path(REPO))
            location = relative(headers["location"])
            await peer.send("PATCH", location, length=5 * MIB, body=bytes(300_000))
            await self.pause(2)
            peer.vanish()
        await self.pause(2)
        async with Peer(self.port) as peer:
            await peer.ask(204, "DELETE", location)


def manifest(digest, size):
    one = {"digest": digest, "size": size}
    return json.dumps({"schemaVersion": 2, "mediaType": OCI_MANIFEST, "config": {"mediaType": "application/vnd.oci.image.config.v1+json"} | one, "layers": []}).encode()


def probe(base, blob, out):
    """A well-behaved client in a process of its own: (moment, milliseconds of a manifest, milliseconds of 1 MiB or None)."""
    conn, n = Conn(base), 0
    while True:
        n += 1
        try:
            t = time.perf_counter()
            status, _, _ = conn.request("GET", f"/v2/{REPO}/manifests/latest", [BASIC])
            small, large = (time.perf_counter() - t) * 1000, None
            if n % 10 == 0:
                t = time.perf_counter()
                conn.request("GET", blob_path(REPO, blob), [BASIC])
                large = (time.perf_counter() - t) * 1000
            out.put((time.monotonic(), small, large) if status == 200 else (time.monotonic(), f"status {status}", None))
        except OSError as e:
            conn.close()
            out.put((time.monotonic(), repr(e), None))
        time.sleep(0.05)


class Watch:
    """Samples of the server."""

    def __init__(self, server):
        self.server, self.samples = server, []
        self.uploads = os.path.join(server.data, "uploads")

    def take(self):
        pid = self.server.process.pid
        with open(f"/proc/{pid}/status") as f:
            status = dict(line.split(":", 1) for line in f)
        sample = {"at": time.monotonic(), "rss": int(status["VmRSS"].split()[0]) / 1024, "anon": int(status["RssAnon"].split()[0]) / 1024,
                  "peak": int(status["VmHWM"].split()[0]) / 1024, "threads": int(status["Threads"]), "handles": len(os.listdir(f"/proc/{pid}/fd")),
                  "uploads": len(os.listdir(self.uploads))}
        self.samples.append(sample)
        return sample

    async def run(self, every):
        while True:
            s = self.take()
            if len(self.samples) % 10 == 1:
                log(f"memory {s['rss']:.0f} MiB, {s['handles']} handles, {s['threads']} threads, {s['uploads']} uploads")
            await asyncio.sleep(every)


def percentile(values, p):
    values = sorted(values)
    return values[min(len(values) - 1, int(len(values) * p))] if values else float("nan")


def prepare(server):
    """What is pulled."""
    conn = Conn(server.base)
    blobs = {}
    for name, size in (("big", BIG), ("mib", MIB)):
        data = os.urandom(size)
        blobs[name] = sha256(data)
        status, _, _ = conn.request("POST", upload_path(REPO) + "?digest=" + blobs[name], [BASIC], data)
        assert status == 201, status
    status, _, body = conn.request("PUT", f"/v2/{REPO}/manifests/latest", [BASIC, ("Content-Type", OCI_MANIFEST)], manifest(blobs["mib"], MIB))
    assert status == 201, body
    conn.close()
    asyncio.run(warm_up(int(server.base.rsplit(":", 1)[1]), blobs))
    return blobs


async def warm_up(port, blobs):
    """Once through everything, many at a time: what is opened only once and kept open is no leak."""
    load = Load(port, {}, blobs)

    async def one(kind):
        try:
            await asyncio.wait_for(getattr(load, kind)(), 3)
        except (TimeoutError, OSError):
            pass
    await asyncio.gather(*(one(kind) for kind in ("pull", "push", "page", "console", "reader", "writer", "vanish") for _ in range(20)))


def thirds(samples, key):
    n = max(1, len(samples) // 3)
    return statistics.median(s[key] for s in samples[:n]), statistics.median(s[key] for s in samples[-n:])


def parse_mix(text, clients):
    if text:
        return {k: int(v) for k, _, v in (part.partition("=") for part in text.split(","))}
    return {k: max(1, clients * share // 100) for k, share in SHARES.items()}


def measure(server, options):
    server.start()
    blobs = prepare(server)
    time.sleep(3)
    watch = Watch(server)
    idle = watch.take()
    mix = parse_mix(options.mix, options.clients)
    load = Load(int(server.base.rsplit(":", 1)[1]), mix, blobs)
    log(f"idle: {idle['rss']:.0f} MiB, {idle['handles']} handles; load: " + ", ".join(f"{n} {k}" for k, n in mix.items()))
    fork = multiprocessing.get_context("fork")
    queue = fork.Queue()
    prober = fork.Process(target=probe, args=(server.base, blobs["mib"], queue), daemon=True)
    prober.start()
    watch.samples.clear()

    async def both():
        sampler = asyncio.create_task(watch.run(options.every))
        await load.run(options.minutes * 60)
        sampler.cancel()

    asyncio.run(both())
    loaded = list(watch.samples)
    prober.terminate()
    latencies = []
    while not queue.empty():
        latencies.append(queue.get())
    log("the load has stopped")
    after = watch.take()
    deadline = time.monotonic() + LIFETIME + 60  # What the end of the load cut is given up when its time is over.
    while time.monotonic() < deadline and (after["handles"] > idle["handles"] + 10 or after["uploads"]):
        time.sleep(1)
        after = watch.take()
    time.sleep(10)
    return idle, loaded, watch.take(), latencies, load


def report(options, server, idle, samples, after, latencies, load):
    faults = []
    steady = [s for s in samples if s["at"] > samples[0]["at"] + 12] or samples  # once all clients are there
    print("| Watched | Unit | Idle | First third | Last third | At most | Afterwards |\n|---|---|---:|---:|---:|---:|---:|")
    for name, unit, key in (("Memory", "MiB", "rss"), ("of it anonymous", "MiB", "anon"), ("Handles", "", "handles"), ("Threads", "", "threads"), ("Uploads", "files", "uploads")):
        first, last = thirds(steady, key)
        most = max(s["peak" if key == "rss" else key] for s in samples)
        print(f"| {name} | {unit} | {idle[key]:,.0f} | {first:,.0f} | {last:,.0f} | {most:,.0f} | {after[key]:,.0f} |")
    good = [x for x in latencies if not isinstance(x[1], str)]
    middle = statistics.median(x[0] for x in good) if good else 0
    for name, column in (("Manifest", 1), ("Pull of 1 MiB", 2)):
        halves = [[x[column] for x in good if x[column] is not None and (x[0] < middle) == early] for early in (True, False)]
        for label, p in (("median", 0.5), ("slowest 1 %", 0.99)):
            print(f"| {name}, {label} | ms | | {percentile(halves[0], p):.1f} | {percentile(halves[1], p):.1f} | {max(halves[0] + halves[1], default=0):.1f} | |")
    print("\nAnswered: " + ", ".join(f"{n:,} {k}" for k, n in load.done.items()))
    for kind, seconds in sorted(load.held.items()):
        print(f"The server ended {len(seconds)} connections of '{kind}' ({KINDS[kind]}): after {min(seconds):.0f} to {max(seconds):.0f} s, median {statistics.median(seconds):.0f} s")
    failed = collections.Counter(x[1] for x in latencies if isinstance(x[1], str))
    for what, count in (load.errors + failed).most_common(20):
        faults.append(f"{count} × {what}")
    faults += [f"in the server's log: {line}" for line in server.errors()[:10]]
    peak = max(s["peak"] for s in samples)
    first, last = thirds(steady, "rss")
    if peak > options.memory:
        faults.append(f"memory reached {peak:.0f} MiB, more than {options.memory}")
    if last > first * 1.15 + 10:
        faults.append(f"memory grew from {first:.0f} to {last:.0f} MiB")
    if after["handles"] > idle["handles"] + 10:
        faults.append(f"{after['handles']} handles are open after the load, {idle['handles']} before")
    if after["uploads"]:
        faults.append(f"{after['uploads']} uploads are left, which nobody touched for longer than Ncr:Collection:UploadLifetime")
    for fault in faults:
        print("FAULT:", fault)
    print("Memory stayed flat, handles and uploads came back, no well-behaved client met an error." if not faults else f"{len(faults)} faults.")
    return faults


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter,
                                     epilog="Kinds of clients: " + "; ".join(f"{k} {v}" for k, v in KINDS.items()))
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--clients", type=int, default=1000)
    parser.add_argument("--mix", help="how many of which kind, such as reader=500,writer=500, instead of --clients")
    parser.add_argument("--memory", type=int, default=300, help="MiB that the server may need at most (300)")
    parser.add_argument("--every", type=float, default=2, help="seconds between samples (2)")
    options = parser.parse_args()
    stop_on_signals()
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    with Work("soak") as work:
        server = Ncr(find_app(work.path), work.folder("data"), work.folder("server.log"), ["soak"], SETTINGS)
        try:
            faults = report(options, server, *measure(server, options))
        finally:
            server.stop()
        sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
