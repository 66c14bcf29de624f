#!/usr/bin/env python3
"""Measures one registry server on 127.0.0.1 and writes the figures as JSON.

  bench.py http://127.0.0.1:5000 --start 'path/to/server arguments' --out result.json

Sections (--only, with commas): startup push get tls docker manifest small tags catalog restart.
wrk makes the GET rates and ab the HEAD rates: wrk waits for the body that a HEAD only announces. curl pushes with
chunked transfer, as docker does. The user comes from --user or BENCH_USER (name:password). All repositories are in
the registries bench, cat0 and cat1.
"""
import argparse
import json
import multiprocessing
import os
import queue
import random
import re
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.parse

from docker_engine import DockerEngine
from registry_client import OCTET, BenchError, Client, Conn, blob_path, relative, sha256, upload_path, with_digest
from server import Patience, Server, Watch, log, stop_on_signals

OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
OCI_INDEX = "application/vnd.oci.image.index.v1+json"
OCI_CONFIG = "application/vnd.oci.image.config.v1+json"
OCI_LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"
CONFIG = json.dumps({"architecture": "amd64", "os": "linux", "rootfs": {"type": "layers", "diff_ids": []}}).encode()
MIB = 1 << 20
CHUNK = 5 * MIB
CLIENTS = 8
SMALL_PUSHES = 1000

fork = multiprocessing.get_context("fork")


class Bench:
    """What every section needs."""

    def __init__(self, options, server):
        self.options, self.server = options, server
        self.client = Client(options.base, options.user)
        self.patience = Patience(options.patience)
        self.big_blob = None

    def watched(self, run):
        """run() gives a dict of figures; what the server used meanwhile is added."""
        def once():
            r = {}
            with Watch(self.server, r):
                r.update(run())
            return r
        return self.patience.measure(once)


def median_of(runs, key):
    return {key: statistics.median(r[key] for r in runs), "runs": runs}


def per_gib(result, size):
    return result | {"server_cpu_s_per_gib": round(result["server_cpu_s"] * (1 << 30) / size, 3)}


def rate_of(size, seconds):
    return round(size / seconds / MIB, 1)


# ------------------------------------------------------------------------------------------------ start and restart
def start_again(server, times):
    runs = []
    for _ in range(times):
        server.stop()
        runs.append(round(server.start(), 1))
    return {"first_answer_ms": statistics.median(runs), "runs_ms": runs}


# ------------------------------------------------------------------------------------------------ big blobs
def make_file(path, size):
    if os.path.exists(path) and os.path.getsize(path) == size:
        return
    log("making a file of", size // MIB, "MiB")
    with open(path, "wb") as f:
        for _ in range(size // MIB):
            f.write(os.urandom(MIB))


def renew(path):
    """Gives the file new content, so that no server has it already; its digest."""
    with open(path, "r+b") as f:
        f.write(os.urandom(16))
    return "sha256:" + subprocess.run(["sha256sum", path], capture_output=True, text=True, check=True).stdout.split()[0]


def touch_memory(mib):
    """Touches and frees memory in a child. In a virtual machine, pages used for the first time cost a fault in the
    host each, which would be counted as the server's. The freed pages are what the page cache gets next."""
    code = f"import mmap\nm = mmap.mmap(-1, {mib * MIB})\nfor o in range(0, {mib * MIB}, 4096): m[o] = 1"
    subprocess.run([sys.executable, "-c", code], check=False)


def push_whole(conn, method, location, headers, file, size):
    status, got, body = conn.send_file(method, location, headers, file.fileno(), 0, size)
    if status not in (201, 202, 204):
        raise BenchError(f"{method}: {status} {body[:300]!r}")
    return got


def push_patch(b, location, headers, path, size):
    """One PATCH of known length; the location to finish at."""
    with open(path, "rb") as f:
        return relative(push_whole(Conn(b.options.base), "PATCH", location, headers, f, size)["location"])


def push_docker(b, location, headers, path, size):
    """One PATCH with Transfer-Encoding: chunked, by curl, as docker pushes."""
    cmd = ["curl", "-sS", "-o", "/dev/null", "-D", "-", "-X", "PATCH", "-T", path, "-H", "Transfer-Encoding: chunked",
           "-H", "Expect:", "-H", "Content-Type: " + OCTET]
    for k, v in headers:
        cmd += ["-H", f"{k}: {v}"]
    head = subprocess.run(cmd + [b.options.base + location], capture_output=True, text=True, check=True).stdout
    found = re.search(r"^location:\s*(\S+)", head, re.I | re.M)
    if not re.match(r"HTTP/1.1 20[24] ", head) or not found:
        raise BenchError(f"PATCH, chunked: {head[:300]!r}")
    return relative(found.group(1))


def push_chunks(b, location, headers, path, size):
    """PATCH after PATCH of 5 MiB with Content-Range, on one connection."""
    conn = Conn(b.options.base)
    with open(path, "rb") as f:
        for offset in range(0, size, CHUNK):
            n = min(CHUNK, size - offset)
            content_range = ("Content-Range", f"{offset}-{offset + n - 1}")
            status, got, body = conn.send_file("PATCH", location, [*headers, content_range], f.fileno(), offset, n)
            if status not in (202, 204):
                raise BenchError(f"PATCH of {content_range}: {status} {body[:300]!r}")
            location = relative(got["location"])
    conn.close()
    return location


def push_big(b, path, size, method):
    """One big blob by one method, with its figures."""
    c, repo = b.client, "bench/big"
    digest = renew(path)
    headers = c.sign_in_to_push(repo)
    os.sync()
    touch_memory(size * 3 // 2 // MIB + 256)

    def run():
        t = time.perf_counter()
        got, _ = c.expect(202, "push:" + repo, "POST", upload_path(repo))
        location = relative(got["location"])
        if method:
            location = method(b, location, headers, path, size)
            c.expect(201, "push:" + repo, "PUT", with_digest(location, digest))
        else:
            with open(path, "rb") as f:
                push_whole(Conn(b.options.base), "PUT", with_digest(location, digest), headers, f, size)
        return {"mib_s": rate_of(size, time.perf_counter() - t)}

    r = {}
    with Watch(b.server, r):
        r.update(run())
    b.big_blob = digest
    return per_gib(r, size)


def big_file(b):
    path, size = os.path.join(b.options.cache, "big.bin"), b.options.blob_mib * MIB
    make_file(path, size)
    return path, size


def measure_push(b):
    path, size = big_file(b)
    out = {}
    for name, method in (("patch", push_patch), ("docker", push_docker), ("monolithic", None), ("chunks", push_chunks)):
        runs = [b.patience.measure(lambda: push_big(b, path, size, method), tries=2) for _ in range(b.options.reps)]
        out[name] = median_of(runs, "mib_s")
        log("push", name, [r["mib_s"] for r in runs])
    return out


def sink_worker(base, path, headers):
    return Conn(base).sink(path, headers)


def measure_get(b):
    if not b.big_blob:
        push_big(b, *big_file(b), None)
    path = blob_path("bench/big", b.big_blob)
    headers = b.client.sign_in("pull:bench/big", path, "HEAD")
    sink_worker(b.options.base, path, headers)  # into the page cache
    out = {}
    for n in (1, CLIENTS):
        def run():
            seconds, received = together([(sink_worker, b.options.base, path, headers)] * n)
            return {"mib_s": rate_of(sum(received), seconds)}
        runs = [per_gib(b.watched(run), n * b.options.blob_mib * MIB) for _ in range(b.options.reps)]
        out[f"connections_{n}"] = median_of(runs, "mib_s")
        log("get", n, "connections", [r["mib_s"] for r in runs])
    return out


# ------------------------------------------------------------------------------------------------ over TLS
def measure_tls(b):
    """The big blob by curl over TLS, from the server started again with a certificate on the same data. curl's work is in the
    figures, the same for each server."""
    o = b.options
    if not o.tls_start:
        raise BenchError("--tls-start and --tls-base are missing")
    if not b.big_blob:
        push_big(b, *big_file(b), None)
    path, size = blob_path("bench/big", b.big_blob), o.blob_mib * MIB
    b.server.stop()
    server = Server(o.tls_start, o.tls_base, o.server_log, b.server.env, b.server.folder)
    try:
        server.start()
        client = Client(o.tls_base, o.user)
        headers = client.sign_in("pull:bench/big", path, "HEAD")
        out = {}
        for n in (1, CLIENTS):
            def run():
                r = {}
                with Watch(server, r):
                    t = time.perf_counter()
                    pulls = [subprocess.Popen(["curl", "-sSfk", "--http1.1", "-o", "/dev/null", *(x for k, v in headers for x in ("-H", f"{k}: {v}")),
                                               o.tls_base + path]) for _ in range(n)]
                    if any([p.wait() for p in pulls]):
                        raise BenchError("a pull over TLS failed")
                    r["mib_s"] = rate_of(n * size, time.perf_counter() - t)
                return per_gib(r, n * size)
            run()
            out[f"connections_{n}"] = median_of([b.patience.measure(run, tries=2) for _ in range(o.reps)], "mib_s")
            log("tls", n, "connections", [r["mib_s"] for r in out[f"connections_{n}"]["runs"]])
        return out
    finally:
        server.stop()
        b.server.start()


# ------------------------------------------------------------------------------------------------ docker itself
def measure_docker(b):
    """An image of 20 layers pushed and pulled by a docker engine; most of it is the engine's own work, packing and unpacking."""
    o, runs, size = b.options, [], b.options.image_mib * MIB // 20
    host = urllib.parse.urlsplit(o.base).netloc
    engine = DockerEngine(o.cache)
    try:
        if o.user:
            name, _, password = o.user.partition(":")
            engine.run("login", "-u", name, "--password-stdin", host, text=password)
        for i in range(o.reps):
            image = f"{host}/bench/docker{i}:v1"
            engine.build(image, 20, size)
            os.sync()
            r = {}
            b.patience.wait_for_quiet()
            with Watch(b.server, r):
                t = time.perf_counter()
                engine.run("push", "-q", image)
                r["push_s"] = round(time.perf_counter() - t, 2)
                engine.run("rmi", "-f", image)
                os.sync()
                t = time.perf_counter()
                engine.run("pull", "-q", image)
                r["pull_s"] = round(time.perf_counter() - t, 2)
            engine.run("rmi", "-f", image)
            runs.append(r)
            log("docker push", r["push_s"], "s, pull", r["pull_s"], "s, server", r["server_cpu_s"], "cpu s")
    finally:
        engine.close()
    b.patience.results += runs
    return {"push_s": statistics.median(r["push_s"] for r in runs), "pull_s": statistics.median(r["pull_s"] for r in runs), "runs": runs}


# ------------------------------------------------------------------------------------------------ many small requests
def worker(start, results, function, *arguments):
    start.wait()
    try:
        results.put(function(*arguments))
    except (OSError, BenchError) as e:
        results.put(e)


def together(calls, limit=600):
    """Runs the calls at the same time in a process each; (seconds, what they returned)."""
    start, results = fork.Event(), fork.Queue()
    workers = [fork.Process(target=worker, args=(start, results, *call), daemon=True) for call in calls]
    for w in workers:
        w.start()
    time.sleep(0.3)
    t = time.perf_counter()
    start.set()
    try:
        got = [results.get(timeout=limit) for _ in workers]
        seconds = time.perf_counter() - t
    except queue.Empty:
        raise BenchError(f"not done in {limit} s") from None
    finally:
        for w in workers:
            w.join(0 if sys.exc_info()[0] else 10)
            w.terminate()
            w.join()
    for x in got:
        if isinstance(x, Exception):
            raise BenchError(f"a client failed: {x}")
    return seconds, got


def latencies(steps, items, limit):
    """Times steps(item) for each item while the limit in seconds lasts."""
    end, times = time.perf_counter() + limit, []
    for item in items:
        t = time.perf_counter()
        if t > end:
            break
        steps(item)
        times.append(time.perf_counter() - t)
    return times


def expect_201(conn, method, path, headers, body=b""):
    status, got, content = conn.request(method, path, headers, body)
    if status != 201:
        raise BenchError(f"{method} {path}: {status} {content[:300]!r}")
    return got


def upload(conn, repo, headers, data, location=None):
    if not location:
        status, got, content = conn.request("POST", upload_path(repo), headers)
        if status != 202:
            raise BenchError(f"POST {repo}: {status} {content[:300]!r}")
        location = got["location"]
    expect_201(conn, "PUT", with_digest(relative(location), sha256(data)), [*headers, ("Content-Type", OCTET)], data)


def push_blobs(base, repo, headers, blobs, limit):
    conn = Conn(base)
    return latencies(lambda data: upload(conn, repo, headers, data), blobs, limit)


def push_manifests(base, repo, headers, items, limit):
    conn, headers = Conn(base), [*headers, ("Content-Type", OCI_INDEX)]
    return latencies(lambda x: expect_201(conn, "PUT", f"/v2/{repo}/manifests/{x[0]}", headers, x[1]), items, limit)


def push_images(base, source, headers, items, limit):
    """Each item a new repository: its blob mounted from another one, or uploaded where that is refused, and a tag."""
    conn = Conn(base)

    def push(item):
        repo, manifest = item
        status, got, content = conn.request("POST", f"{upload_path(repo)}?mount={sha256(CONFIG)}&from={source}", headers)
        if status == 202:
            upload(conn, repo, headers, CONFIG, got["location"])
        elif status != 201:
            raise BenchError(f"mount into {repo}: {status} {content[:300]!r}")
        expect_201(conn, "PUT", f"/v2/{repo}/manifests/latest", [*headers, ("Content-Type", OCI_MANIFEST)], manifest)

    return latencies(push, items, limit)


def push_from_clients(b, push, repo, headers, items, limit):
    """The items dealt out to 8 clients; how many went through, how fast."""
    seconds, got = together([(push, b.options.base, repo, headers, items[i::CLIENTS], limit) for i in range(CLIENTS)])
    times = sorted(t for times in got for t in times)
    return {"count": len(times), "per_s": round(len(times) / seconds, 1), "p50_ms": round(times[len(times) // 2] * 1000, 2),
            "p99_ms": round(times[int(len(times) * .99)] * 1000, 2)}


def populate(b, push, repo, headers, items):
    """Fills the server once: not repeated, as the second time would find everything there."""
    b.patience.wait_for_quiet()
    r = {}
    with Watch(b.server, r):
        r.update(push_from_clients(b, push, repo, headers, items, b.options.populate_limit))
    b.patience.results.append(r)
    if r["count"] < len(items):
        raise BenchError(f"only {r['count']} of {len(items)} stored in {b.options.populate_limit} s")
    return r


def measure_small(b):
    headers = b.client.sign_in_to_push("bench/small")
    runs = []
    for _ in range(b.options.reps):
        def run():
            blobs = [os.urandom(4096) for _ in range(SMALL_PUSHES)]
            os.sync()
            return push_from_clients(b, push_blobs, "bench/small", headers, blobs, 120)
        runs.append(b.watched(run))
    log("small pushes", [r["per_s"] for r in runs])
    return median_of(runs, "per_s")


def rates_from(output, pattern, tool):
    found = re.search(pattern, output)
    if not found:
        raise BenchError(f"{tool} says {output[-500:]!r}")
    return float(found.group(1))


def header_arguments(headers):
    return [x for k, v in headers for x in ("-H", f"{k}: {v}")]


def wrk(url, headers, seconds, connections=64):
    o = subprocess.run(["wrk", "-t2", f"-c{connections}", f"-d{seconds}s", "--latency", *header_arguments(headers), url],
                       capture_output=True, text=True, timeout=seconds + 60).stdout
    if bad := re.search(r"Non-2xx or 3xx responses: \d+|Socket errors: .*", o):
        raise BenchError(f"GET {url}: {bad.group(0)}")
    r = {"rps": rates_from(o, r"Requests/sec:\s+([\d.]+)", "wrk")}
    if p99 := re.search(r"^\s+99%\s+([\d.]+)(us|ms|s)", o, re.M):
        r["p99_ms"] = round(float(p99.group(1)) * {"us": .001, "ms": 1, "s": 1000}[p99.group(2)], 3)
    return r


def ab_head(url, headers, seconds):
    # -n after -t lifts the cap of 50,000 requests that -t brings.
    o = subprocess.run(["ab", "-q", "-i", "-k", "-c", "64", "-t", str(seconds), "-n", "10000000", *header_arguments(headers), url],
                       capture_output=True, text=True, timeout=seconds + 60).stdout
    if bad := re.search(r"(Non-2xx responses|Failed requests):\s+[1-9]\d*", o):
        raise BenchError(f"HEAD {url}: {bad.group(0)}")
    return {"rps": rates_from(o, r"Requests per second:\s+([\d.]+)", "ab")}


def measure_manifest(b):
    c, repo = b.client, "bench/app"
    content = random.Random(7)
    c.sign_in_to_push(repo)
    config = c.put_blob(repo, CONFIG)
    layers = [c.put_blob(repo, content.randbytes(4096)) for _ in range(10)]
    manifest = json.dumps({
        "schemaVersion": 2, "mediaType": OCI_MANIFEST,
        "config": {"mediaType": OCI_CONFIG, "digest": config, "size": len(CONFIG)},
        "layers": [{"mediaType": OCI_LAYER, "digest": d, "size": 4096} for d in layers],
        "annotations": {"org.opencontainers.image.title": "bench"}}, indent=3).encode()
    c.put_manifest(repo, "latest", manifest, OCI_MANIFEST)
    by_tag, by_digest, blob = f"/v2/{repo}/manifests/latest", f"/v2/{repo}/manifests/{sha256(manifest)}", blob_path(repo, layers[0])
    out = {"manifest_bytes": len(manifest)}
    for name, tool, path in (("get_tag", wrk, by_tag), ("get_digest", wrk, by_digest), ("get_blob_4k", wrk, blob), ("ping", wrk, "/v2/"),
                             ("head_tag", ab_head, by_tag), ("head_digest", ab_head, by_digest), ("head_blob", ab_head, blob)):
        method = "HEAD" if tool is ab_head else "GET"
        accept = [("Accept", OCI_MANIFEST)] if "/manifests/" in path else []
        headers = c.sign_in("ping" if name == "ping" else "pull:" + repo, path, method, accept)
        tool(b.options.base + path, headers, b.options.warm_up)
        out[name] = b.watched(lambda: tool(b.options.base + path, headers, b.options.seconds))
        log(name, out[name]["rps"])
    return out


# ------------------------------------------------------------------------------------------------ long lists
def entries(body):
    found = json.loads(body)
    return len(found.get("tags") or found.get("repositories") or [])


def time_page(c, kind, path, want, ignored=None, times=5):
    """A page of so many entries; a server that ignores n answers with ignored."""
    runs = []
    for _ in range(times):
        t = time.perf_counter()
        _, body = c.expect(200, kind, "GET", path)
        runs.append((time.perf_counter() - t) * 1000)
    if entries(body) not in (want, ignored):
        raise BenchError(f"{path}: {entries(body)} entries instead of {want}")
    return {"ms": round(statistics.median(runs), 2), "entries": entries(body)}


def time_walk(c, kind, path, want):
    """Follows the Link headers to the end."""
    t, found, pages = time.perf_counter(), 0, 0
    while path and pages < 10000:
        got, body = c.expect(200, kind, "GET", path)
        found += entries(body)
        pages += 1
        link = re.search(r"<([^>]+)>", got.get("link", ""))
        path = relative(urllib.parse.urljoin(c.base + path, link.group(1))) if link else None
    if found != want:
        raise BenchError(f"the pages hold {found} entries instead of {want}")
    return {"ms": round((time.perf_counter() - t) * 1000, 1), "pages": pages}


def measure_list(b, kind, path, whole, middle, count):
    """One list of count entries: whole, in pages, and the rate of small pages; middle is the name in its middle."""
    c, out = b.client, {}
    headers = c.sign_in(kind, path + "?n=1")
    b.patience.wait_for_quiet()
    page = min(100, count // 3)
    out["whole"] = time_page(c, kind, path + whole, count)
    out["first_page"] = time_page(c, kind, f"{path}?n={page}", page, count)
    out["middle_page"] = time_page(c, kind, f"{path}?n={page}&last={middle}", page, count)
    out["pages"] = out["first_page"]["entries"] == page
    out["walk"] = time_walk(c, kind, f"{path}?n=1000", count)
    out["page_rate"] = b.watched(lambda: wrk(f"{b.options.base}{path}?n={page}", headers, b.options.seconds, CLIENTS))
    log({k: v.get("ms", v.get("rps")) for k, v in out.items() if k != "pages"})
    return out


def measure_tags(b):
    repo, count = "bench/tags", b.options.tags
    headers = b.client.sign_in_to_push(repo)
    items = [(f"v{i:05d}", json.dumps({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": [],
                                       "annotations": {"bench": str(i)}}).encode()) for i in range(count)]
    random.Random(1).shuffle(items)
    populated = populate(b, push_manifests, repo, headers, items)
    log("tags", populated["per_s"], "a second")
    return {"populate": populated} | measure_list(b, "pull:" + repo, f"/v2/{repo}/tags/list", "", f"v{count // 2:05d}", count)


def measure_catalog(b):
    c, source, count = b.client, "bench/source", b.options.repositories
    before = entries(c.expect(200, "catalog", "GET", "/v2/_catalog?n=1000")[1])
    c.sign_in_to_push(source)
    digest = c.put_blob(source, CONFIG)
    layer = {"digest": digest, "size": len(CONFIG)}
    # Names of several parts in two registries, more than one page of the catalog in each.
    names = [f"cat{i * 2 // count}/group{i // 100:03d}/app{i:05d}" for i in range(count)]
    items = [(name, json.dumps({"schemaVersion": 2, "mediaType": OCI_MANIFEST, "config": {"mediaType": OCI_CONFIG} | layer,
                                "layers": [{"mediaType": OCI_LAYER} | layer], "annotations": {"bench": name}}).encode()) for name in names]
    random.Random(2).shuffle(items)
    populated = populate(b, push_images, source, c.basic_headers(), items)
    log("repositories", populated["per_s"], "a second")
    listed = entries(c.expect(200, "catalog", "GET", f"/v2/_catalog?n={count + before + 100}")[1])
    if not count <= listed <= count + before + 1:  # the source itself shows where a blob alone makes a repository
        raise BenchError(f"the catalog holds {listed} repositories after {count} were added to {before}")
    return {"populate": populated} | measure_list(b, "catalog", "/v2/_catalog", f"?n={listed}", names[count // 2], listed)


# ------------------------------------------------------------------------------------------------ the run
SECTIONS = {"push": measure_push, "get": measure_get, "tls": measure_tls, "docker": measure_docker, "manifest": measure_manifest, "small": measure_small,
            "tags": measure_tags, "catalog": measure_catalog}
ALL_SECTIONS = ["startup", *SECTIONS, "restart"]


def options():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("base", help="http://127.0.0.1:port")
    p.add_argument("--start", required=True, help="the server's command: started, watched and stopped here")
    p.add_argument("--env", action="append", default=[], metavar="NAME=VALUE", help="added to the server's environment")
    p.add_argument("--folder", help="the server's working folder")
    p.add_argument("--user", default=os.environ.get("BENCH_USER"), help="name:password")
    p.add_argument("--only", default=",".join(ALL_SECTIONS))
    p.add_argument("--blob-mib", type=int, default=1024)
    p.add_argument("--image-mib", type=int, default=500, help="the image that docker pushes and pulls")
    p.add_argument("--tls-start", help="the server's command with a certificate, on the same data")
    p.add_argument("--tls-base", help="https://127.0.0.1:port")
    p.add_argument("--reps", type=int, default=2, help="times that pushes, pulls and small pushes are measured")
    p.add_argument("--seconds", type=int, default=6, help="of each rate")
    p.add_argument("--warm-up", type=int, default=3, help="seconds of warming up before each rate")
    p.add_argument("--tags", type=int, default=10000)
    p.add_argument("--repositories", type=int, default=10000)
    p.add_argument("--starts", type=int, default=5)
    p.add_argument("--populate-limit", type=float, default=300, help="seconds at most for making tags or repositories")
    p.add_argument("--patience", type=float, default=120, help="seconds in all to wait for other programs and repeat what they disturbed")
    p.add_argument("--cache", default=tempfile.gettempdir(), help="folder for the file that is pushed")
    p.add_argument("--server-log", default=os.devnull)
    p.add_argument("--out", required=True)
    o = p.parse_args()
    o.base = o.base.rstrip("/")
    o.only = o.only.split(",")
    if unknown := set(o.only) - set(ALL_SECTIONS):
        p.error(f"no such section: {', '.join(sorted(unknown))}; there are {' '.join(ALL_SECTIONS)}")
    return o


def measure(o, server):
    res = {"errors": []}
    first = server.start()
    if "startup" in o.only:
        res["startup"] = {"empty_folder_ms": round(first, 1)} | start_again(server, o.starts)
    b = Bench(o, server)
    b.client.sign_in("ping", "/v2/")
    time.sleep(3)
    res["idle_mib"] = server.memory_mib()
    for name in SECTIONS:
        if name in o.only:
            log("==", name)
            try:
                res[name] = SECTIONS[name](b)
            except (BenchError, OSError, subprocess.SubprocessError, ValueError, KeyError) as e:
                res["errors"].append(f"{name}: {type(e).__name__} {e}")
                log("FAILED", res["errors"][-1])
                b.client = Client(o.base, o.user)
                b.client.sign_in("ping", "/v2/")
    time.sleep(3)
    res["end_mib"] = server.memory_mib()
    res["peak_mib"] = max([server.memory_mib("VmHWM"), *(r["peak_rss_mib"] for r in b.patience.results)])
    if "restart" in o.only:
        res["restart"] = start_again(server, min(3, o.starts))
        time.sleep(2)
        res["restart"]["idle_mib"] = server.memory_mib()
    res["measured"], res["disturbed"] = len(b.patience.results), sum(r["disturbed"] for r in b.patience.results)
    res["auth"] = b.client.flow
    if b.client.token_seconds:
        res["token_ms"] = round(statistics.median(b.client.token_seconds) * 1000, 2)
    return res


def main():
    o = options()
    stop_on_signals()
    server = Server(o.start, o.base, o.server_log, dict(x.split("=", 1) for x in o.env), o.folder)
    try:
        res = measure(o, server)
    finally:
        server.stop()
    with open(o.out, "w") as f:
        json.dump(res, f, indent=1)


if __name__ == "__main__":
    main()
