#!/usr/bin/env python3
"""Shows that the cost of collection follows the garbage: the time to collect the same blobs, with few and with many others kept.

    dotnet publish Ncr.Web -c Release -r linux-x64 --self-contained false -o /tmp/ncr-app
    bench/collect.py --app /tmp/ncr-app

What is kept is written straight into the database (no content); the garbage has files.
"""
import argparse
import os
import pathlib
import shutil
import sqlite3
import statistics
import subprocess
import tempfile
import time
import urllib.request
import uuid

PORT = 15980


def start(app, folder, collecting):
    command = ["dotnet", str(pathlib.Path(app) / "Ncr.Web.dll"), "--urls", f"http://127.0.0.1:{PORT}", f"--Ncr:DataPath={folder}",
               "--Ncr:Setup:User=admin", "--Ncr:Setup:Password=correct horse", "--Ncr:Setup:Registries=team", "--Ncr:Deletion:RestoreTime=00:00:00",
               "--Logging:LogLevel:Default=Error", "--Ncr:Collection:Pace=1000000",
               "--Ncr:Collection:Grace=00:00:01" if collecting else "--Ncr:Collection:Grace=1.00:00:00",
               "--Ncr:Collection:Interval=00:00:01" if collecting else "--Ncr:Collection:Interval=1.00:00:00"]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT)
    for _ in range(600):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{PORT}/v2/", timeout=1)
        except urllib.error.HTTPError:
            return server
        except OSError:
            if server.poll() is not None:
                raise SystemExit("The server did not start.")
            time.sleep(0.1)
    raise SystemExit("The server does not answer.")


def stop(server):
    server.terminate()
    server.wait(60)


def seed(folder, kept, garbage):
    """An image for each 1,000 blobs, an artifact for each 10. The garbage is linked to the first image."""
    db = sqlite3.connect(folder / "ncr.db")
    db.execute("PRAGMA synchronous=OFF")
    old = "2026-01-01 00:00:00"
    registry = db.execute("SELECT Id FROM Registries").fetchone()[0]
    images = max(1, kept // 1000)
    db.executemany('INSERT INTO Images (Id, RegistryId, Name, CreatedAt, PushedAt, PullCount, ArtifactCount, TagCount, Size) VALUES (?, ?, ?, ?, ?, 0, 0, 0, 0)',
                   ((i, registry, f"team/image-{i}", old, old) for i in range(1, images + 1)))
    db.executemany('INSERT INTO Artifacts (Id, ImageId, Digest, MediaType, Type, ManifestSize, Size, PushedAt, PushedBy, PullCount) VALUES (?, ?, ?, ?, ?, 0, 0, ?, ?, 0)',
                   ((a, 1 + (a * 10) // 1000 % images, f"sha256:{a:064x}", "application/vnd.oci.image.manifest.v1+json", "ContainerImage", old, "bench") for a in range(1, kept // 10 + 2)))
    image_of = dict(db.execute("SELECT Id, ImageId FROM Artifacts"))

    def blobs():
        for b in range(1, kept + 1):
            yield b, f"sha256:{b:064x}", f"00/{b:040x}"

    db.executemany('INSERT INTO Blobs (Id, Digest, Size, Location, CreatedAt) VALUES (?, ?, 4096, ?, ?)', ((*b, old) for b in blobs()))
    db.executemany('INSERT INTO ImageBlobs (ImageId, BlobId, UsedAt) VALUES (?, ?, ?)', ((image_of[b // 10 + 1], b, old) for b in range(1, kept + 1)))
    db.executemany('INSERT INTO ArtifactBlobs (ArtifactId, BlobId, ImageId, RegistryId) VALUES (?, ?, ?, ?)', ((b // 10 + 1, b, image_of[b // 10 + 1], registry) for b in range(1, kept + 1)))
    for n in range(garbage):
        name = uuid.uuid4().hex + "00000000"
        (folder / "blobs" / name[:2] / name).write_bytes(os.urandom(4096))
        b = kept + 1 + n
        db.execute('INSERT INTO Blobs (Id, Digest, Size, Location, CreatedAt) VALUES (?, ?, 4096, ?, ?)', (b, f"sha256:{b:064x}", f"{name[:2]}/{name}", old))
        db.execute('INSERT INTO ImageBlobs (ImageId, BlobId, UsedAt) VALUES (1, ?, ?)', (b, old))
        db.execute('INSERT INTO BlobCandidates (BlobId, ImageId, QueuedAt) VALUES (?, 1, ?)', (b, old))
    db.commit()
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()


def measure(app, kept, garbage):
    folder = pathlib.Path(tempfile.mkdtemp(prefix="ncr-collect-"))
    try:
        stop(start(app, folder, collecting=False))
        seed(folder, kept, garbage)
        server = start(app, folder, collecting=True)
        try:
            db = sqlite3.connect(f"file:{folder / 'ncr.db'}?mode=ro", uri=True)
            for _ in range(600):
                row = db.execute('SELECT SUM(Blobs), SUM((julianday(EndedAt) - julianday(StartedAt)) * 86400000) FROM CollectionRuns').fetchone()
                left = db.execute("SELECT COUNT(*) FROM DiscardedContent").fetchone()[0]
                if row[0] == garbage and left == 0:
                    break
                time.sleep(0.1)
            else:
                raise SystemExit(f"Not collected: {row}, {left} files left.")
            if db.execute("SELECT COUNT(*) FROM Blobs").fetchone()[0] != kept:
                raise SystemExit("It took what is needed.")
            db.close()
            return row[1]
        finally:
            stop(server)
    finally:
        shutil.rmtree(folder)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--app", required=True, help="folder of the published Ncr.Web")
    parser.add_argument("--kept", default="1000,1000000", help="numbers of blobs kept, with commas")
    parser.add_argument("--garbage", type=int, default=1000, help="blobs to collect")
    parser.add_argument("--rounds", type=int, default=3)
    args = parser.parse_args()
    sizes = [int(n) for n in args.kept.split(",")]
    times = {n: [] for n in sizes}
    for _ in range(args.rounds):
        for n in sizes:
            times[n].append(measure(args.app, n, args.garbage))
    print(f"| Blobs kept | Collecting {args.garbage:,}, ms (median of {args.rounds}) | Range |\n|---:|---:|---:|")
    for n in sizes:
        print(f"| {n:,} | {statistics.median(times[n]):.0f} | {min(times[n]):.0f}–{max(times[n]):.0f} |")


if __name__ == "__main__":
    main()
