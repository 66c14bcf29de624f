#!/usr/bin/env python3
"""Kills NCR at random moments and proves that nothing that it promised is lost. See README.md beside this file.

  crash.py [--kills 500] [--seconds-between 0.1-1.6] [--seed N] [--keep]

Clients push, delete and pull at once and remember every answer. Then comes SIGKILL: the data folder is checked as it lies there, the server
is started again, and what it serves is compared with what it had answered. NCR_BENCH_APP names a published folder of Ncr.Web.
"""
import argparse
import collections
import json
import os
import random
import shutil
import sys
import threading
import time

from crash_check import Stopped
from crash_client import Client, Lost, Wire, Wrong
from crash_model import MIB, Contents, Image
from ncr import Ncr, Work, find_app, request
from registry_client import BenchError
from server import log, stop_on_signals

REGISTRIES = ["crash0", "crash1"]
COLLECTING = {"Ncr:Collection:Grace": "00:00:01", "Ncr:Collection:Interval": "00:00:01", "Ncr:Collection:UploadLifetime": "01:00:00", "Ncr:Deletion:RestoreTime": "00:00:00"}
RESTING = COLLECTING | {"Ncr:Collection:Grace": "02:00:00"}
SWEEPING = COLLECTING | {"Ncr:Collection:UploadLifetime": "00:00:01"}


class Harness:
    def __init__(self, options, work, app):
        self.options, self.work = options, work
        self.random = random.Random(options.seed)
        self.contents = Contents(options.seed)
        self.data, self.scratch = work.folder("data"), work.folder("copy")
        self.server = Ncr(app, self.data, work.folder("server.log"), REGISTRIES)
        self.killing, self.faults, self.lock = threading.Event(), [], threading.Lock()
        self.images, self.recent_blobs, self.cancelled = [], collections.deque(maxlen=400), []
        self.added, self.is_collecting, self.is_stale = 0, False, False
        self.shared = self.add_image(f"{REGISTRIES[0]}/shared", True)
        self.clients = [Client(i, self) for i in range(options.clients)]
        self.kills, self.seconds, self.resumed, self.worst_start = collections.Counter(), collections.Counter(), 0, 0

    # --- for the clients --------------------------------------------------------------------------------------------

    def add_image(self, name, is_shared=False):
        self.images.append(Image(name, is_shared))
        return self.images[-1]

    def images_of(self, number):
        return [self.add_image(f"{REGISTRIES[i % 2]}/client{number}/app{i}") for i in range(3)] + [self.shared]

    def fault(self, text):
        with self.lock:
            self.faults.append(text)
        log("FAULT:", text)

    def may_add(self, size):
        with self.lock:
            if self.added + size > self.options.max_gib * 1024 * MIB:
                return False
            self.added += size
            return True

    def may_be_collected(self, image, digest):
        return self.is_stale and not image.is_needed(digest)

    # --- starting and killing ---------------------------------------------------------------------------------------

    def start(self):
        """Starts the server, now and then killed while it starts."""
        self.is_collecting = self.random.random() < 0.5
        self.is_stale = self.is_stale or self.is_collecting
        self.server.configure(COLLECTING if self.is_collecting else RESTING)
        while self.random.random() < 0.12:
            self.kill_while_starting(self.random.uniform(0, 1.2))
        self.worst_start = max(self.worst_start, self.server.start())

    def kill_while_starting(self, seconds):
        killer = threading.Timer(seconds, lambda: self.server.process and self.server.process.kill())
        killer.start()
        try:
            self.server.start()
        except BenchError as e:
            if "ended with -9" not in str(e):
                self.fault(f"the server did not start: {e}")
        killer.join()
        self.server.kill()
        self.kills["while starting"] += 1
        self.check_stopped(whole=False)

    def kill_first_start(self):
        """On an empty folder, where the database and the first user are made; afterwards all of that has to be there."""
        folder, data = self.work.folder("first"), self.server.data
        shutil.rmtree(folder, ignore_errors=True)
        self.server.configure({"Ncr:DataPath": folder})
        for _ in range(self.random.randint(1, 3)):
            killer = threading.Timer(self.random.uniform(0.2, 1.6), lambda: self.server.process and self.server.process.kill())
            killer.start()
            try:
                self.server.start()
            except BenchError as e:
                if "ended with -9" not in str(e):
                    self.fault(f"the server did not start on a folder where its first start was killed: {e}")
            killer.join()
            self.server.kill()
            self.kills["first start"] += 1
        try:
            self.server.start()
            for registry in REGISTRIES:
                status, _, body = request(self.server.base, "POST", f"/v2/{registry}/app/blobs/uploads/")
                if status != 202:
                    self.fault(f"after kills during the first start, an upload to {registry} answers {status}: {body[:300]!r}")
        except BenchError as e:
            self.fault(f"after kills during the first start: {e}")
        self.server.kill()
        shutil.rmtree(folder, ignore_errors=True)
        self.server.configure({"Ncr:DataPath": data})

    def work_until_killed(self):
        self.killing.clear()
        threads = [threading.Thread(target=c.run, daemon=True) for c in self.clients]
        for thread in threads:
            thread.start()
        time.sleep(self.random.uniform(*self.options.seconds_between))
        self.killing.set()
        if self.server.process.poll() is not None:
            self.fault(f"the server ended by itself with {self.server.process.returncode}: {self.server.last_words()}")
        self.server.kill()
        self.kills["at work"] += 1
        for thread in threads:
            thread.join(120)
            if thread.is_alive():
                raise BenchError("a client does not notice that the server is gone")

    # --- checking ---------------------------------------------------------------------------------------------------

    def check_stopped(self, whole=True):
        """The data folder without a server: sound by itself, and all that was promised is in it."""
        if not os.path.exists(os.path.join(self.data, "ncr.db")):
            return
        stopped = Stopped(self.data, self.scratch)
        try:
            for fault in stopped.faults():
                self.fault(f"on the stopped folder: {fault}")
            if whole:
                self.compare(stopped.facts())
        finally:
            stopped.close()

    def compare(self, stored):
        """Each fact is as promised; what was under way has happened as a whole or not at all."""
        open_keys = collections.defaultdict(list)
        for client in self.clients:
            if client.pending:
                for key in client.pending.after:
                    open_keys[client.pending.image.name, key].append(client.pending)
        for client in self.clients:
            self.settle(client, stored)
        known = {image.name for image in self.images}
        for name in stored.keys() - known:
            self.fault(f"there is an image {name} that nobody pushed")
        for image in self.images:
            have = stored.get(image.name, {})
            for key in image.facts.keys() | have.keys():
                want, got = image.get(key), have.get(key)
                if want == got or (image.name, key) in open_keys:
                    continue
                if key[0] == "blob" and not got and self.may_be_collected(image, key[1]):
                    image.apply({key: None})
                    continue
                self.fault(f"{image.name}: {key[0]} {key[1]} is {got or 'not there'}, promised: {want or 'gone'}")
                image.apply({key: got})

    def settle(self, client, stored):
        change, client.pending = client.pending, None
        if not change:
            return
        have = stored.get(change.image.name, {})
        got = {key: have.get(key) for key in change.after}

        # Others may have linked the same blob, and the collector may have taken it.
        fixed = [k for k in got if k[0] != "blob"]
        if any(got[k] != change.before[k] for k in fixed) and any(got[k] != change.after[k] for k in fixed):
            self.fault(f"only a part of a change has happened ({change}): {got}, before: {change.before}, after: {change.after}")
        change.image.apply(got)

    def check_serving(self, whole):
        """What the server serves after its start: all that changed before the crash and some of the rest, or everything."""
        for client in self.clients:
            client.wire = Wire(self.server.base)
            try:
                for image in client.images:
                    if not image.is_shared or client is self.clients[0]:
                        self.check_image(client, image, whole)
                for upload in list(client.uploads):
                    self.resumed += client.resolve_upload(upload)
            except (Lost, Wrong) as e:
                self.fault(str(e))
            finally:
                client.pending = None
                client.wire.close()
        self.check_cancelled()

    def check_image(self, client, image, whole):
        with image.lock:
            fresh, keys, gone = sorted(image.fresh), sorted(image.facts), sorted(image.gone)
            image.fresh = set()
        if whole:
            wanted = keys + self.random.sample(gone, min(200, len(gone)))
        else:
            wanted = fresh + self.random.sample(keys, min(4, len(keys))) + self.random.sample(gone, min(2, len(gone)))
        for key in wanted:
            try:
                client.verify(image, key, largest=5 * MIB if whole != "content" else 1 << 40)
            except Wrong as e:
                self.fault(f"after the crash: {e}")

    def check_cancelled(self):
        wire = Wire(self.server.base)
        for upload in self.cancelled:
            status = wire.exchange("GET", upload.location)[0]
            if status != 404:
                self.fault(f"the upload {upload.location} was cancelled, but answers {status}")
        self.cancelled.clear()
        wire.close()

    def check_end(self):
        """Everything, with all content, and that nothing is left lying about."""
        self.check_serving(whole=False)
        for client in self.clients:
            client.wire = Wire(self.server.base)
            for upload in list(client.uploads):
                client.finish(upload, upload.answered, what="finished at the end")
        self.check_serving("content")
        self.server.kill()
        self.server.configure(SWEEPING)
        self.server.start()
        self.is_collecting = self.is_stale = True
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and os.listdir(os.path.join(self.data, "uploads")):
            time.sleep(0.5)
        time.sleep(3)
        self.server.stop()
        self.check_stopped()
        uploads, contents = self.leftovers()
        log(f"left over by the server: {len(uploads)} uploads, {len(contents)} files without a row")
        if uploads:
            self.fault(f"{len(uploads)} uploads are left after their lifetime, such as {uploads[0]}")
        self.collect_rest()

    def collect_rest(self):
        """What crashes left beside the database is found by a whole round, and nothing but that."""
        time.sleep(2)  # The grace.
        code, out, err = self.server.run_command("collect", "--json")
        if code:
            self.fault(f"the command collect ended with {code}: {err.strip() or out.strip()}")
            return
        _, contents = self.leftovers()
        log(f"the command collect took away {json.loads(out)['orphans']} files without a row")
        if contents:
            self.fault(f"{len(contents)} files without a row are left after the command collect, such as {contents[0]}")
        self.check_stopped()

    def leftovers(self):
        stopped = Stopped(self.data, self.scratch)
        try:
            return stopped.leftovers()
        finally:
            stopped.close()

    # --- the run ----------------------------------------------------------------------------------------------------

    def run(self):
        started, rounds = time.monotonic(), 0
        while sum(self.kills.values()) < self.options.kills and not self.too_bad():
            if rounds % 40 == 0:
                self.timed("first starts", self.kill_first_start)
            self.timed("starting", self.start)
            self.timed("looking at what is served", self.check_serving, rounds % self.options.full_every == self.options.full_every - 1)
            self.timed("at work", self.work_until_killed)
            self.timed("looking at the stopped folder", self.check_stopped)
            self.is_stale = self.is_collecting
            rounds += 1
            if rounds % 25 == 0:
                log(f"{sum(self.kills.values())} kills in {time.monotonic() - started:.0f} s, {self.summary()}")
        if not self.too_bad():
            self.is_collecting = False
            self.server.configure(RESTING)
            self.server.start()
            self.timed("looking at everything", self.check_end)
        for line in self.server.errors()[:20]:
            self.fault(f"in the server's log: {line}")
        self.report(time.monotonic() - started)

    def timed(self, what, run, *arguments):
        began = time.monotonic()
        run(*arguments)
        self.seconds[what] += time.monotonic() - began

    def too_bad(self):
        return len(self.faults) >= 50

    def counts(self):
        total = collections.Counter()
        for client in self.clients:
            total.update(client.counts)
        return total

    def summary(self):
        return f"{sum(self.counts().values()):,} answers, {self.added / MIB / 1024:.1f} GiB made, {len(self.faults)} faults"

    def report(self, seconds):
        kills = sum(self.kills.values())
        print(f"{kills} kills in {seconds / 60:.1f} min (seed {self.options.seed}): " + ", ".join(f"{n} {what}" for what, n in self.kills.most_common()))
        print("Answered: " + ", ".join(f"{n:,} {what}" for what, n in self.counts().most_common()))
        facts = collections.Counter(k[0] for image in self.images for k in image.facts)
        print("At the end: " + ", ".join(f"{facts[k]:,} {k}s" for k in ("blob", "manifest", "tag")) + f"; {self.added / MIB / 1024:.1f} GiB of content made; "
              f"{self.resumed} uploads found again after a crash; slowest start {self.worst_start:.0f} ms; collecting in half of the runs")
        print("Seconds: " + ", ".join(f"{n:.0f} {what}" for what, n in self.seconds.most_common()))
        for fault in self.faults:
            print("FAULT:", fault)
        print("Nothing was lost." if not self.faults else f"{len(self.faults)} faults.")


def span(text):
    low, _, high = text.partition("-")
    return float(low), float(high or low)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=500)
    parser.add_argument("--seconds-between", type=span, default=(0.1, 1.6), metavar="MIN-MAX", help="how long the clients work before the next kill (0.1-1.6)")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 31), help="for what is pushed and when is killed; moments still differ")
    parser.add_argument("--clients", type=int, default=6)
    parser.add_argument("--max-gib", type=float, default=4, help="new content made in all (4); then known content is pushed again")
    parser.add_argument("--full-every", type=int, default=50, metavar="N", help="look at everything through the server after each N kills (50)")
    parser.add_argument("--keep", action="store_true", help="keep the data folder when something failed")
    options = parser.parse_args()
    stop_on_signals()
    with Work("crash", options.keep) as work:
        harness = Harness(options, work, find_app(work.path))
        try:
            harness.run()
        finally:
            harness.server.kill()
            work.failed = bool(harness.faults)
        sys.exit(1 if harness.faults else 0)


if __name__ == "__main__":
    main()
