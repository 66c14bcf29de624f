#!/usr/bin/env python3
"""Whether NCR stays as fast when it has grown: a server with a million tags beside one that is almost empty. See README.md beside this file.

  growth.py [--tags 1000000] [--artifacts 100000] [--images 10000] [--rounds 5] [--bar 20]

What is there is written straight into the database, as the server itself would have written it. Ends with 1 when a figure is worse by more than the bar.
"""
import argparse
import collections
import hashlib
import json
import os
import random
import re
import sqlite3
import statistics
import sys
import threading
import time

from ncr import BASIC, Ncr, Work, find_app
from registry_client import BenchError, Conn, blob_path, relative, sha256, upload_path, with_digest
from server import log, stop_on_signals

OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
OCI_CONFIG = "application/vnd.oci.image.config.v1+json"
OCI_LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"
REGISTRIES = [f"grow{i}" for i in range(4)]
SMALL = {"tags": 2000, "artifacts": 200, "images": 20}
CONFIG = b"{}"
WHEN = "2026-01-01 00:00:00"


def image_name(i):
    return f"{REGISTRIES[i % len(REGISTRIES)]}/team{i // 100:04}/app{i:06}"


def blob(i):
    return CONFIG if i == 0 else b"growth, layer %010d" % i


def manifest(serial, layer=None):
    layers = [{"mediaType": OCI_LAYER, "digest": sha256(layer), "size": len(layer)}] if layer else []
    return json.dumps({"schemaVersion": 2, "mediaType": OCI_MANIFEST, "config": {"mediaType": OCI_CONFIG, "digest": sha256(CONFIG), "size": len(CONFIG)},
                       "layers": layers, "annotations": {"org.example.serial": f"{serial:012}"}}).encode()


class Seed:
    """Images with artifacts and tags; image 0 has a tenth of all tags. Each artifact has a layer of its own, and all have one config in common."""

    def __init__(self, tags, artifacts, images):
        self.tags, self.artifacts, self.images = tags, artifacts, images
        self.in_first = tags // 10

    def artifacts_of(self, image):
        return range(image, self.artifacts, self.images)

    def tag(self, n):
        """(image, artifact, name) of tag n."""
        if n < self.in_first:
            mine = self.artifacts_of(0)
            return 0, mine[n % len(mine)], f"v{n:07}"
        artifact = n % self.artifacts
        return artifact % self.images, artifact, f"v{n:07}"

    def write(self, data):
        db = sqlite3.connect(os.path.join(data, "ncr.db"))
        db.execute("PRAGMA foreign_keys=OFF")
        db.execute("PRAGMA synchronous=OFF")
        registries = dict(db.execute("SELECT Name, Id FROM Registries"))
        registry_of = [registries[image_name(i).split("/")[0]] for i in range(self.images)]
        self.write_content(data)
        db.executemany("INSERT INTO Blobs (Id, Digest, Size, Location, CreatedAt) VALUES (?, ?, ?, ?, ?)",
                       ((i + 1, sha256(blob(i)), len(blob(i)), self.location(i), WHEN) for i in range(self.artifacts + 1)))
        db.executemany("INSERT INTO Images (Id, RegistryId, Name, CreatedAt, PushedAt, PullCount, ArtifactCount, TagCount, Size) VALUES (?, ?, ?, ?, ?, 0, 0, 0, 0)",
                       ((i + 1, registry_of[i], image_name(i), WHEN, WHEN) for i in range(self.images)))
        payloads = (manifest(a, blob(a + 1)) for a in range(self.artifacts))
        digests = []

        def rows():
            for a, payload in enumerate(payloads):
                digest = sha256(payload)
                digests.append(digest)
                yield digest, payload
        db.executemany("INSERT INTO Manifests (Digest, Payload) VALUES (?, ?)", rows())
        length = len(manifest(0, blob(1)))
        db.executemany("""INSERT INTO Artifacts (Id, ImageId, Digest, MediaType, Type, ArtifactTypeName, ManifestSize, Size, PushedAt, PushedBy, PullCount, Annotations)
                          VALUES (?, ?, ?, ?, 'Image', ?, ?, ?, ?, 'admin', 0, ?)""",
                       ((a + 1, a % self.images + 1, digests[a], OCI_MANIFEST, OCI_CONFIG, length, length + len(CONFIG) + len(blob(1)), WHEN,
                         '{"org.example.serial":"%012d"}' % a) for a in range(self.artifacts)))
        for table, columns, pick in (("ArtifactBlobs", "ArtifactId, BlobId, ImageId, RegistryId", lambda a, b: (a + 1, b + 1, a % self.images + 1, registry_of[a % self.images])),
                                     ("ImageBlobs", "ImageId, BlobId, UsedAt", lambda a, b: (a % self.images + 1, b + 1, WHEN))):
            db.executemany(f"INSERT OR IGNORE INTO {table} ({columns}) VALUES ({','.join('?' * (columns.count(',') + 1))})",
                           (pick(a, b) for a in range(self.artifacts) for b in (0, a + 1)))
        tags = [self.tag(n) for n in range(self.tags)]
        db.executemany("INSERT INTO Tags (ImageId, Name, ArtifactId, PushedAt, PushedBy) VALUES (?, ?, ?, ?, 'admin')", ((i + 1, name, a + 1, WHEN) for i, a, name in tags))
        db.executemany("INSERT INTO Events (Type, At, Actor, Address, Registry, Image, Tag, Digest) VALUES ('artifact.push', ?, 'admin', '127.0.0.1', ?, ?, ?, ?)",
                       ((WHEN, image_name(i).split("/")[0], image_name(i), name, digests[a]) for i, a, name in tags))
        db.executemany("UPDATE Images SET ArtifactCount = ?, TagCount = ?, Size = ? WHERE Id = ?", self.image_figures(tags, length))
        db.execute("""UPDATE Registries SET ImageCount = (SELECT COUNT(*) FROM Images i WHERE i.RegistryId = Registries.Id),
                      Size = (SELECT SUM(Size) - (COUNT(*) - 1) * ? FROM Images i WHERE i.RegistryId = Registries.Id)""", (len(CONFIG),))
        db.commit()
        if found := db.execute("PRAGMA foreign_key_check").fetchall():
            raise BenchError(f"the seed is wrong: {found[:3]}")
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        db.close()
        self.digests = digests

    def image_figures(self, tags, length):
        count = collections.Counter(image for image, _, _ in tags)
        for image in range(self.images):
            artifacts = len(self.artifacts_of(image))
            yield artifacts, count[image], artifacts * (length + len(blob(1))) + len(CONFIG), image + 1

    @staticmethod
    def location(i):
        name = hashlib.sha256(b"location %d" % i).hexdigest()[:40]
        return f"{name[:2]}/{name}"

    def write_content(self, data):
        for i in range(self.artifacts + 1):
            with open(os.path.join(data, "blobs", self.location(i)), "wb") as f:
                f.write(blob(i))


class Side:
    """One of the two servers."""

    def __init__(self, name, app, work, seed):
        self.name, self.seed = name, seed
        self.server = Ncr(app, work.folder(name), work.folder(name + ".log"), REGISTRIES)
        self.server.start()
        self.server.stop()
        began = time.monotonic()
        seed.write(work.folder(name))
        log(f"{name}: {seed.tags:,} tags, {seed.artifacts:,} artifacts, {seed.images:,} images seeded in {time.monotonic() - began:.0f} s, "
            f"database {os.path.getsize(os.path.join(work.folder(name), 'ncr.db')) / (1 << 20):.0f} MiB")
        self.random, self.serial = random.Random(1), 0
        hot = [self.random.randrange(seed.tags) for _ in range(50)]
        self.hot = [seed.tag(n) for n in hot]

    def paths(self, kind, tags):
        for image, artifact, name in tags:
            repo = image_name(image)
            yield {"tag": f"/v2/{repo}/manifests/{name}", "digest": f"/v2/{repo}/manifests/{self.seed.digests[artifact]}",
                   "blob": blob_path(repo, sha256(blob(artifact + 1)))}[kind]

    def rate(self, method, paths, count):
        """Requests a second on one connection, sent one behind the other without waiting: the client costs next to nothing."""
        conn = Conn(self.server.base)
        conn.connect()
        paths = list(paths)
        requests = [conn.head(method, p, [BASIC, ("Accept", "*/*")]) for p in paths]
        began, done = time.perf_counter(), 0
        while done < count:
            burst = [requests[(done + i) % len(requests)] for i in range(min(50, count - done))]
            conn.socket.sendall(b"".join(burst))
            self.swallow(conn, len(burst), method)
            done += len(burst)
        taken = time.perf_counter() - began
        conn.close()
        return count / taken

    @staticmethod
    def swallow(conn, answers, method):
        have = b""
        while True:
            data = conn.socket.recv(1 << 20)
            if not data:
                raise BenchError("the server closed the connection")
            have += data
            if have.count(b"HTTP/1.1 ") < answers or b"\r\n\r\n" not in have[have.rindex(b"HTTP/1.1 "):]:
                continue
            head, body = have[have.rindex(b"HTTP/1.1 "):].split(b"\r\n\r\n", 1)
            length = re.search(rb"content-length: (\d+)", head, re.I)
            if method == "HEAD" or (length and len(body) >= int(length.group(1))) or (not length and body.endswith(b"0\r\n\r\n")):
                break
        statuses = set(re.findall(rb"HTTP/1.1 (\d+)", have))
        if statuses != {b"200"}:
            raise BenchError(f"answers with {statuses}: {have[:600]!r}")

    def parallel(self, work, count, clients=4):
        """Pieces of work a second."""
        errors, began = [], time.perf_counter()

        def run(n):
            conn, mine = Conn(self.server.base), random.Random(f"{self.serial} {n}")
            try:
                for i in range(count // clients):
                    work(conn, mine, self.serial + n * count + i)
            except Exception as e:
                errors.append(e)
            conn.close()
        threads = [threading.Thread(target=run, args=(n,)) for n in range(clients)]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
        self.serial += (clients + 1) * count
        if errors:
            raise errors[0]
        return count / (time.perf_counter() - began)

    def push_tag(self, conn, mine, serial):
        repo = image_name(mine.randrange(self.seed.images))
        status, _, body = conn.request("PUT", f"/v2/{repo}/manifests/new-{serial}", [BASIC, ("Content-Type", OCI_MANIFEST)], manifest(10**9 + serial))
        if status != 201:
            raise BenchError(f"a push answers {status}: {body[:300]!r}")

    def push_blob(self, conn, mine, serial):
        repo, data = image_name(mine.randrange(self.seed.images)), b"%020d" % serial + bytes(4076)
        status, headers, _ = conn.request("POST", upload_path(repo), [BASIC])
        status, _, body = conn.request("PUT", with_digest(relative(headers["location"]), sha256(data)), [BASIC], data)
        if status != 201:
            raise BenchError(f"a push answers {status}: {body[:300]!r}")

    def any_tags(self, count):
        """Each another one, and none of the image with the many tags."""
        return [self.seed.tag(n) for n in self.random.sample(range(self.seed.in_first, self.seed.tags), count)]

    def figures(self, quick):
        first = image_name(0)
        middle = f"v{self.seed.in_first // 2:07}"
        n = 1 if quick else 2
        yield "Manifest GET by tag", "/s", lambda: self.rate("GET", self.paths("tag", self.hot), 10_000 * n)
        yield "Manifest GET by digest", "/s", lambda: self.rate("GET", self.paths("digest", self.hot), 10_000 * n)
        yield "Manifest HEAD by tag", "/s", lambda: self.rate("HEAD", self.paths("tag", self.hot), 10_000 * n)
        yield "Blob HEAD", "/s", lambda: self.rate("HEAD", self.paths("blob", self.hot), 10_000 * n)
        yield "Blob GET", "/s", lambda: self.rate("GET", self.paths("blob", self.hot), 10_000 * n)
        yield "Tags of one image, first page of 100", "/s", lambda: self.rate("GET", [f"/v2/{first}/tags/list?n=100"], 500 * n)
        yield "Tags of one image, page of 100 from the middle", "/s", lambda: self.rate("GET", [f"/v2/{first}/tags/list?n=100&last={middle}"], 500 * n)
        yield "Catalog, first page of 20", "/s", lambda: self.rate("GET", ["/v2/_catalog?n=20"], 1000 * n)
        yield "Manifests pushed with a new tag, 4 clients", "/s", lambda: self.parallel(self.push_tag, 300 * n)
        yield "Blobs of 4 KiB pushed, 4 clients", "/s", lambda: self.parallel(self.push_blob, 200 * n)

    def first_touch(self, warm):
        """Manifests that nobody asked for since the start."""
        self.rate("GET", self.paths("tag", [self.seed.tag(n) for n in range(min(self.seed.in_first, 200))]), 2000 if warm else 200)
        tags = self.any_tags(1500)
        return self.rate("GET", self.paths("tag", tags), len(tags))


def measure(sides, options):
    """{name: (unit, [values of the one], [values of the other])}."""
    found = {}

    def add(name, unit, side, value):
        found.setdefault(name, (unit, [[], []]))[1][side].append(value)

    for turn in range(options.starts):
        for i in (0, 1) if turn % 2 else (1, 0):
            side = sides[i]
            add("First answer after the start", "ms", i, side.server.start())
            add("Manifest GET by tag, each for the first time", "/s", i, side.first_touch(True))
            add("Memory", "MiB", i, side.server.memory_mib())
            side.server.stop()
    for side in sides:
        side.server.start()
        for _ in range(3):  # Until the code is compiled as well as it gets.
            for name, unit, run in side.figures(True):
                run()
    for turn in range(options.rounds):
        log(f"round {turn + 1} of {options.rounds}")
        for both in zip(*(side.figures(False) for side in sides)):
            for i in (0, 1) if turn % 2 else (1, 0):
                name, unit, run = both[i]
                add(name, unit, i, run())
    for i, side in enumerate(sides):
        add("Memory after all", "MiB", i, side.server.memory_mib())
        side.server.stop()
    return found


def table(found, seeds, bar):
    """Prints it; the figures that are worse than the bar."""
    small, large = (f"{s.tags:,} tags, {s.artifacts:,} artifacts, {s.images:,} images" for s in seeds)
    print(f"| Work | Unit | {small} | {large} | Grown to small |\n|---|---|---:|---:|---:|")
    slow = []
    for name, (unit, (few, many)) in found.items():
        a, b = statistics.median(few), statistics.median(many)
        ratio = b / a if unit == "/s" else a / b
        show = lambda x: f"{x:,.0f}" if x >= 100 else f"{x:.1f}"
        print(f"| {name} | {unit} | {show(a)} | {show(b)} | {ratio:.2f} |")
        if ratio < 1 - bar / 100:
            slow.append(f"{name}: {ratio:.2f}")
    print("\nMedians. A ratio above 1 says that the grown server does better, whether more or less of the unit is better.")
    print(f"Worse by more than {bar:.0f} %: " + ("; ".join(slow) + "." if slow else "nothing."))
    return slow


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tags", type=int, default=1_000_000)
    parser.add_argument("--artifacts", type=int, default=100_000)
    parser.add_argument("--images", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--starts", type=int, default=5)
    parser.add_argument("--bar", type=float, default=20, help="per cent that a figure may be worse (20)")
    options = parser.parse_args()
    stop_on_signals()
    with Work("growth") as work:
        app = find_app(work.path)
        seeds = [Seed(**SMALL), Seed(options.tags, options.artifacts, options.images)]
        sides = []
        try:
            for name, seed in zip(("small", "grown"), seeds):
                sides.append(Side(name, app, work, seed))
            slow = table(measure(sides, options), seeds, options.bar)
        finally:
            for side in sides:
                side.server.kill()
        sys.exit(1 if slow else 0)


if __name__ == "__main__":
    main()
