#!/usr/bin/env python3
"""Measures several servers in turns, each on a fresh folder, and prints their medians with the ratio to the last one.

  compare.py targets.json RESULTS [--rounds 3] [--timeout 1800] [--out FILE] [-- options of bench.py]

targets.json: [{"name": "…", "base": "http://127.0.0.1:…", "start": "command", "data": "folder that is emptied each time",
                "env": {"NAME": "value"}, "folder": "working folder", "tls-start": "command", "tls-base": "https://127.0.0.1:…"}]
"""
import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys

from server import log, stop_on_signals

HERE = os.path.dirname(os.path.abspath(__file__))
UP, DOWN = True, False  # whether more is better

FIGURES = [  # what, where in the JSON (* for the median of a list), unit, whether more is better
    ("Blob pull, 1 connection", "get.connections_1.mib_s", "MiB/s", UP),
    ("Blob pull, 8 connections", "get.connections_8.mib_s", "MiB/s", UP),
    ("Server CPU, 1 connection", "get.connections_1.runs.*.server_cpu_s_per_gib", "s/GiB", DOWN),
    ("Server CPU, 8 connections", "get.connections_8.runs.*.server_cpu_s_per_gib", "s/GiB", DOWN),
    ("Blob pull over TLS, 1 connection", "tls.connections_1.mib_s", "MiB/s", UP),
    ("Blob pull over TLS, 8 connections", "tls.connections_8.mib_s", "MiB/s", UP),
    ("Blob push, one PATCH", "push.patch.mib_s", "MiB/s", UP),
    ("Blob push, chunked transfer as docker", "push.docker.mib_s", "MiB/s", UP),
    ("Blob push, monolithic PUT", "push.monolithic.mib_s", "MiB/s", UP),
    ("Blob push, PATCHes of 5 MiB", "push.chunks.mib_s", "MiB/s", UP),
    ("Server CPU, one PATCH", "push.patch.runs.*.server_cpu_s_per_gib", "s/GiB", DOWN),
    ("Server CPU, chunked transfer", "push.docker.runs.*.server_cpu_s_per_gib", "s/GiB", DOWN),
    ("docker push, 20 layers, 500 MiB", "docker.push_s", "s", DOWN),
    ("docker pull, 20 layers, 500 MiB", "docker.pull_s", "s", DOWN),
    ("Server CPU, docker push and pull", "docker.runs.*.server_cpu_s", "s", DOWN),
    ("Manifest GET by tag", "manifest.get_tag.rps", "/s", UP),
    ("Manifest GET by tag, slowest 1 %", "manifest.get_tag.p99_ms", "ms", DOWN),
    ("Manifest GET by digest", "manifest.get_digest.rps", "/s", UP),
    ("Manifest HEAD by tag", "manifest.head_tag.rps", "/s", UP),
    ("Manifest HEAD by digest", "manifest.head_digest.rps", "/s", UP),
    ("Blob HEAD", "manifest.head_blob.rps", "/s", UP),
    ("Blob GET, 4 KiB", "manifest.get_blob_4k.rps", "/s", UP),
    ("Blob GET, 4 KiB, slowest 1 %", "manifest.get_blob_4k.p99_ms", "ms", DOWN),
    ("GET /v2/", "manifest.ping.rps", "/s", UP),
    ("Small pushes, 1,000 of 4 KiB, 8 clients", "small.per_s", "/s", UP),
    ("Small pushes, slowest 1 %", "small.runs.*.p99_ms", "ms", DOWN),
    ("Tags made in one repository, 8 clients", "tags.populate.per_s", "/s", UP),
    ("Tags, list whole", "tags.whole.ms", "ms", DOWN),
    ("Tags, first page of 100", "tags.first_page.ms", "ms", DOWN),
    ("Tags, page of 100 from the middle", "tags.middle_page.ms", "ms", DOWN),
    ("Tags, all in pages of 1,000", "tags.walk.ms", "ms", DOWN),
    ("Tags, pages of 100, 8 connections", "tags.page_rate.rps", "/s", UP),
    ("Repositories made, 8 clients", "catalog.populate.per_s", "/s", UP),
    ("Catalog, whole", "catalog.whole.ms", "ms", DOWN),
    ("Catalog, first page of 100", "catalog.first_page.ms", "ms", DOWN),
    ("Catalog, page of 100 from the middle", "catalog.middle_page.ms", "ms", DOWN),
    ("Catalog, all in pages of 1,000", "catalog.walk.ms", "ms", DOWN),
    ("Catalog, pages of 100, 8 connections", "catalog.page_rate.rps", "/s", UP),
    ("First answer, empty folder", "startup.empty_folder_ms", "ms", DOWN),
    ("First answer, started again", "startup.first_answer_ms", "ms", DOWN),
    ("First answer, with all the data", "restart.first_answer_ms", "ms", DOWN),
    ("Memory, idle", "idle_mib", "MiB", DOWN),
    ("Memory, after all", "end_mib", "MiB", DOWN),
    ("Memory, at most", "peak_mib", "MiB", DOWN),
    ("Memory, idle, started again with all the data", "restart.idle_mib", "MiB", DOWN),
]


def find(node, path):
    if not path:
        return node
    key, _, rest = path.partition(".")
    if key == "*":
        found = [x for x in (find(child, rest) for child in node) if x is not None]
        return statistics.median(found) if found else None
    return find(node[key], rest) if isinstance(node, dict) and key in node else None


def number(x):
    return f"{x:,.0f}" if x >= 100 else f"{x:.1f}" if x >= 10 else f"{x:.2f}"


def cell(values):
    if not values:
        return "–"
    spread = f" ({number(min(values))}–{number(max(values))})" if len(values) > 1 else ""
    return number(statistics.median(values)) + spread


def table(names, results):
    """The Markdown table. A ratio above 1 always says that the target does better than the last one."""
    peer = names[-1]
    lines = ["| Work | Unit | " + " | ".join(names) + "".join(f" | {n} to {peer}" for n in names[:-1]) + " |",
             "|---|---|" + "---:|" * (2 * len(names) - 1)]
    slow = []
    for what, path, unit, up in FIGURES:
        values = {n: [x for x in (find(r, path) for r in results[n]) if x is not None] for n in names}
        if not any(values.values()):
            continue
        ratios = []
        for n in names[:-1]:
            if not values[n] or not values[peer]:
                ratios.append("–")
                continue
            ours, theirs = statistics.median(values[n]), statistics.median(values[peer])
            better = (ours, theirs) if up else (theirs, ours)
            ratios.append(f"{better[0] / better[1]:.2f}" if better[1] else "–")
            if better[0] < better[1] / 2:
                slow.append(what)
        lines.append(f"| {what} | {unit} | " + " | ".join(cell(values[n]) for n in names) + " | " + " | ".join(ratios) + " |")
    rounds = max(len(r) for r in results.values())
    lines += ["", ("One round. " if rounds == 1 else f"Medians of {rounds} rounds, with the range. ")
              + f"A ratio above 1 says better than {peer}, whether more or less of the unit is better."]
    for n in names:
        for kind in ("tags", "catalog"):
            if any(find(r, kind + ".pages") is False for r in results[n]):
                lines.append(f"{n} ignores `n` for {kind}: its pages are the whole list.")
    if slow:
        lines.append(f"Less than half as good as {peer}: " + "; ".join(slow) + ".")
    for n in names:
        disturbed, measured = (sum(r[k] for r in results[n]) for k in ("disturbed", "measured"))
        if disturbed:
            lines.append(f"{n}: other programs disturbed {disturbed} of {measured} measurements.")
    return "\n".join(lines) + "\n"


def measure(target, out, timeout, extra):
    """One run of bench.py; whether it ended well."""
    shutil.rmtree(target["data"], ignore_errors=True)
    os.makedirs(target["data"])
    os.sync()
    cmd = [sys.executable, f"{HERE}/bench.py", target["base"], "--start", target["start"], "--out", out,
           "--server-log", out.removesuffix(".json") + ".log", *extra]
    for k, v in target.get("env", {}).items():
        cmd += ["--env", f"{k}={v}"]
    for option in ("tls-start", "tls-base"):
        if option in target:
            cmd += ["--" + option, target[option]]
    if "folder" in target:
        cmd += ["--folder", target["folder"]]
    user = {"BENCH_USER": target["user"]} if "user" in target else {}
    process = subprocess.Popen(cmd, env=os.environ | user)
    try:
        return process.wait(timeout) == 0
    except subprocess.TimeoutExpired:
        log(target["name"], "not done in", timeout, "s")
        return False
    finally:
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(40)
            except subprocess.TimeoutExpired:
                process.kill()  # the server dies with it
                process.wait()
        shutil.rmtree(target["data"], ignore_errors=True)


def main():
    argv, extra = sys.argv[1:], []
    if "--" in argv:
        argv, extra = argv[:argv.index("--")], argv[argv.index("--") + 1:]
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("targets")
    p.add_argument("results")
    p.add_argument("--rounds", type=int, default=3)
    p.add_argument("--timeout", type=int, default=1800, help="seconds at most for one server in one round")
    p.add_argument("--note", default="", help="a line above the table")
    p.add_argument("--out", help="file for the table")
    o = p.parse_args(argv)
    stop_on_signals()
    with open(o.targets) as f:
        targets = json.load(f)
    names = [t["name"] for t in targets]
    results, errors = {n: [] for n in names}, []
    for number in range(1, o.rounds + 1):
        for t in targets if number % 2 else reversed(targets):
            log(f"==== round {number} of {o.rounds}: {t['name']}")
            out = os.path.join(o.results, f"{t['name']}-{number}.json")
            if not measure(t, out, o.timeout, extra):
                errors.append(f"{t['name']}, round {number}: gave no figures")
                continue
            with open(out) as f:
                results[t["name"]].append(json.load(f))
            errors += [f"{t['name']}, round {number}: {e}" for e in results[t["name"]][-1]["errors"]]
    text = (o.note + "\n\n" if o.note else "") + table(names, results) + "".join(f"FAILED: {e}\n" for e in errors)
    print(text, end="")
    if o.out:
        with open(o.out, "w") as f:
            f.write(text)
    sys.exit(1 if errors else 0)


if __name__ == "__main__":
    main()
